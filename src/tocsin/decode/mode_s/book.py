"""What each aircraft has said of late, by its address: bounded, the longest silent goes first."""

from __future__ import annotations

from collections import OrderedDict

from tocsin.decode.mode_s.cpr import Code

MOST_AIRCRAFT = 4096
SEEN_S = 60.0
"""An address stays known so long after a message whose check sum proved it: squitters come once a
second, and of a random message one in 16 million has a given address."""

NOT_ICAO = 1 << 24
"""Set in the key of an address that its sender made up (DF 18, control field 1)."""


Report = tuple[Code, float, bool]
"""A position report, when it came, and whether it was of the surface kind."""


class Aircraft:
    """The memory of one address. Times are Unix seconds; -inf where nothing was said yet."""

    __slots__ = (
        "above_baro_ft", "above_t", "callsign", "category", "gva", "key", "moved_t", "nac_p",
        "nic_a", "nic_c", "place", "place_t", "proved_t", "reports", "sigma_mps", "sil", "surface",
        "ve", "version", "vn", "vu",
    )  # fmt: skip

    def __init__(self, key: int) -> None:
        never = float("-inf")
        self.key = key
        self.proved_t = never
        self.callsign: str | None = None
        self.category = "A0"
        self.reports: list[Report | None] = [None, None]
        self.place: tuple[float, float] | None = None
        self.place_t = never
        self.surface = False
        self.ve: float | None = None
        self.vn: float | None = None
        self.vu: float | None = None
        self.sigma_mps: float | None = None
        self.moved_t = never
        self.above_baro_ft = 0
        self.above_t = never
        self.version = 0
        self.nac_p: int | None = None
        self.sil = 0
        self.gva: int | None = None
        self.nic_a: int | None = None
        self.nic_c = 0

    @property
    def address(self) -> str:
        """As receivers write it: six hexadecimal digits, behind ~ where it is made up."""
        return f"{'~' if self.key & NOT_ICAO else ''}{self.key & 0xFFFFFF:06x}"


class AircraftBook:
    """The memory of one decoder."""

    def __init__(self, most: int = MOST_AIRCRAFT) -> None:
        self._most = most
        self._aircraft: OrderedDict[int, Aircraft] = OrderedDict()

    def __len__(self) -> int:
        return len(self._aircraft)

    def of(self, key: int) -> Aircraft:
        """The aircraft of this address, fresh if it was never heard."""
        aircraft = self._aircraft.get(key)
        if aircraft is None:
            if len(self._aircraft) >= self._most:
                self._aircraft.popitem(last=False)
            aircraft = self._aircraft[key] = Aircraft(key)
        else:
            self._aircraft.move_to_end(key)
        return aircraft

    def proved(self, address: int, t: float) -> Aircraft | None:
        """The aircraft, if its address was proved by a check sum in the last minute."""
        aircraft = self._aircraft.get(address)
        if aircraft is None or abs(t - aircraft.proved_t) > SEEN_S:
            return None
        return aircraft
