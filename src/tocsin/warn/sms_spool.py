"""Text messages through the spool folder of SMS Server Tools (smsd), a separate program.

Kind        `sms-spool`
Standard    the file format of smstools 3.1 (`fileformat.html`); 3GPP TS 23.040 for status reports
Writes      one file a recipient into `outgoing`, whole or not at all, named after statement and
            recipient: a repeat, or a site that was killed and runs again, finds what it wrote
Sends       the short form: GSM alphabet where it fits, else UCS-2; it is void after `valid_min`
Proves      by the file's way into `sent` (the network took it) or `failed`; with `confirm` by the
            telephone's own status report
Withdraws   what still waits in `outgoing` when a newer statement of the same alert comes
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from tocsin.encode.sms import sms_length
from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.people import (
    Letter,
    PeopleChannel,
    Person,
    Round,
    is_phone,
    people_faults,
    people_reader,
)
from tocsin.words import Alert

_DRAFTS = 3
_LOOK_S = 0.2
_MOST_RESENDS = 20
_MOST_REPORTS = 500
_TAKEN = 31  # TS 23.040, 9.2.3.15: up to 31 the short message reached the telephone
_TRYING = 63  # up to 63 the network still tries; beyond, it has given up
_FOLDERS = ("outgoing", "sent", "failed")


class SmsSpoolSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`spool` is smsd's folder. With `confirm`, only the telephone's report is a delivery."""

    to: tuple[str, ...] = ()
    to_file: str = ""
    spool: str = "/var/spool/sms"
    queue: str = ""
    confirm: bool = False
    valid_min: Annotated[int, msgspec.Meta(ge=5, le=720)] = 60


class SmsSpool:
    """The carrier: files in, files out. Everything that it knows lies in the spool."""

    accepted = "sent by the modem"

    def __init__(self, settings: SmsSpoolSettings) -> None:
        self._settings = settings
        self._spool = Path(settings.spool)
        self._open: dict[str, tuple[int, set[str]]] = {}

    async def carry(
        self, alert: Alert, letters: Sequence[Letter], cap_xml: bytes, going: Round
    ) -> None:
        """Write what is not there yet, and wait until smsd has dealt with it."""
        await asyncio.to_thread(self._withdraw, alert)
        waiting: dict[str, Letter] = {}
        for letter in letters:
            try:
                waiting[await asyncio.to_thread(self._put, alert, letter)] = letter
            except OSError as error:
                going.note(letter, "failed", f"the spool: {error.strerror}")
        self._open[alert.alert] = (alert.sequence, set(waiting))
        while waiting:
            for name, letter in list(waiting.items()):
                if await asyncio.to_thread(self._look, name, letter, going):
                    del waiting[name]
            if waiting:
                await asyncio.sleep(_LOOK_S)

    async def probe(self, people: Sequence[Person], timeout_s: float) -> str | None:
        """A file without a number: smsd puts it away and sends nothing, so it is alive."""
        name = f"tocsin-test-{secrets.token_hex(8)}"
        place = self._spool / "outgoing" / name
        try:
            await asyncio.to_thread(self._write, name, b"Alphabet: ISO\n\n")
            for _ in range(int(timeout_s / _LOOK_S)):
                if not await asyncio.to_thread(place.exists):
                    (self._spool / "failed" / name).unlink(missing_ok=True)
                    return None
                await asyncio.sleep(_LOOK_S)
            place.unlink(missing_ok=True)
        except OSError as error:
            return f"the spool: {error.strerror}"
        return f"smsd took nothing out of the spool for {timeout_s:g} s"

    async def close(self) -> None:
        """Nothing is held."""

    def _put(self, alert: Alert, letter: Letter) -> str:
        """The name under which it lies somewhere in the spool; written if it does not yet."""
        said = f"{alert.alert}\0{alert.sequence}\0{letter.person.address}"
        stem = f"tocsin-{hashlib.sha256(said.encode()).hexdigest()[:24]}"
        folders = [place for place in self._spool.iterdir() if place.is_dir()]
        for n in range(_MOST_RESENDS):
            name = f"{stem}-{n}"
            if (self._spool / "failed" / name).exists():
                continue
            if not any((folder / name).exists() for folder in folders):
                self._write(name, self._text(letter))
            return name
        return f"{stem}-{_MOST_RESENDS - 1}"

    def _text(self, letter: Letter) -> bytes:
        """Headers in ASCII, an empty line, the text."""
        short = letter.wordings[0].short
        wide = sms_length(short).alphabet == "ucs-2"
        head = [
            f"To: {letter.person.address.removeprefix('+')}",
            f"Alphabet: {'UCS' if wide else 'UTF-8'}",
            "Autosplit: 3",
            "Priority: High",
            f"Validity: {self._settings.valid_min} min",
        ]
        if self._settings.confirm:
            head.append("Report: yes")
        if self._settings.queue:
            head.append(f"Queue: {self._settings.queue}")
        body = short.encode("utf-16-be" if wide else "utf-8")
        return "\n".join(head).encode("ascii") + b"\n\n" + body

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all: smsd sends nothing that is called .LOCK. When it starts it sweeps
        such files away, as left by the dead: then the draft is written again."""
        for _ in range(_DRAFTS):
            try:
                return self._draft(name, content)
            except FileNotFoundError:
                continue
        return self._draft(name, content)

    def _draft(self, name: str, content: bytes) -> None:
        outgoing = self._spool / "outgoing"
        draft = outgoing / f"{name}.LOCK"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(outgoing / name)

    def _look(self, name: str, letter: Letter, going: Round) -> bool:
        """Note what the spool says of it; whether that is the last word of this attempt."""
        if (self._spool / "failed" / name).exists():
            going.note(letter, "failed", "the modem could not send it")
            return True
        sent = self._spool / "sent" / name
        if not sent.exists():
            going.note(letter, "failed", "waits in the spool: not sent yet")
            return False
        if not self._settings.confirm:
            going.note(letter, "accepted")
            return True
        status = self._report(sent, letter)
        if status is None or _TAKEN < status <= _TRYING:
            going.note(letter, "failed", "sent by the modem; the telephone has not confirmed it")
            return False
        if status <= _TAKEN:
            going.note(letter, "confirmed")
        else:
            going.note(letter, "refused", f"the network gave up, status {status}")
        return True

    def _report(self, sent: Path, letter: Letter) -> int | None:
        """The status in the telephone's report on this message, if it has come."""
        number = read_file(sent)[0].get("Message_id", "")
        if not number:
            return None
        began = sent.stat().st_mtime - 60.0
        for folder in ("report", "incoming"):
            place = self._spool / folder
            files = list(place.iterdir()) if place.is_dir() else []
            for file in sorted(files, key=_age)[-_MOST_REPORTS:]:
                if file.is_file() and _age(file) >= began:
                    status = _status(file, letter.person.address.removeprefix("+"), number)
                    if status is not None:
                        return status
        return None

    def _withdraw(self, alert: Alert) -> None:
        """Take back what nobody should read any more."""
        sequence, names = self._open.get(alert.alert, (alert.sequence, set()))
        if sequence < alert.sequence:
            for name in names:
                (self._spool / "outgoing" / name).unlink(missing_ok=True)


def read_file(file: Path) -> tuple[dict[str, str], bytes]:
    """Headers and body of a file of smsd; empty where it has just been moved away."""
    try:
        head, _, body = file.read_bytes().partition(b"\n\n")
    except OSError:
        return {}, b""
    pairs = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}, body


def _status(file: Path, number: str, message: str) -> int | None:
    head, body = read_file(file)
    if b"SMS STATUS REPORT" not in body or head.get("From", "").removeprefix("+") != number:
        return None
    said = {
        key.strip(): value.strip()
        for key, _, value in (line.partition(":") for line in body.decode("latin-1").splitlines())
    }
    code = said.get("Status", "").partition(",")[0]
    return int(code) if said.get("Message_id") == message and code.isdigit() else None


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = people_faults(values, is_phone, "+22370000001")
    spool = values.get("spool", SmsSpoolSettings().spool)
    if isinstance(spool, str):
        for folder in _FOLDERS:
            if not (Path(spool) / folder).is_dir():
                what = f"there is no folder {folder!r} in {spool!r}"
                faults.append(SettingFault("spool", what, f"name it as {folder} in smsd.conf"))
    queue = values.get("queue")
    if isinstance(queue, str) and queue and not (queue.isascii() and queue.isprintable()):
        faults.append(SettingFault("queue", "cannot be a name", "as in [queues] of smsd.conf"))
    return faults


def _make(name: str, settings: SmsSpoolSettings, clock: Clock, timeout_s: float) -> Channel:
    read = people_reader(settings.to, settings.to_file)
    return PeopleChannel(name, SmsSpool(settings), read, clock, timeout_s)


KIND = ChannelKind("sms-spool", SmsSpoolSettings, _make, _faults)
