"""From a position report to a place that can be: pairs, known places, and whether it is plausible.

Standard   DO-260B 2.2.10.6 and appendix A, 1.7: an even and an odd report make a pair within 10 s
           in the air, on the ground within 25 s at 25 knots or more (or unknown) and 50 s below.
           One report alone is laid near the aircraft's last place, or near the receiver where
           nothing further than half a zone is heard. A place more than 6 NM (both in the air),
           0.75 NM (both on the ground) or 2.5 NM (one of each) from one of the last 30 s, or
           further than flight can explain from an older one, is not believed, and its aircraft
           must make a new pair
Errors     none: what is not believed is None, with a rule in `overlooked`
"""

from __future__ import annotations

import math
from collections import Counter

from tocsin.decode.mode_s.book import Aircraft
from tocsin.decode.mode_s.cpr import Code, airborne_pair, near_place, surface_pair

AIRBORNE_PAIR_S = 10.0
SURFACE_PAIR_S, SLOW_SURFACE_PAIR_S = 25.0, 50.0
SLOW_MPS = 25 * 1852 / 3600

_NM_M = 1852.0
_JUMP_S = 30.0
_JUMP_M = {(False, False): 6 * _NM_M, (True, True): 0.75 * _NM_M}
_CROSSING_JUMP_M = 2.5 * _NM_M
FASTEST_MPS = 400.0
"""No civil aircraft is faster over ground; the tracker judges claims by the same number."""

_NEAR_S = {False: 600.0, True: 180.0}
"""So long a last place serves for one report: at the fastest an aircraft flies 240 km and 72 km,
less than the half zones of 330 km and 83 km within which it is not mistaken."""
HALF_ZONE_M = 330_000.0
_EARTH_M = 6_371_000.0

JUMP, FAR = "position-jump", "position-beyond-reach"


def place(
    aircraft: Aircraft,
    code: Code,
    t: float,
    *,
    surface: bool,
    receiver: tuple[float, float] | None,
    reach_m: float,
    overlooked: Counter[str],
) -> tuple[float, float] | None:
    """Where the aircraft is, None while that is open; remembers the report and the place."""
    aircraft.reports[code.odd] = (code, t, surface)
    found = pair_of(aircraft, code, t, surface=surface, receiver=receiver)
    if found is None:
        found = _alone(aircraft, code, t, surface, receiver, reach_m)
    if found is None:
        return None
    if receiver is not None and apart_m(receiver, found) > reach_m:
        overlooked[FAR] += 1
        return None
    if not follows(aircraft, found, t, surface):
        overlooked[JUMP] += 1
        aircraft.place = None
        aircraft.reports[not code.odd] = None
        return None
    aircraft.place, aircraft.place_t, aircraft.surface = found, t, surface
    return found


def follows(aircraft: Aircraft, new: tuple[float, float], t: float, surface: bool) -> bool:
    """Whether the aircraft can have come there from its last place."""
    if aircraft.place is None:
        return True
    dt = abs(t - aircraft.place_t)
    far = apart_m(aircraft.place, new)
    if dt <= _JUMP_S:
        return far <= _JUMP_M.get((surface, aircraft.surface), _CROSSING_JUMP_M)
    return far <= FASTEST_MPS * dt


def apart_m(one: tuple[float, float], two: tuple[float, float]) -> float:
    """Metres between two places on a sphere: good to 0.6 %."""
    lat1, lat2 = math.radians(one[0]), math.radians(two[0])
    half_lat, half_lon = (lat2 - lat1) / 2, math.radians(two[1] - one[1]) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(h)))


def pair_of(
    aircraft: Aircraft,
    code: Code,
    t: float,
    *,
    surface: bool,
    receiver: tuple[float, float] | None,
) -> tuple[float, float] | None:
    """By an even and an odd report of one kind that are near enough in time."""
    other = aircraft.reports[not code.odd]
    if other is None or other[2] != surface or abs(t - other[1]) > _window_s(aircraft, surface):
        return None
    even, odd = (other[0], code) if code.odd else (code, other[0])
    if not surface:
        return airborne_pair(even, odd, code.odd)
    near = _last(aircraft, t, surface) or receiver
    return None if near is None else surface_pair(even, odd, code.odd, near)


def _window_s(aircraft: Aircraft, surface: bool) -> float:
    if not surface:
        return AIRBORNE_PAIR_S
    ve, vn = aircraft.ve, aircraft.vn
    slow = ve is not None and vn is not None and math.hypot(ve, vn) < SLOW_MPS
    return SLOW_SURFACE_PAIR_S if slow else SURFACE_PAIR_S


def _last(aircraft: Aircraft, t: float, surface: bool) -> tuple[float, float] | None:
    """The last place, while it is sure to be within half a zone."""
    return aircraft.place if abs(t - aircraft.place_t) <= _NEAR_S[surface] else None


def _alone(
    aircraft: Aircraft,
    code: Code,
    t: float,
    surface: bool,
    receiver: tuple[float, float] | None,
    reach_m: float,
) -> tuple[float, float] | None:
    """By one report and a known place. On the ground nobody is heard from 83 km away."""
    near = _last(aircraft, t, surface)
    if near is None and (surface or reach_m <= HALF_ZONE_M):
        near = receiver
    return None if near is None else near_place(code, near, surface=surface)
