"""The stage door: a staged evening comes from a process of its own, frame by frame as it is played.

The stage needs 100 MB of libraries that a site never loads, and half a core to make the sound of
every microphone. It works only as far ahead as the pipe holds, about a second.

Wire       records of a length (4 bytes, little-endian) and msgpack of (arrival, frame)
"""

from __future__ import annotations

import asyncio
import heapq
import signal
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

import msgspec

from tocsin.errors import InputError
from tocsin.run import recordings
from tocsin.run.ticks import Arrival
from tocsin.simulate import Staged, stage_evening
from tocsin.words import Frame

BLOCK_S = 1.0
"""A second of sound is handed on when it is over."""
_HEAD = struct.Struct("<I")
_write_line = msgspec.json.Encoder().encode


def open_stage(seed: int, duration_s: float | None) -> subprocess.Popen[bytes]:
    """Begin to stage an evening; `arrivals` reads it."""
    length = [] if duration_s is None else [str(duration_s)]
    command = [sys.executable, "-m", "tocsin.run.stage_door", str(seed), *length]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603


async def arrivals(stage: subprocess.Popen[bytes]) -> AsyncIterator[Arrival]:
    """Every frame in the order of its arrival. Raises InputError if the stage breaks down."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), stage.stdout
    )
    unpack = msgspec.msgpack.Decoder(Arrival).decode
    try:
        while head := await reader.read(_HEAD.size):
            if len(head) < _HEAD.size:
                head += await reader.readexactly(_HEAD.size - len(head))
            yield unpack(await reader.readexactly(_HEAD.unpack(head)[0]))
    except asyncio.IncompleteReadError:
        raise InputError("the evening broke off") from None
    finally:
        transport.close()
    await asyncio.to_thread(stage.wait)
    if stage.returncode:
        why = stage.stderr.read().decode("utf-8", "replace") if stage.stderr else ""
        raise InputError("the evening cannot be staged", remedy=why.strip())


def close_stage(stage: subprocess.Popen[bytes]) -> None:
    """End the stage, whether or not it was played to its end."""
    stage.terminate()
    stage.wait()


def played(staged: Staged) -> Iterator[Arrival]:
    """A staged evening as frames with the times of their arrival: words as NDJSON lines, Remote
    ID as wire bytes, sound as WAV."""
    streams: list[Iterator[Arrival]] = [_lines(staged)]
    for name, data in staged.captures:
        streams.append((frame.t, frame) for frame in recordings.frames(data, name))
    if staged.sound is not None:
        sound = staged.sound().frames(staged.t0)
        streams.append((round(frame.t + BLOCK_S, 3), frame) for frame in sound)
    return heapq.merge(*streams, key=_when)


def _when(arrival: Arrival) -> float:
    return arrival[0]


def _lines(staged: Staged) -> Iterator[Arrival]:
    for number, line in enumerate(staged.lines(), start=1):
        t = line.t if line.received is None else line.received
        yield t, Frame(_write_line(line), line.sensor, t, "ndjson", f"the stage's line {number}")


def _play(staged: Staged, out: BinaryIO) -> None:
    encode = msgspec.msgpack.Encoder().encode
    for arrival in played(staged):
        packed = encode(arrival)
        out.write(_HEAD.pack(len(packed)) + packed)
        out.flush()


def main() -> None:
    """Play the evening of a seed, and of so many seconds, to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the site ends the evening, and so its stage
    seed, *length = sys.argv[1:]
    staged = stage_evening(int(seed), *map(float, length))
    try:
        _play(staged, sys.stdout.buffer)
    except BrokenPipeError:
        sys.stderr.close()  # nobody watches any more


if __name__ == "__main__":
    main()
