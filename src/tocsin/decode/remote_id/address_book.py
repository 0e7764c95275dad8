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
from typing import TypeVar

from tocsin.words import Identity

LIFE_S = 30.0
"""Ten of the 3 s in which every static message is due again (F3411-22a, 5.4.4)."""
MOST_ADDRESSES = 4096
_MOST_IDS = 8
_MOST_PLACES = 8

_EXPIRE_EVERY_S = 1.0
_REACH_M = 30.0  # two positions of one hovering aircraft with ordinary GNSS errors
_REACH_MPS = 60.0  # the fastest small drone we care for
_METRES_PER_DEGREE = 111_320.0
_SETTLED = 3

Key = tuple[str, str]
"""An aircraft on an address: the field of Identity that tells it apart, and its value."""

_K = TypeVar("_K")
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
        turn = (lon - self.lon + 540.0) % 360.0 - 180.0
        east = turn * math.cos(math.radians(lat))
        distance_m = math.hypot(lat - self.lat, east) * _METRES_PER_DEGREE
        return distance_m <= _REACH_M + _REACH_MPS * abs(t - self.t)


class _Entry:
    """One address. `doubt` counts ids heard since a jump that nobody explained; None: no doubt.

    `aircraft` are the values of the id type that has most of them, `alone` the identity of the
    only one; both are reckoned when the ids change.
    """

    __slots__ = ("aircraft", "alone", "doubt", "expired_t", "ids", "operators", "places")

    def __init__(self, t: float) -> None:
        self.expired_t = t
        self.ids: dict[Key, float] = {}
        self.operators: dict[str, float] = {}
        self.places: list[_Place] = []
        self.aircraft: list[Key] = []
        self.alone: Identity | None = None
        self.doubt: int | None = None

    def expire(self, t: float) -> None:
        """Forget what is older than `LIFE_S`."""
        self.expired_t = t
        self.places = [place for place in self.places if abs(t - place.t) <= LIFE_S]
        if not self.places:
            self.doubt = None
        self.ids = _fresh(self.ids, t)
        self.operators = _fresh(self.operators, t)
        self._reckon()

    def hear(self, key: Key, t: float) -> None:
        """An id was heard."""
        new = key not in self.ids
        self.ids[key] = t
        if new:
            self.ids = _youngest(self.ids)
            self._reckon()
        if self.doubt is not None:
            self.doubt = self.doubt + 1 if self.aircraft == [key] else 0

    def hear_operator(self, operator: str, t: float) -> None:
        """An operator's number was heard."""
        new = operator not in self.operators
        self.operators[operator] = t
        if new:
            self.operators = _youngest(self.operators)
            self._reckon()

    def name(self, lat: float, lon: float, t: float) -> Identity | None:
        """All that is known of an aircraft that is alone here; of one of several, its id only."""
        key = self._key(lat, lon, t)
        if len(self.aircraft) <= 1:
            return self.alone if key is not None or not self.aircraft else None
        return None if key is None else identity_of([key], None)

    def _key(self, lat: float, lon: float, t: float) -> Key | None:
        """Which of the aircraft is there now; None where it cannot be told."""
        places, aircraft = self.places, self.aircraft
        if len(aircraft) == 1 and self.doubt is not None and self.doubt >= _SETTLED:
            self.places = [_Place(lat, lon, t, aircraft[0])]
            return aircraft[0]
        near = [place for place in places if place.reaches(lat, lon, t)]
        if len(near) > 1:
            return None
        placed = {place.key for place in places}
        unplaced = [key for key in aircraft if key not in placed]
        if near and near[0].key in aircraft:
            if unplaced:
                return None
            near[0].move(lat, lon, t)
            return near[0].key
        explained = all(place.key in aircraft for place in places if place not in near)
        key = unplaced[0] if len(unplaced) == 1 and explained else None
        if near:
            near[0].move(lat, lon, t)
            near[0].key = key
        else:
            if places and key is None and self.doubt is None:
                self.doubt = 0
            self.places = [*places[1 - _MOST_PLACES :], _Place(lat, lon, t, key)]
        return key

    def _reckon(self) -> None:
        by_field = [[key for key in self.ids if key[0] == field] for field in _FIELDS]
        self.aircraft = max(by_field, key=len)
        operator = next(iter(self.operators)) if len(self.operators) == 1 else None
        self.alone = identity_of(list(self.ids), operator)


def _fresh(known: dict[_K, float], t: float) -> dict[_K, float]:
    return {name: heard for name, heard in known.items() if abs(t - heard) <= LIFE_S}


def _youngest(known: dict[_K, float]) -> dict[_K, float]:
    """At most `_MOST_IDS`: the one heard longest ago goes."""
    if len(known) > _MOST_IDS:
        del known[min(known, key=known.__getitem__)]
    return known


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
            entry.hear_operator(operator, t)

    def name(self, address: bytes, lat: float, lon: float, t: float) -> Identity | None:
        """Whose Location this is that came without a name."""
        return self._entry(address, t).name(lat, lon, t)

    def _entry(self, address: bytes, t: float) -> _Entry:
        entry = self._entries.get(address)
        if entry is None:
            if len(self._entries) >= self._most:
                self._entries.popitem(last=False)
            entry = self._entries[address] = _Entry(t)
        else:
            self._entries.move_to_end(address)
            if abs(t - entry.expired_t) > _EXPIRE_EVERY_S:
                entry.expire(t)
        return entry
