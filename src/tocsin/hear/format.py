"""Sound files as recordings of a sensor: blocks of a second, each a small WAV of its own.

Frames    16 bits where that is exact, else 32-bit floats; all channels, at the file's own rate
Sensor    the name of the file without its ending, where no other is given
Streams   WAV without end, cut into quarters of a second (riff.py); a datagram is a whole file
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.hear.riff import WavStream, wav_file
from tocsin.words import Frame, Link

if TYPE_CHECKING:  # numpy takes 0.1 s to load, which other formats have no use for
    from tocsin.hear.sound import Sound

LINK: Link = "sound"
BLOCK_S = 1.0
KNOWN = "WAV, AIFF, AU, CAF, FLAC, Ogg Vorbis, Ogg Opus"

_MAGIC = re.compile(
    rb"(?:RIFF|RF64)....WAVE|riff\x2e\x91\xcf\x11|FORM....AIF[FC]|\.snd|caff|fLaC|OggS", re.DOTALL
)


def is_sound(start: bytes) -> bool:
    """Whether a file that starts like this is one of those that are read here."""
    return _MAGIC.match(start) is not None


class SoundFormat:
    """Sound in files, in datagrams and in streams."""

    name = "sound"
    link: Link = LINK

    def sniff(self, start: bytes) -> bool:
        """By the first bytes of its container."""
        return is_sound(start)

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame a second, at its first sample; `start` is when the first of all was taken."""
        from tocsin.hear.sound import blocks

        heard_by = sensor or name.rpartition(".")[0] or name
        done = 0
        for sound in blocks(data, name, most_s=BLOCK_S):
            done_s = done / sound.rate_hz
            where = f"{name} {done_s:.3f} s"
            yield Frame(write_block(sound), heard_by, start + done_s, LINK, where)
            done += len(sound.samples)

    def datagram(self, data: bytes) -> list[bytes]:
        """A whole file."""
        return [data] if data else []

    def splitter(self) -> WavStream:
        """A WAV without end."""
        return WavStream()


def write_block(sound: Sound) -> bytes:
    """A block as a WAV: in 16 bits where nothing is lost by it."""
    import numpy as np

    scaled = sound.samples * np.float32(32768.0)
    channels = sound.samples.shape[1]
    if np.isfinite(scaled).all() and scaled.min() >= -32768.0 and scaled.max() < 32768.0:
        whole = np.rint(scaled)
        if np.array_equal(whole, scaled):
            return wav_file(whole.astype("<i2").tobytes(), sound.rate_hz, channels)
    return wav_file(sound.samples.astype("<f4").tobytes(), sound.rate_hz, channels, bits=32)
