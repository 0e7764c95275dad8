"""What an aircraft claims by ADS-B → a detection, and how sure that is.

Class      by emitter category: unmanned (B6) is a drone by its own word, surface vehicles and
           obstacles (set C) are neither, all others are aircraft: 0.97, a claim and never sure
Height     above the ellipsoid only: barometric altitude plus the difference between the two that
           the aircraft itself told in the last 30 s; otherwise unknown. Weather
           moves barometric altitude by hundreds of metres: it never stands in its place
Motion     what was claimed in the last 5 s
"""

from __future__ import annotations

import math

from tocsin.decode.mode_s.accuracy import (
    altitude_sigma_m,
    containment_m,
    horizontal_sigma_m,
)
from tocsin.decode.mode_s.altitude import FEET_M
from tocsin.decode.mode_s.book import NOT_ICAO, Aircraft
from tocsin.decode.mode_s.squitter import AirbornePosition, SurfacePosition
from tocsin.words import ClaimedMotion, ClassScores, Detection, Identity, Position, Sigma

MOTION_S = 5.0
ABOVE_S = 30.0
"""The air's pressure changes the difference by less than a foot in this time; a climb of 20 m/s by
some 10 m where the air is far from standard."""
_UNKNOWN_SPEED_MPS = 250.0
"""For the error of age where no speed was told: an airliner's."""

_AIRCRAFT = ClassScores(drone=0.01, bird=0.01, aircraft=0.97, other=0.01)
_BY_CATEGORY = {
    "B6": ClassScores(drone=0.97, bird=0.01, aircraft=0.01, other=0.01),
    **{f"C{n}": ClassScores(drone=0.01, bird=0.01, aircraft=0.01, other=0.97) for n in range(1, 6)},
}


def class_of(category: str) -> ClassScores:
    """The class that an emitter category stands for."""
    return _BY_CATEGORY.get(category, _AIRCRAFT)


def identity_of(aircraft: Aircraft) -> Identity:
    """An address that its sender made up lasts a flight at best, like a session's."""
    if aircraft.key & NOT_ICAO:
        return Identity(session=aircraft.address, callsign=aircraft.callsign)
    return Identity(icao24=aircraft.address, callsign=aircraft.callsign)


def state(
    aircraft: Aircraft,
    report: AirbornePosition | SurfacePosition,
    place: tuple[float, float],
    t: float,
    sensor: str,
    signal_dbm: float | None,
) -> Detection:
    """The detection of a position report that was placed."""
    motion = motion_of(aircraft, t)
    speed_mps = _UNKNOWN_SPEED_MPS
    if isinstance(report, SurfacePosition):
        nic_b, alt_m = 0, None
        speed_mps = 0.0 if report.speed_kt is None else report.speed_kt * 1852 / 3600
    else:
        nic_b, alt_m = report.nic_b, _height_m(aircraft, report, t)
        if motion is not None and motion.ve is not None and motion.vn is not None:
            speed_mps = math.hypot(motion.ve, motion.vn)
    version = aircraft.version
    rc_m = None
    if version > 0:
        rc_m = containment_m(report.type_code, version, aircraft.nic_a, nic_b, aircraft.nic_c)
    return Detection(
        t=stamp(t),
        sensor=sensor,
        kind="adsb",
        position=Position(round(place[0], 7), round(place[1], 7), alt_m),
        sigma=Sigma(
            horizontal_m=horizontal_sigma_m(
                report.type_code, aircraft.nac_p, rc_m, aircraft.sil, float(round(speed_mps))
            ),
            alt_m=None
            if alt_m is None
            else altitude_sigma_m(aircraft.gva, aircraft.nac_p, version),
        ),
        class_=class_of(aircraft.category),
        identity=identity_of(aircraft),
        motion=motion,
        signal_dbm=signal_dbm,
    )


def motion_of(aircraft: Aircraft, t: float) -> ClaimedMotion | None:
    """The velocity it claimed of late."""
    if abs(t - aircraft.moved_t) > MOTION_S or (aircraft.ve is None and aircraft.vu is None):
        return None
    return ClaimedMotion(aircraft.ve, aircraft.vn, aircraft.vu, aircraft.sigma_mps)


def stamp(t: float) -> float:
    """To the millisecond."""
    return math.floor(t * 1e3 + 0.5) / 1e3


def _height_m(aircraft: Aircraft, report: AirbornePosition, t: float) -> float | None:
    if report.altitude_ft is None or abs(t - aircraft.above_t) > ABOVE_S:
        return None
    return round((report.altitude_ft + aircraft.above_baro_ft) * FEET_M, 2)
