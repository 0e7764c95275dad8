"""CAP messages in files: one a file, as services put them into a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tocsin.words import Frame, Link
from tocsin.words.authority import CAP_NAMESPACE


class CapFormat:
    """The format; it carries no detections, and no decoder asks for it."""

    name = "cap"
    link: Link = "cap"

    def sniff(self, start: bytes) -> bool:
        """Whether it names CAP's namespace."""
        return CAP_NAMESPACE.encode() in start

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """The whole file is one message."""
        yield Frame(data, sensor or "", start, self.link, name)

    def datagram(self, data: bytes) -> list[bytes]:
        """A datagram is one message."""
        return [data]

    def splitter(self) -> None:
        """None: CAP does not come in streams."""
        return
