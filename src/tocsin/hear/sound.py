"""The bytes of a sound file → samples, block by block, so that a day's recording fits.

Format     WAV (RF64, W64 too) of 8 to 32 bits, float, A-law, mu-law, extensible or not; AIFF, AU,
           CAF, FLAC, Ogg Vorbis and Opus: all read by libsndfile; bare PCM by its layout
Shapes     samples are (n, channels) float32, full scale is -1 to 1; whole numbers are divided by
           2^(bits-1)
Refuses    more than `MOST_CHANNELS`; a rate beyond `RATES_HZ`
Errors     FormatError naming the file, the byte and the second, after everything before the fault
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import FormatError, InputError
from tocsin.hear.format import KNOWN, is_sound
from tocsin.hear.riff import fault_of_head

if TYPE_CHECKING:
    from soundfile import SoundFile

Samples = NDArray[np.float32]

MOST_CHANNELS = 64
RATES_HZ = (4_000, 384_000)
BLOCK_S = 10.0
LOUDEST = 1e4
"""Of full scale: what a float tells beyond is no sound, and is taken for no number."""
_BLOCK_VALUES = 1 << 20
"""4 MiB of float32, all channels together: ten seconds of 44.1 kHz stereo."""

_LAYOUT = re.compile(r"(\w+):(\d{1,6}):(\d{1,2})")
_ENCODINGS = {
    "s8": ("PCM_S8", "LITTLE"), "u8": ("PCM_U8", "LITTLE"),
    "s16le": ("PCM_16", "LITTLE"), "s16be": ("PCM_16", "BIG"),
    "s24le": ("PCM_24", "LITTLE"), "s24be": ("PCM_24", "BIG"),
    "s32le": ("PCM_32", "LITTLE"), "s32be": ("PCM_32", "BIG"),
    "f32le": ("FLOAT", "LITTLE"), "f32be": ("FLOAT", "BIG"),
    "f64le": ("DOUBLE", "LITTLE"), "f64be": ("DOUBLE", "BIG"),
    "alaw": ("ALAW", "LITTLE"), "mulaw": ("ULAW", "LITTLE"),
}  # fmt: skip


class Sound(NamedTuple):
    """A stretch of sound: `samples` (n, channels) at `rate_hz`."""

    samples: Samples
    rate_hz: int


class Layout(NamedTuple):
    """How samples lie in a file without a head."""

    encoding: str
    rate_hz: int
    channels: int


class _Steady:
    """A file that answers damaged heads calmly: they send libsndfile to places before its start."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read, self.tell = stream.read, stream.tell
        self.readinto = cast(io.BytesIO, stream).readinto
        self._stream = stream

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """To a place, or to the start where there is no such place."""
        try:
            return self._stream.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return self._stream.seek(0)


def read_layout(text: str) -> Layout:
    """`s16le:48000:2`: encoding, samples a second, channels. Raises InputError."""
    match = _LAYOUT.fullmatch(text)
    if match is None or match[1] not in _ENCODINGS:
        raise InputError(
            f"{text!r} is no layout of samples",
            remedy=f"ENCODING:RATE:CHANNELS such as s16le:48000:2, of {', '.join(_ENCODINGS)}",
        )
    return Layout(match[1], int(match[2]), int(match[3]))


def blocks(
    source: bytes | BinaryIO, name: str, *, raw: Layout | None = None, most_s: float = BLOCK_S
) -> Iterator[Sound]:
    """The sound of a whole file, in blocks of at most `most_s`. Never reads a file into memory that
    it was given open. Raises FormatError after what stands before the fault."""
    stream = _Steady(io.BytesIO(source) if isinstance(source, bytes) else source)
    fault = None if raw else fault_of_head(stream)
    with _opened(stream, name, raw) as file:
        _check(file, name)
        most = max(1, min(round(most_s * file.samplerate), _BLOCK_VALUES // file.channels))
        done = 0
        while True:
            samples, broken = _read(file, most, done)
            if len(samples):
                done += len(samples)
                yield Sound(samples, file.samplerate)
            if broken is not None:
                raise _damage(broken, name, stream, done / file.samplerate)
            if len(samples) < most:
                break
        if fault is None and done < file.frames < 1 << 40:
            fault = f"holds {done / file.samplerate:.3f} s of {file.frames / file.samplerate:.3f} s"
    if fault is not None:
        raise _damage(fault, name, stream, done / file.samplerate)


def _opened(stream: _Steady, name: str, raw: Layout | None) -> SoundFile:
    from soundfile import LibsndfileError, SoundFile

    if raw is None:
        start = stream.read(12)
        stream.seek(0)
        if not start:
            raise FormatError("empty", where=name)
        if not is_sound(start):
            raise FormatError(
                f"of no sound that is known here: {KNOWN}",
                where=f"{name} byte 0",
                remedy="tell how bare samples lie with --raw, such as --raw s16le:48000:2",
            )
    try:
        if raw is None:
            return SoundFile(stream)
        subtype, endian = _ENCODINGS[raw.encoding]
        return SoundFile(stream, "r", raw.rate_hz, raw.channels, subtype, endian, "RAW")
    except LibsndfileError as error:
        raise _damage(error.error_string, name, stream, 0.0) from None


def _check(file: SoundFile, name: str) -> None:
    if not 1 <= file.channels <= MOST_CHANNELS:
        what = f"{file.channels} channels are not 1 to {MOST_CHANNELS}"
        raise FormatError(what, where=name)
    low, high = RATES_HZ
    if not low <= file.samplerate <= high:
        what = f"{file.samplerate} samples a second are not {low} to {high}"
        raise FormatError(what, where=name)


def _read(file: SoundFile, most: int, done: int) -> tuple[Samples, str | None]:
    """The next samples, and what broke behind them if something did."""
    from soundfile import LibsndfileError

    samples = np.zeros((most, file.channels), np.float32)
    broken = None
    try:
        samples = file.read(out=samples, always_2d=True)
    except LibsndfileError as error:
        samples, broken = samples[: max(0, file.tell() - done)], error.error_string
    if file.subtype in ("FLOAT", "DOUBLE"):
        with np.errstate(invalid="ignore"):  # a signalling NaN is no news
            samples[~(np.abs(samples) <= LOUDEST)] = np.nan
    return samples, broken


def _damage(what: str, name: str, stream: _Steady, t: float) -> FormatError:
    return FormatError(what.rstrip("."), where=f"{name} byte {stream.tell()}, {t:.3f} s")
