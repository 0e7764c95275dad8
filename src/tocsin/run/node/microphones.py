"""`microphone = "…"` of a node → the door that sound comes through."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tocsin.errors import InputError
from tocsin.hear.format import is_sound
from tocsin.hear.sound import blocks
from tocsin.listen.door import Antenna, Door
from tocsin.listen.microphone import (
    BLOCK_S,
    LINK,
    PcmBlock,
    RecordedMicrophone,
    Recorder,
    SoundCard,
    arecord_command,
)
from tocsin.ports import Clock
from tocsin.run.node.settings import NodeTable

_HEAD_BYTES = 12


def open_microphone(
    node: NodeTable, folder: Path, clock: Clock, *, real_time: bool, start: float | None
) -> tuple[Door, RecordedMicrophone | None]:
    """The door, not yet open, and the recording behind it where it is one. Raises InputError."""
    antenna: Antenna
    recorded = None
    kind, _, device = node.microphone.partition(":")
    if node.recorder:
        antenna = Recorder(node.recorder, node.rate_hz, node.channels)
    elif kind == "arecord" or (kind == "auto" and shutil.which("arecord")):
        antenna = Recorder(
            arecord_command(device, node.rate_hz, node.channels), node.rate_hz, node.channels
        )
    elif kind in ("portaudio", "auto"):
        named = int(device) if device.isdecimal() else device or None
        antenna = SoundCard(named, node.rate_hz, node.channels)
    else:
        antenna = recorded = _recording(folder / node.microphone, clock, start, real_time)
    return Door(node.id, "microphone", clock, antenna, link=LINK, sensor=node.id), recorded


def _recording(
    path: Path, clock: Clock, start: float | None, real_time: bool
) -> RecordedMicrophone:
    try:
        with path.open("rb") as file:
            known = is_sound(file.read(_HEAD_BYTES))
    except OSError as error:
        remedy = '"auto", "arecord:DEVICE", "portaudio:DEVICE" or a sound file'
        raise InputError(f"{error.strerror}", where=str(path), remedy=remedy) from None
    if not known:
        raise InputError("is no sound file", where=str(path), remedy="WAV, FLAC or OGG")
    if start is None:
        # what is played faster than time must not come from the future
        start = clock.now() - (0.0 if real_time else _duration_s(path))
    return RecordedMicrophone(_pcm(path), start, real_time=real_time)


def _duration_s(path: Path) -> float:
    with path.open("rb") as file:
        return sum(len(one.samples) / one.rate_hz for one in blocks(file, path.name))


def _pcm(path: Path) -> Iterator[PcmBlock]:
    with path.open("rb") as file:
        for sound in blocks(file, path.name, most_s=BLOCK_S):
            full = np.nan_to_num(sound.samples, nan=0.0, posinf=1.0, neginf=-1.0)
            pcm = np.clip(np.rint(full * 32_768.0), -32_768, 32_767).astype("<i2")
            yield PcmBlock(pcm.tobytes(), sound.rate_hz, sound.samples.shape[1])
