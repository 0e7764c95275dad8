"""CAT 048: what a radar saw at a range and an azimuth → a bearing with range.

Position   I048/040 (slant range, azimuth from the radar's north), else I048/042. No elevation: a
           flight level is what the aircraft claims of the pressure, and the radar's own height is
           not in the message. No range where the report says that it lies beyond the item (ERR).
Doppler    I048/120, calculated and not doubtful; the sign is a setting, since the standard leaves
           it open
Sigma      the errors that EUROCONTROL's standard for en-route radars allows (SUR.ET1.ST01, 6.2.2):
           primary 120 m and 0.15 deg, secondary 70 m and 0.08 deg; or the settings
Class      a transponder: aircraft; I048/030 says birds: bird; a bare echo: unknown
Silent on  no detection (TYP 0), simulated and test targets, field monitors: no flying thing seen
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tocsin.decode.asterix.told import (
    AIRCRAFT,
    NAUTICAL_MILE_M,
    AsterixSettings,
    callsign_of,
    identity_of,
    pair_i16,
    pair_u16,
    sensor_of,
    sigma_of,
    times,
)
from tocsin.words import Bearing, ClassScores, Detection, Frame

WANTED = ("010", "140", "020", "040", "042", "220", "240", "120", "030")

PRIMARY_SIGMA = (120.0, 0.15)
SECONDARY_SIGMA = (70.0, 0.08)
"""Metres of range, degrees of azimuth."""
DOPPLER_SIGMA_MPS = 1.0
"""One step of the item."""

_RANGE_M = NAUTICAL_MILE_M / 256
_AZIMUTH_DEG = 360 / 65536
_CARTESIAN_M = NAUTICAL_MILE_M / 128
_BIRDS = {19, 20}
_BIRD = ClassScores(drone=0.08, bird=0.9, aircraft=0.01, other=0.01)
_SIMULATED, _FIELD_MONITOR, _MORE = 0x10, 0x02, 0x01
_TEST, _BEYOND_RANGE = 0x80, 0x40


def tell(
    data: bytes, where: Sequence[int], frame: Frame, settings: AsterixSettings
) -> Detection | None:
    """The detection in a record whose items (`WANTED`) lie at `where`, -1 where not there."""
    a010, a140, a020, a040, a042, a220, a240, a120, a030 = where
    kind = data[a020] >> 5 if a020 >= 0 else None
    beyond_range = False
    if a020 >= 0:
        first = data[a020]
        more = data[a020 + 1] if first & _MORE else 0
        if kind == 0 or first & (_SIMULATED | _FIELD_MONITOR) or more & _TEST:
            return None
        beyond_range = bool(more & _BEYOND_RANGE)
    if a040 >= 0:
        rho, theta = pair_u16(data, a040)
        range_m, azimuth_deg = rho * _RANGE_M, theta * _AZIMUTH_DEG
    elif a042 >= 0:
        x, y = pair_i16(data, a042)
        range_m = math.hypot(x, y) * _CARTESIAN_M
        azimuth_deg = math.degrees(math.atan2(x, y)) % 360.0
    else:
        return None
    sensor = sensor_of(data, a010, frame)
    if not sensor:
        return None
    t, received = times(data, a140, frame, settings)
    rate = None if a120 < 0 else _range_rate(data, a120, settings)
    sigma_range_m, sigma_azimuth_deg = PRIMARY_SIGMA if kind == 1 else SECONDARY_SIGMA
    address = None if a220 < 0 else data[a220 : a220 + 3].hex()
    callsign = None if a240 < 0 else callsign_of(data, a240)
    return Detection(
        t=t,
        sensor=sensor,
        kind="radar",
        bearing=Bearing(
            azimuth_deg=round(azimuth_deg, 4),
            range_m=None if beyond_range else round(range_m, 2),
            range_rate_mps=rate,
        ),
        sigma=sigma_of(
            azimuth_deg=settings.sigma_azimuth_deg or sigma_azimuth_deg,
            range_m=None if beyond_range else settings.sigma_range_m or sigma_range_m,
            range_rate_mps=None if rate is None else DOPPLER_SIGMA_MPS,
        ),
        class_=_class(data, kind, a030),
        identity=identity_of(address, callsign),
        received=received,
        source=address,
    )


def _range_rate(data: bytes, at: int, settings: AsterixSettings) -> float | None:
    """Metres a second, positive when receding; None where doubtful or not calculated."""
    if not data[at] & 0x80 or settings.doppler == "unknown":
        return None
    word = data[at + 1] << 8 | data[at + 2]
    if word & 0x8000:
        return None
    speed = (word & 0x3FF) - (word & 0x200) * 2
    return float(speed if settings.doppler == "receding" else -speed)


def _class(data: bytes, kind: int | None, at: int) -> ClassScores | None:
    if kind is not None and kind >= 2:
        return AIRCRAFT
    while at >= 0:
        if data[at] >> 1 in _BIRDS:
            return _BIRD
        at = at + 1 if data[at] & 1 else -1
    return None
