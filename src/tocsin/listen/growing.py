"""A file that somebody else writes, read as it grows; or a folder into which files are put.

A followed file may be rotated (renamed, and a new one begun) or cut short: the rest of the old one
is read, then the new one from its start. What stood there before we came is old news and passed
over, unless the site asks for it. In a folder each file is read once, when it has stopped growing.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import BinaryIO

from tocsin.errors import FormatError, SourceError
from tocsin.listen.door import Antenna, Ear
from tocsin.listen.streams import READ_BYTES, Cutter, MakeSplitter
from tocsin.ports import Format

LOOK_S = 0.5
MOST_FILE_BYTES = 256 * 2**20
"""A file of a folder is read whole."""


class GrowingFile(Antenna):
    """The lines, or other messages, that are added to one file."""

    def __init__(
        self,
        splitter: MakeSplitter,
        path: Path,
        *,
        from_start: bool = False,
        look_s: float = LOOK_S,
    ) -> None:
        self._splitter = splitter
        self._path = path
        self._from_start, self._look_s = from_start, look_s
        self._read_to = (0, 0)
        """Inode, and how far it was read."""

    async def open(self) -> None:
        """Nothing must be there yet; what begins after the site does is read from its start."""
        if not self._from_start and self._path.exists():
            state = self._path.stat()
            self._read_to = (state.st_ino, state.st_size)

    async def listen(self, ear: Ear) -> None:
        """Until it is gone."""
        while True:
            with self._path.open("rb") as file:
                ear.connected()
                await self._follow(ear, file)

    async def _follow(self, ear: Ear, file: BinaryIO) -> None:
        """Until another file has taken its name. Raises SourceError where none
        has."""
        state = os.fstat(file.fileno())
        inode, size = state.st_ino, state.st_size
        cutter = Cutter(ear, self._splitter())
        if inode == self._read_to[0] and size >= self._read_to[1]:
            file.seek(self._read_to[1])
        rotated = False
        while True:
            while data := file.read(READ_BYTES):
                ear.hear(cutter.feed(data), self._path.name)
                cutter.check()
                self._read_to = (inode, file.tell())
                await ear.room()
            if rotated:
                return
            if os.fstat(file.fileno()).st_size < file.tell():
                cutter = Cutter(ear, self._splitter())
                file.seek(0)
                continue
            if not self._path.exists():
                self._read_to = (0, 0)  # another file may get the same inode
                raise SourceError("the file is gone")
            rotated = self._path.stat().st_ino != inode
            if not rotated:
                await asyncio.sleep(self._look_s)


class FilesOfFolder(Antenna):
    """Whole files of one format that are put into a folder, in the order of their names."""

    def __init__(
        self, form: Format, path: Path, *, from_start: bool = False, look_s: float = LOOK_S
    ) -> None:
        self._form = form
        self._path = path
        self._from_start, self._look_s = from_start, look_s
        self._done: dict[str, tuple[float, int]] = {}
        self._growing: dict[str, tuple[float, int]] = {}

    async def open(self) -> None:
        """The folder need not be there yet."""
        if not self._from_start and self._path.is_dir():
            self._done = self._look()

    async def listen(self, ear: Ear) -> None:
        """Until the folder is gone."""
        while True:
            seen = self._look()
            ear.connected()
            for name, state in sorted(seen.items()):
                if self._growing.get(name) == state and self._done.get(name) != state:
                    self._done[name] = state
                    await self._read(ear, name, state)
            self._growing = seen
            self._done = {name: state for name, state in self._done.items() if name in seen}
            await asyncio.sleep(self._look_s)

    def _look(self) -> dict[str, tuple[float, int]]:
        """Each file's time of last change and size."""
        with os.scandir(self._path) as entries:
            states = {one.name: one.stat() for one in entries if one.is_file()}
        return {name: (state.st_mtime, state.st_size) for name, state in states.items()}

    async def _read(self, ear: Ear, name: str, state: tuple[float, int]) -> None:
        changed_t, size = state
        if size > MOST_FILE_BYTES:
            ear.refuse("file-size", f"{name} is longer than {MOST_FILE_BYTES} bytes")
            return
        skipped: Counter[str] = Counter()
        sensor = ear.sensor or None
        try:
            data = await asyncio.to_thread((self._path / name).read_bytes)
            frames = self._form.frames(data, name, sensor=sensor, start=changed_t, skipped=skipped)
            await ear.take_patiently(frames)
            ear.ail(None)
        except FormatError as error:
            ear.refuse("format", f"{name} is not {self._form.name}: {error.what}")
        except FileNotFoundError:  # taken away again before we came to it
            return
        ear.refused.update(skipped)
