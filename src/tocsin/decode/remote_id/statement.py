"""A Location message → a detection: what it states, and how sure that is.

Time       `t` is the receiver's clock at the moment of the frame. The sender's own time stamp is a
           claim and goes into `claimed_t`: the tenths after the hour are put in the hour nearest
           to the System message's full time if the frame has one, else to the frame. Without it
           the hour is our guess, so that a claim over 15 minutes away is unknown.
Sigma      An accuracy code is a 95 % bound: a radius for positions and velocities in the plane
           (so 2.4477 sigma a axis, the root of -2 ln 0.05), a distance for heights (1.96 sigma).
           A report may be up to 1 s old when it is sent (F3411-22a, 5.4.4; mean square of such
           an age: a third of a second squared), during which the aircraft flew on: that is added.
Unknown    accuracy unknown: twice the error that 14 CFR 89.310 allows (100 ft in the plane,
           150 ft in height, 95 %). A Location without a position is no detection.
Sealed     nothing here reads the operator's or the take-off position.
"""

from __future__ import annotations

import math
from functools import lru_cache

from tocsin.words import ClaimedMotion, Detection, Identity, Position, Sigma
from tocsin.words.remote_id import (
    HORIZONTAL_BOUNDS_M,
    SPEED_BOUNDS_MPS,
    VERTICAL_BOUNDS_M,
    Location,
)

PLANE_95 = 2.4477
LINE_95 = 1.9600
UNKNOWN_HORIZONTAL_SIGMA_M = round(2 * 30.48 / PLANE_95, 2)
UNKNOWN_ALT_SIGMA_M = round(2 * 45.72 / LINE_95, 2)

CLAIM_WINDOW_S = 900.0
_AGE_S = math.sqrt(1 / 3)
_HOUR_S = 3600.0


def _sigmas(bounds: tuple[float | None, ...], factor: float) -> dict[float | None, float]:
    return {bound: bound / factor for bound in bounds if bound is not None}


_HORIZONTAL: dict[float | None, float] = {
    None: UNKNOWN_HORIZONTAL_SIGMA_M,
    **_sigmas(HORIZONTAL_BOUNDS_M, PLANE_95),
}
_ALTITUDE: dict[float | None, float] = {
    None: UNKNOWN_ALT_SIGMA_M,
    **_sigmas(VERTICAL_BOUNDS_M, LINE_95),
}
_SPEED = {bound: round(s, 3) for bound, s in _sigmas(SPEED_BOUNDS_MPS, PLANE_95).items()}


def state(
    location: Location,
    t: float,
    sensor: str,
    identity: Identity | None,
    signal_dbm: float | None,
    source: str | None,
    sent_t: float | None,
) -> Detection | None:
    """What a Location heard at `t` states; None if it has no position. `sent_t` is System's."""
    lat, lon, alt_m = location.lat, location.lon, location.alt_m
    if lat is None or lon is None:
        return None
    speed, climb = location.speed_mps, location.climb_mps
    return Detection(
        t=math.floor(t * 1e3 + 0.5) / 1e3,
        sensor=sensor,
        kind="remote_id",
        position=Position(lat, lon, alt_m),
        sigma=_sigma(
            location.horizontal_bound_m,
            speed or 0.0,
            alt_m is not None,
            location.vertical_bound_m,
            climb or 0.0,
        ),
        identity=identity,
        motion=_motion(speed, location.direction_deg, climb, location.speed_bound_mps),
        signal_dbm=signal_dbm,
        source=source,
        claimed_t=claimed_time(location.after_hour_s, t, sent_t),
    )


def claimed_time(after_hour_s: float | None, t: float, sent_t: float | None) -> float | None:
    """Unix seconds of `after_hour_s` in the hour that brings it nearest to the known time."""
    if after_hour_s is None:
        return None
    known_t = t if sent_t is None else sent_t
    claimed_t = (known_t - after_hour_s + _HOUR_S / 2) // _HOUR_S * _HOUR_S + after_hour_s
    if sent_t is None and abs(claimed_t - t) > CLAIM_WINDOW_S:
        return None
    return claimed_t


# The codes of the standard make few different sigmas and velocities: each is reckoned once.
@lru_cache(maxsize=8192)
def _sigma(
    horizontal_bound_m: float | None,
    speed_mps: float,
    with_alt: bool,
    vertical_bound_m: float | None,
    climb_mps: float,
) -> Sigma:
    horizontal_m = math.hypot(_HORIZONTAL[horizontal_bound_m], speed_mps * _AGE_S)
    if not with_alt:
        return Sigma(horizontal_m=round(horizontal_m, 2))
    alt_m = math.hypot(_ALTITUDE[vertical_bound_m], climb_mps * _AGE_S)
    return Sigma(horizontal_m=round(horizontal_m, 2), alt_m=round(alt_m, 2))


@lru_cache(maxsize=8192)
def _motion(
    speed_mps: float | None,
    direction_deg: float | None,
    climb_mps: float | None,
    speed_bound_mps: float | None,
) -> ClaimedMotion | None:
    """The claimed velocity; a hovering aircraft has one even if its course is unknown."""
    ve = vn = None
    if speed_mps == 0.0:
        ve = vn = 0.0
    elif speed_mps is not None and direction_deg is not None:
        course = math.radians(direction_deg)
        ve = round(speed_mps * math.sin(course), 3)
        vn = round(speed_mps * math.cos(course), 3)
    if ve is None and climb_mps is None:
        return None
    return ClaimedMotion(ve, vn, climb_mps, _SPEED.get(speed_bound_mps))
