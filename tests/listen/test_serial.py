"""The serial door on a pseudo-terminal: read, unplugged, plugged in again."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from pathlib import Path

from tests.listen.doors import NDJSON, door, first, until

from tocsin.listen.serial import SerialLine
from tocsin.words import Frame, SourceHealth


class Plug:
    """A device at a fixed path, as udev would make it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        path.symlink_to(os.ttyname(self.slave))

    def say(self, data: bytes) -> None:
        os.write(self.master, data)

    def pull(self) -> None:
        self.path.unlink()
        os.close(self.slave)
        os.close(self.master)


def test_a_device_is_read_unplugged_and_plugged_in_again(tmp_path: Path) -> None:
    device = tmp_path / "receiver"

    async def run() -> tuple[list[Frame], SourceHealth, SourceHealth]:
        source = door(SerialLine(NDJSON.splitter, str(device), 921_600))
        await source.open()
        await until(lambda: source.health().why)
        plug = Plug(device)
        await until(lambda: source.health().connected)
        plug.say(b"a\r\nb\nhal")
        found = await first(2, source)
        plug.pull()
        away = await until(lambda: None if source.health().connected else source.health())
        again = Plug(device)
        await until(lambda: source.health().connected)
        again.say(b"c\n")
        found += await first(1, source)
        await source.close()
        again.pull()
        return found, away, source.health()

    found, away, back = asyncio.run(run())
    assert [f.data for f in found] == [b"a", b"b", b"c"]
    assert away.why
    assert back.reconnects == 1


def test_a_device_that_is_not_there_is_said_in_the_systems_words(tmp_path: Path) -> None:
    async def run() -> str:
        source = door(SerialLine(NDJSON.splitter, str(tmp_path / "none"), 9600))
        await source.open()
        why = await until(lambda: source.health().why)
        await source.close()
        return str(why)

    assert asyncio.run(run()) == "No such file or directory"


def test_a_silent_line_is_opened_anew(tmp_path: Path) -> None:
    async def run() -> SourceHealth:
        plug = Plug(tmp_path / "quiet")
        source = door(SerialLine(NDJSON.splitter, str(plug.path), 9600, silence_s=0.02))
        await source.open()
        await until(lambda: source.health().reconnects >= 2)
        await source.close()
        plug.pull()
        return source.health()

    assert asyncio.run(run()).reconnects >= 2
