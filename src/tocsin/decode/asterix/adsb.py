"""CAT 021: what an aircraft says of itself by ADS-B, relayed by a ground station → a position fix.

Languages  editions 0.x (I021/030 is the time) and 2.x (I021/131 is the finer position; I021/071 the
           time of the position, else 073, 077); I021/130 has 24 or 32 bits, as the table says
Height     I021/140 (above the ellipsoid), else I021/145, a flight level, with the wide sigma of a
           pressure
Sigma      NACp, a 95 % radius (DO-260B, 2.2.3.2.7.2.7); without it NUCp of version 0 transponders
           (DO-260, table 2-11), else PIC. Unknown, as always in 0.x: 378 m, the 0.5 NM of NACp 5,
           the worst that separation by ADS-B admits
Class      emitter category 13 (unmanned): drone; 20 to 24 (vehicles, obstacles): other; else
           aircraft
Silent on  simulated and test targets, field monitors
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.decode.asterix.told import (
    AIRCRAFT,
    BAROMETRIC_SIGMA_M,
    DRONE,
    FOOT_M,
    PLANE_95,
    UNMANNED,
    AsterixSettings,
    Tell,
    callsign_of,
    identity_of,
    one_i16,
    pair_i32,
    sensor_of,
    sigma_of,
    times,
)
from tocsin.errors import Refused
from tocsin.words import ClassScores, Detection, Frame, Identity, Position
from tocsin.words.asterix import Group, Table

WANTED = (
    "010", "040", "071", "073", "077", "030", "131", "130", "140", "145",
    "080", "170", "020", "090", "210",
)  # fmt: skip

UNKNOWN_SIGMA_M = round(926.0 / PLANE_95, 1)
GEOMETRIC_SIGMA_M = 25.0
"""GVA 2 bounds 95 % by 45 m, GVA 1 by 150 m; most that fly say 2 (DO-260B, 2.2.3.2.7.2.8)."""

_NM = 1852.0
_NACP_M = (0.0, 10 * _NM, 4 * _NM, 2 * _NM, _NM, 0.5 * _NM, 0.3 * _NM, 0.1 * _NM, 0.05 * _NM,
           30.0, 10.0, 3.0)  # fmt: skip
_NUCP_M = (0.0, 10 * _NM, 5 * _NM, 1 * _NM, 0.5 * _NM, 0.25 * _NM, 0.1 * _NM, 0.05 * _NM, 10.0,
           3.0)  # fmt: skip
_PIC_M = (0.0, 20 * _NM, 10 * _NM, 8 * _NM, 4 * _NM, 2 * _NM, _NM, 0.6 * _NM, 0.5 * _NM,
          0.3 * _NM, 0.2 * _NM, 0.1 * _NM, 0.04 * _NM, 0.013 * _NM, 0.004 * _NM)  # fmt: skip
"""95 % radii of NACp and NUCp, 0 where unknown. The radius of PIC holds all positions but 1 in
100,000 or fewer: a sigma taken from it as if it held 95 % is on the safe side."""

_HEIGHT_M = 6.25 * FOOT_M
_LEVEL_M = 25 * FOOT_M
_FINE_DEG, _WIDE_DEG, _COARSE_DEG = 180 / 2**30, 180 / 2**25, 180 / 2**23
_FIRST_ON_GROUND, _LAST_ON_GROUND = 20, 24
_OTHER = ClassScores(drone=0.01, bird=0.0, aircraft=0.04, other=0.95)


def teller(table: Table) -> Tell:
    """How a record of this edition is told: (data, where its items (`WANTED`) lie, -1 where not
    there, frame, settings) to a detection. Raises Refused for a position that is none."""
    old = table.edition.startswith("0.")
    place = table.items["130"]
    wide = isinstance(place, Group) and place.bits == 64

    def tell(
        data: bytes, where: Sequence[int], frame: Frame, settings: AsterixSettings
    ) -> Detection | None:
        a010, a040, a071, a073, a077, a030, a131, a130, a140, a145 = where[:10]
        if a040 >= 0 and _is_no_flight(data, a040, old):
            return None
        if a131 >= 0 and not old:
            north, east = pair_i32(data, a131)
            lat, lon = north * _FINE_DEG, east * _FINE_DEG
        elif a130 < 0:
            return None
        elif wide:
            north, east = pair_i32(data, a130)
            lat, lon = north * _WIDE_DEG, east * _WIDE_DEG
        else:
            lat, lon = _signed24(data, a130) * _COARSE_DEG, _signed24(data, a130 + 3) * _COARSE_DEG
        if not -90.0 <= lat <= 90.0 or not -180.0 <= lon <= 180.0:
            raise Refused("asterix-position", f"{lat:.4f}, {lon:.4f} is nowhere on Earth")
        sensor = sensor_of(data, a010, frame)
        if not sensor:
            return None
        clock = a030 if old else next((one for one in (a071, a073, a077) if one >= 0), -1)
        t, received = times(data, clock, frame, settings)
        alt_m, alt_sigma_m = _height(data, a140, a145)
        identity, class_ = _who(data, where[10:13])
        return Detection(
            t=t,
            sensor=sensor,
            kind="adsb",
            position=Position(round(lat, 7), round(lon, 7), alt_m),
            sigma=sigma_of(
                horizontal_m=UNKNOWN_SIGMA_M if old else _sigma(data, *where[13:]),
                alt_m=alt_sigma_m,
            ),
            class_=class_,
            identity=identity,
            received=received,
            source=None if identity is None else identity.icao24,
        )

    return tell


def _signed24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "big", signed=True)


def _is_no_flight(data: bytes, at: int, old: bool) -> bool:
    """I021/040: simulated, test, or a field monitor (RAB)."""
    if old:
        return bool(data[at] & 0x38)
    first = data[at]
    return bool(first & 0x02 or (first & 0x01 and data[at + 1] & 0x30))


def _height(data: bytes, geometric: int, level: int) -> tuple[float | None, float | None]:
    """(metres, sigma)."""
    if geometric >= 0:
        return round(one_i16(data, geometric)[0] * _HEIGHT_M, 2), GEOMETRIC_SIGMA_M
    if level >= 0:
        return round(one_i16(data, level)[0] * _LEVEL_M, 2), BAROMETRIC_SIGMA_M
    return None, None


def _who(data: bytes, where: Sequence[int]) -> tuple[Identity | None, ClassScores]:
    """The claimed identity, and what the emitter says that it is."""
    a080, a170, a020 = where
    category = data[a020] if a020 >= 0 else 0
    class_ = AIRCRAFT
    if category == UNMANNED:
        class_ = DRONE
    elif _FIRST_ON_GROUND <= category <= _LAST_ON_GROUND:
        class_ = _OTHER
    address = None if a080 < 0 else data[a080 : a080 + 3].hex()
    callsign = None if a170 < 0 else callsign_of(data, a170)
    return identity_of(address, callsign), class_


def _sigma(data: bytes, a090: int, a210: int) -> float:
    """Metres, 1-sigma an axis, by the best quality indicator there is."""
    if a090 < 0:
        return UNKNOWN_SIGMA_M
    version = data[a210] >> 3 & 7 if a210 >= 0 else None
    octets = [data[a090]]
    while octets[-1] & 1:
        octets.append(data[a090 + len(octets)])
    radius_m = 0.0
    if version == 0:
        radius_m = _radius(_NUCP_M, octets[0] >> 1 & 15)
    elif len(octets) > 1:
        radius_m = _radius(_NACP_M, octets[1] >> 1 & 15)
    if not radius_m and len(octets) > 3:
        radius_m = _radius(_PIC_M, octets[3] >> 4)
    return round(radius_m / PLANE_95, 2) if radius_m else UNKNOWN_SIGMA_M


def _radius(radii: Sequence[float], code: int) -> float:
    return radii[code] if code < len(radii) else 0.0
