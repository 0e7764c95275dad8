"""Text messages that smstools put into a folder: read once, answered if asked, removed.

Files       headers (`From:`, `Alphabet:`), an empty line, the text (smstools3, "SMS file format");
            UTF-8, or UTF-16 big-endian where `Alphabet: UCS2` says so
Removed     as soon as it was read, whether or not it was understood: no number stays on the disk
Answers     a file for smstools to send, named at random
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from pathlib import Path

from tocsin.run.config import SiteConfig
from tocsin.run.people import PeopleDoor
from tocsin.serve.reports import reply_to

_log = logging.getLogger("tocsin.run")

LOOK_EVERY_S = 1.0
MOST_BYTES = 16_384


class SmsSpool:
    """Looks into the folder once a second."""

    def __init__(self, people: PeopleDoor, received: Path, outgoing: Path | None) -> None:
        self._people, self._received, self._outgoing = people, received, outgoing
        self._troubled = False

    async def watch(self) -> None:
        """Until cancelled. A folder that is not there is said once, and waited for."""
        while True:
            try:
                self.look()
                self._troubled = False
            except OSError:
                if not self._troubled:
                    _log.warning("text messages: the folder cannot be read or written")
                self._troubled = True
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Take what is there. Raises OSError."""
        for path in sorted(self._received.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                data = path.read_bytes()[:MOST_BYTES]
                path.unlink()
                self._take(data)

    def _take(self, data: bytes) -> None:
        message = read_message(data)
        if message is None:
            return
        sender, text = message
        answer = self._people.take_text(text, sender)
        if self._outgoing is None or answer == "many":  # who floods is not paid for in messages
            return
        reply = reply_to(answer, self._people.languages[0])
        name = self._outgoing / secrets.token_hex(8)
        whole = f"To: {sender}\nAlphabet: UTF-8\n\n{reply}\n"
        hidden = name.with_name(f".{name.name}")
        hidden.write_text(whole, "utf-8")
        hidden.replace(name)


def open_spool(config: SiteConfig, people: PeopleDoor) -> SmsSpool | None:
    """The folder of received text messages, where one is named."""
    table = config.reports
    if not table.spool:
        return None
    outgoing = config.folder / table.outgoing if table.outgoing else None
    return SmsSpool(people, config.folder / table.spool, outgoing)


def read_message(data: bytes) -> tuple[str, str] | None:
    """(sender, text) of a file; None for what is no message."""
    head, gap, body = data.partition(b"\n\n")
    if not gap:
        return None
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").splitlines())
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    sender = headers.get("from", "")
    if not sender or not sender.isascii() or not sender.isalnum():
        return None  # an answer is written to it: no line of a header may hide there
    wide = headers.get("alphabet", "").upper() in ("UCS2", "UCS-2")
    return sender, body.decode("utf-16-be" if wide else "utf-8", "replace").strip()
