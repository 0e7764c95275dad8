"""Data blocks of ASTERIX → detections: plots, tracks and ADS-B reports.

Standard   EUROCONTROL-SPEC-0149 (parts 1, 2b, 4, 9, 12, 15, 26, 240), editions by configuration
Tells      CAT 048 (plots.py), 062 (tracks.py), 021 (adsb.py)
Hears      CAT 034 and 065 (service messages: proof that a radar or tracker lives), 015, 240
Passes by  other categories, by their length, counted as "asterix-category-NNN"; on UDP, what is not
           a chain of data blocks from its first octet to its last
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Sequence

from tocsin.decode.asterix import adsb, plots, tracks
from tocsin.decode.asterix.blocks import HEAD_OCTETS, Block, blocks, chain
from tocsin.decode.asterix.layout import Layout, layout_of
from tocsin.decode.asterix.told import AsterixSettings, Tell
from tocsin.errors import ConfigError, DecodeError, Refused, Truncated
from tocsin.words import Detection, Frame, Link
from tocsin.words.asterix import EDITIONS, USUAL_EDITIONS, Table, table

_TELLERS: dict[int, tuple[tuple[str, ...], Callable[[Table], Tell]]] = {
    21: (adsb.WANTED, adsb.teller),
    48: (plots.WANTED, lambda _: plots.tell),
    62: (tracks.WANTED, tracks.teller),
}
MOST_RECORDS = 8192
"""In a datagram: one of 64 KiB holds no more with a source, a time and anything beside."""

_SERVICES = {
    34: {1: "north marker", 2: "sector crossing", 3: "geographical filter", 4: "jamming strobe"},
    65: {1: "status", 2: "end of batch", 3: "service status"},
}
"""Message types of I034/000 and I065/000."""


class Asterix:
    """The ASTERIX decoder. Remembers which items a pattern of presence bits announces, no more.

    `heard` counts records; `services` the service messages among them, by kind; `overlooked`, by
    rule, what of a datagram could not be read when other parts of it could.
    """

    name = "asterix"
    links: tuple[Link, ...] = ("asterix", "udp")
    Settings = AsterixSettings

    def __init__(self, settings: AsterixSettings = AsterixSettings()) -> None:  # noqa: B008, frozen
        self.heard = 0
        self._heard_before = 0
        self.overlooked: Counter[str] = Counter()
        self.services: Counter[str] = Counter()
        self._settings = settings
        self._books: dict[int, tuple[Layout, Tell]] = {}
        for category, edition in chosen_editions(settings.editions).items():
            spoken = table(category, edition)
            wanted, teller = _TELLERS.get(category, ((), None))
            if category in _SERVICES:
                wanted = ("000",)
            tell = self._service(category) if teller is None else teller(spoken)
            self._books[category] = (layout_of(spoken, wanted), tell)

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The detections of one datagram or data block. Raises DecodeError where nothing of it can
        be read."""
        data = frame.data
        whole = chain(data)
        if whole is None and frame.link == "udp":
            return ()
        found: list[Detection] = []
        faults: list[DecodeError] = []
        heard = self._heard_before = self.heard
        try:
            for block in whole or blocks(data):
                self._read_block(data, block, frame, found, faults)
        except DecodeError as error:
            faults.append(error)
        if faults and self.heard == heard:
            faults[0].where = faults[0].where or frame.origin
            raise faults[0]
        for fault in faults:
            self.overlooked[fault.rule] += 1
        return found

    def _read_block(
        self,
        data: bytes,
        block: Block,
        frame: Frame,
        found: list[Detection],
        faults: list[DecodeError],
    ) -> None:
        """The records of a block, up to the first that cannot be read."""
        category, start, end = block
        book = self._books.get(category)
        if book is None:
            self.overlooked[f"asterix-category-{category:03}"] += 1
            return
        layout, tell = book
        settings = self._settings
        most = self._heard_before + MOST_RECORDS
        at = start + HEAD_OCTETS
        while at < end:
            if self.heard >= most:
                faults.append(Refused("asterix-records", f"over {MOST_RECORDS} in one datagram"))
                return
            try:
                plan, body = layout.open(data, at)
                where, at = plan.find(data, body)
                if at > end:
                    raise Truncated(f"a record of category {category:03} is longer than its block")
            except (IndexError, Refused) as error:
                faults.append(_fault(error, category))
                return
            except Truncated as error:
                faults.append(error)
                return
            self.heard += 1
            try:
                detection = tell(data, where, frame, settings)
            except (IndexError, struct.error, Refused) as error:
                faults.append(_fault(error, category))
                continue
            if detection is not None:
                found.append(detection)

    def _service(self, category: int) -> Tell:
        """Counts service messages; other silent categories are only heard."""
        kinds = _SERVICES.get(category)

        def count(
            data: bytes,
            where: Sequence[int],
            frame: Frame,  # noqa: ARG001, a teller is handed it
            settings: AsterixSettings,  # noqa: ARG001
        ) -> Detection | None:
            if kinds is not None:
                kind = data[where[0]] if where[0] >= 0 else 0
                self.services[f"{category:03} {kinds.get(kind, 'other')}"] += 1
            return None

        return count


def chosen_editions(named: dict[str, str]) -> dict[int, str]:
    """The edition of each category: the usual one, or the one that is named for it.

    Raises ConfigError for a category or an edition that is not here.
    """
    chosen = dict(USUAL_EDITIONS)
    for category, edition in named.items():
        known = EDITIONS.get(int(category)) if category.isdecimal() else None
        if known is None or edition not in known:
            remedy = ", ".join(f"{c:03}: {' '.join(e)}" for c, e in EDITIONS.items())
            raise ConfigError(
                f"no edition {edition} of category {category} is known",
                key="decoder.asterix.editions",
                remedy=f"one of {remedy}",
            )
        chosen[int(category)] = edition
    return chosen


def _fault(error: IndexError | struct.error | Refused, category: int) -> DecodeError:
    if isinstance(error, Refused):
        return error
    return Truncated(f"a record of category {category:03} ends within an item")
