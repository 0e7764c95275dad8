"""Which aircraft speaks: what each transmitter address has said of late.

Legacy Bluetooth and some Wi-Fi senders put one message in a frame, so that a Location comes
without a name. One address may carry several aircraft (relays, spoofers) and one aircraft may
change its address. So the book remembers, per address, the ids and the places heard in the last
30 s, and gives a Location a name only where no other reading is possible:

1. the place follows on from one place of a known aircraft, and no id lacks a place; or
2. exactly one id lacks a place, and every other place has an id; or
3. the place is a jump, but one id alone was heard at least three more times since the doubt arose
   (ids are due every 3 s: F3411-22a, 5.4.4): it is that aircraft which jumps.

Otherwise the name is unknown: it is never guessed. Ids of different types (a serial and a session)
are one aircraft's, unless one type has two values. Memory is bounded: the address that was silent
longest goes first.
"""

from __future__ import annotations

import math
from collections import OrderedDict

from tocsin.words import Identity

LIFE_S = 30.0
"""Ten of the 3 s in which every static message is due again (F3411-22a, 5.4.4)."""
MOST_ADDRESSES = 4096
_MOST_IDS = 8
_MOST_PLACES = 8

_REACH_M = 30.0  # two positions of one hovering aircraft with ordinary GNSS errors
_REACH_MPS = 60.0  # the fastest small drone we care for
_METRES_PER_DEGREE = 111_320.0
_SETTLED = 3

Key = tuple[str, str]
"""An aircraft on an address: the field of Identity that tells it apart, and its value."""

_FIELDS = ("serial", "registration", "session")


class _Place:
    """Where something on this address was last, and which aircraft it is, if known."""

    __slots__ = ("key", "lat", "lon", "t")

    def __init__(self, lat: float, lon: float, t: float, key: Key | None) -> None:
        self.lat = lat
        self.lon = lon
        self.t = t
        self.key = key

    def move(self, lat: float, lon: float, t: float) -> None:
        self.lat = lat
        self.lon = lon
        self.t = t

    def reaches(self, lat: float, lon: float, t: float) -> bool:
        """Whether the same aircraft can be there at `t`. Flat-earth: good to 1 % over 10 km."""
        east = (lon - self.lon) * math.cos(math.radians(lat))
        distance_m = math.hypot(lat - self.lat, east) * _METRES_PER_DEGREE
        return distance_m <= _REACH_M + _REACH_MPS * abs(t - self.t)


class _Entry:
    """One address. `doubt` counts ids heard since a jump that nobody explained; None: no doubt."""

    __slots__ = ("doubt", "ids", "operators", "places", "t")

    def __init__(self, t: float) -> None:
        self.t = t
        self.ids: dict[Key, float] = {}
        self.operators: dict[str, float] = {}
        self.places: list[_Place] = []
        self.doubt: int | None = None

    def expire(self, t: float) -> None:
        """Forget what is older than `LIFE_S`."""
        self.t = t
        self.ids = {key: heard for key, heard in self.ids.items() if abs(t - heard) <= LIFE_S}
        self.operators = {
            name: heard for name, heard in self.operators.items() if abs(t - heard) <= LIFE_S
        }
        self.places = [place for place in self.places if abs(t - place.t) <= LIFE_S]
        if not self.places:
            self.doubt = None

    def keys(self) -> list[Key]:
        """The aircraft on this address: the values of the id type that has most of them."""
        by_field = [[key for key in self.ids if key[0] == field] for field in _FIELDS]
        return max(by_field, key=len)

    def hear(self, key: Key, t: float) -> None:
        """An id was heard."""
        self.ids[key] = t
        if len(self.ids) > _MOST_IDS:
            del self.ids[min(self.ids, key=self.ids.__getitem__)]
        if self.doubt is not None:
            self.doubt = self.doubt + 1 if self.keys() == [key] else 0

    def place_key(self, lat: float, lon: float, t: float, keys: list[Key]) -> Key | None:
        """Which of the aircraft `keys` it is that is there now; None where it cannot be told."""
        if len(keys) == 1 and self.doubt is not None and self.doubt >= _SETTLED:
            self.places = [_Place(lat, lon, t, keys[0])]
            return keys[0]
        near = [place for place in self.places if place.reaches(lat, lon, t)]
        if len(near) > 1:
            return None
        placed = {place.key for place in self.places}
        unplaced = [key for key in keys if key not in placed]
        if near and near[0].key in keys:
            if unplaced:
                return None
            near[0].move(lat, lon, t)
            return near[0].key
        others = [place for place in self.places if place not in near]
        explained = all(place.key in keys for place in others)
        key = unplaced[0] if len(unplaced) == 1 and explained else None
        if near:
            near[0].move(lat, lon, t)
            near[0].key = key
        else:
            if self.places and key is None and self.doubt is None:
                self.doubt = 0
            self.places = [*self.places[1 - _MOST_PLACES :], _Place(lat, lon, t, key)]
        return key

    def identity(self, keys: list[Key], key: Key | None) -> Identity | None:
        """All that is known of an aircraft that is alone here; of one of several, its key only."""
        ids = self.ids
        operator = None
        if len(keys) > 1:
            ids = {} if key is None else {key: self.t}
        elif key is None and keys:
            ids = {}
        elif len(self.operators) == 1:
            operator = next(iter(self.operators))
        return identity_of(list(ids), operator)


def identity_of(ids: list[Key], operator: str | None) -> Identity | None:
    """One aircraft's identity. A field that was given two values is unknown; None if all are."""
    serial, registration, session = (
        values[0] if len(values := [value for name, value in ids if name == field]) == 1 else None
        for field in _FIELDS
    )
    if serial is None and registration is None and session is None and operator is None:
        return None
    return Identity(serial, session, operator, None, registration)


class AddressBook:
    """The memory of one decoder. Addresses are raw bytes."""

    def __init__(self, most_addresses: int = MOST_ADDRESSES) -> None:
        self._most = most_addresses
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, address: bytes) -> bool:
        return address in self._entries

    def hear(self, address: bytes, ids: list[Key], operator: str | None, t: float) -> None:
        """Ids and an operator were said on this address."""
        entry = self._entry(address, t)
        for key in ids:
            entry.hear(key, t)
        if operator is not None:
            entry.operators[operator] = t
            if len(entry.operators) > _MOST_IDS:
                del entry.operators[min(entry.operators, key=entry.operators.__getitem__)]

    def name(self, address: bytes, lat: float, lon: float, t: float) -> Identity | None:
        """Whose Location this is that came without a name."""
        entry = self._entry(address, t)
        keys = entry.keys()
        return entry.identity(keys, entry.place_key(lat, lon, t, keys))

    def _entry(self, address: bytes, t: float) -> _Entry:
        entry = self._entries.get(address)
        if entry is None:
            if len(self._entries) >= self._most:
                self._entries.popitem(last=False)
            entry = self._entries[address] = _Entry(t)
        else:
            self._entries.move_to_end(address)
            entry.expire(t)
        return entry
