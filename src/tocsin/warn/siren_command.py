"""A siren, loudspeaker or anything else that a local program can switch.

Kind        `siren-command`
Runs        an argument list, never a shell; no input; its own process group, killed after the
            time-out, so that a program that hangs neither blocks nor piles up
Told        by the environment: TOCSIN_LEVEL, TOCSIN_KIND, TOCSIN_ZONE, TOCSIN_ALERT,
            TOCSIN_SEQUENCE, TOCSIN_DRILL (1 or 0), TOCSIN_TEXT (first language) and TOCSIN_TEXT_FR,
            TOCSIN_TEXT_EN …; of Tocsin's own environment only PATH, HOME and LANG
Proves      by exit status 0 within the time-out
Once        the program marks its statement in `folder` before it starts, in its own process, which
            a killed Tocsin does not take along: a statement marked there is not sounded again
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import PUBLIC_LEVELS, ChannelKind, SettingFault
from tocsin.warn.program import (
    MARKED_BEFORE,
    SOUNDED,
    Marks,
    end,
    kept_environment,
    last_words,
    marking,
    open_paper,
    unmark,
)
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Receipt, Wording


class SirenCommandSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The program and its arguments. `all_clear` and `test` are other programs for these cases.

    `folder`, in the site's data, holds a mark of each statement of the last day; a live site has
    one in any case.
    """

    command: tuple[str, ...]
    all_clear: tuple[str, ...] | None = None
    test: tuple[str, ...] | None = None
    folder: str = ""


class SirenCommand:
    """The channel. One program at a time runs for one call; it should start the sound and end."""

    def __init__(
        self, name: str, settings: SirenCommandSettings, clock: Clock, timeout_s: float
    ) -> None:
        self.name = name
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s
        self._marks = Marks(name, settings.folder)

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Run the program and report how it ended."""
        sent_t = self._clock.now()
        clear = alert.level == "all-clear" and self._settings.all_clear is not None
        argv = self._settings.all_clear if clear else self._settings.command
        mark = self._marks.of(alert, sent_t)
        failure = await self._run(argv or (), _environment(alert, texts), mark)
        if failure == SOUNDED:
            return receipt(self.name, alert, self._clock, sent_t, note=SOUNDED)
        if failure is not None:
            unmark(mark)
        return receipt(self.name, alert, self._clock, sent_t, failure)

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """A statement in doubt had been sounded if its mark is there."""
        mark = self._marks.of(alert, self._clock.now())
        if told or mark is None or not mark.exists():
            return None
        return receipt(self.name, alert, self._clock, began_t, note=SOUNDED)

    async def self_test(self) -> Receipt:
        """Run the test program, or without one see whether the real one could be started."""
        sent_t = self._clock.now()
        test = self._settings.test
        if test is not None:
            failure = await self._run(test, {"TOCSIN_LEVEL": "test"})
        else:
            found = shutil.which(self._settings.command[0])
            failure = None if found else f"{self._settings.command[0]} cannot be started"
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Nothing is held between calls."""

    async def _run(
        self, argv: tuple[str, ...], told: dict[str, str], mark: Path | None = None
    ) -> str | None:
        complaints = open_paper()
        try:
            return await self._run_with(argv, {**kept_environment(), **told}, complaints, mark)
        finally:
            os.close(complaints)

    async def _run_with(
        self,
        argv: tuple[str, ...],
        environment: dict[str, str],
        complaints: int,
        mark: Path | None,
    ) -> str | None:
        try:
            process = await asyncio.create_subprocess_exec(
                *marking(mark),
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=complaints,
                env=environment,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"{argv[0]} cannot be started: {error}"
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await process.wait()
        except TimeoutError:
            return f"{argv[0]} did not end within {self._timeout_s:g} s and was killed"
        finally:
            await end(process)
        if status == 0:
            return None
        if mark is not None and status == MARKED_BEFORE:
            return SOUNDED
        last = last_words(complaints)
        return f"{argv[0]} ended with status {status}{': ' if last else ''}{last}"


def _environment(alert: Alert, texts: dict[str, Wording]) -> dict[str, str]:
    told = {
        "TOCSIN_LEVEL": alert.level,
        "TOCSIN_KIND": alert.kind,
        "TOCSIN_ZONE": alert.zone,
        "TOCSIN_ALERT": alert.alert,
        "TOCSIN_SEQUENCE": str(alert.sequence),
        "TOCSIN_DRILL": "1" if alert.drill else "0",
        "TOCSIN_TEXT": next((wording.spoken for wording in texts.values()), ""),
    }
    for language, wording in texts.items():
        told[f"TOCSIN_TEXT_{language.upper().replace('-', '_')}"] = wording.spoken
    # a NUL cannot stand in an environment, and must not keep the siren silent
    return {name: value.replace("\0", " ") for name, value in told.items()}


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    for key in ("command", "all_clear", "test"):
        argv = values.get(key)
        if argv == ():
            remedy = 'write it like ["/usr/bin/aplay", "siren.wav"]'
            faults.append(SettingFault(key, "is empty", remedy))
        elif isinstance(argv, tuple) and shutil.which(str(argv[0])) is None:
            remedy = "give the full path of a program that may be run"
            faults.append(SettingFault(key, f"there is no program {argv[0]!r}", remedy))
    return faults


def _make(name: str, settings: SirenCommandSettings, clock: Clock, timeout_s: float) -> Channel:
    return SirenCommand(name, settings, clock, timeout_s)


KIND = ChannelKind(
    "siren-command", SirenCommandSettings, _make, _faults, PUBLIC_LEVELS, once_a_level=True
)
