"""Recordings of a radio receiver at 1,090 MHz (`rtl_sdr -f 1090M -s 2M`).

Format     2 million samples a second, pairs of unsigned bytes, without any head: found only by name
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tocsin.decode.mode_s import beast
from tocsin.words import Frame, Link

SAMPLES_PER_S = 2_000_000
_TICKS_PER_SAMPLE = 6


class IqFormat:
    """Samples in files; what is found in them is handed on as a Beast would."""

    name = "mode-s-iq"
    link: Link = beast.LINK

    def sniff(self, start: bytes) -> bool:
        """Samples look like nothing."""
        return False

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """One frame a message, at its first sample."""
        from tocsin.decode.mode_s.demodulate import messages  # numpy takes 0.1 s to load

        heard_by = sensor or name.rpartition(".")[0] or name
        for sample, level, message in messages(data):
            t = start + sample / SAMPLES_PER_S
            yield Frame(
                beast.written(message, sample * _TICKS_PER_SAMPLE, level),
                heard_by,
                t,
                beast.LINK,
                f"{name} sample {sample}",
            )

    def datagram(self, data: bytes) -> list[bytes]:
        """None: samples are files."""
        return []

    def splitter(self) -> None:
        """None: samples are files."""
        return
