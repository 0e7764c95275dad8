"""A folder into which every CAP message is written, for whatever picks files up from there.

Kind        `cap-folder`
Writes      one file a message, `<identifier>.xml`, whole or not at all: under another name first,
            fsynced, then renamed
Proves      by the file standing there
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import msgspec

from tocsin.encode.cap import cap_identifier
from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Receipt, Wording


class CapFolderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The folder; it is made if its parent exists. `run` puts a relative one in its data folder."""

    folder: str


class CapFolder:
    """The channel."""

    def __init__(
        self, name: str, settings: CapFolderSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._folder = Path(settings.folder)
        self._clock = clock
        self._timeout_s = timeout_s

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Write the file."""
        sent_t = self._clock.now()
        if not cap_xml and alert.origin is not None:
            nothing = "the authority sent no message of this"
            return receipt(self.name, alert, self._clock, sent_t, note=nothing)
        if not cap_xml:
            withheld = "withheld: it could not be signed"
            return receipt(self.name, alert, self._clock, sent_t, withheld)
        path = self._folder / f"{cap_identifier(alert)}.xml"
        failure = await self._try(partial(write_whole, path, cap_xml))
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def self_test(self) -> Receipt:
        """Write and remove a file that is no message."""
        sent_t = self._clock.now()
        failure = await self._try(partial(_try_folder, self._folder))
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Nothing is held."""

    async def _try(self, act: Callable[[], str | None]) -> str | None:
        """On a thread, since a network folder may hang."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.to_thread(act)
        except TimeoutError:
            return f"the folder did not answer within {self._timeout_s:g} s"


def write_whole(path: Path, content: bytes) -> str | None:
    """Write the file so that nobody ever sees half of it; None, or what went wrong."""
    try:
        path.parent.mkdir(exist_ok=True)
        handle, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o644)  # the picker is another user; mkstemp says 0600
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
            raise
    except OSError as error:
        return f"cannot be written: {error}"
    return None


def _try_folder(folder: Path) -> str | None:
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"test")
    except OSError as error:
        return f"cannot be written: {error}"
    return None


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    named = values.get("folder")
    if not isinstance(named, str):
        return []
    folder = Path(named)
    if not named or (folder.exists() and not folder.is_dir()):
        return [SettingFault("folder", f"{named!r} is not a folder", "name a folder")]
    if folder.is_absolute() and not folder.parent.is_dir():
        return [SettingFault("folder", f"there is no {folder.parent}", "make it first")]
    return []


def _make(name: str, settings: CapFolderSettings, clock: Clock, timeout_s: float) -> Channel:
    return CapFolder(name, settings, clock, timeout_s)


KIND = ChannelKind("cap-folder", CapFolderSettings, _make, _faults, cap=True)
