"""Our tracks as ASTERIX CAT 062, in datagrams to a display or to a group of them (multicast)."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.encode.asterix import Source, TrackNumbers, track_blocks
from tocsin.words import Alert, Track


class AsterixFeed:
    """Says where our tracks are; alerts have no place in CAT 062. Nobody answers."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._numbers = TrackNumbers()

    def hello(self, now: float) -> Sequence[bytes]:
        """Nothing: listeners come and go unseen."""
        del now
        return ()

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        """The tracks that changed, as many in a datagram as fit."""
        del now, alerts
        blocks = track_blocks(tracks, self._source, self._numbers)
        return [(f"tracks {place}", block) for place, block in enumerate(blocks)]

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        """None."""
        del data, now
        return ()


def source_of(node: str) -> Source:
    """Of a setting such as "25/100", 0/0 where there is none. Raises ValueError."""
    sac, _, sic = (node or "0/0").partition("/")
    codes = Source(int(sac), int(sic))
    if not (0 <= codes.sac <= 255 and 0 <= codes.sic <= 255):
        raise ValueError(f"{node} is not two numbers from 0 to 255")
    return codes
