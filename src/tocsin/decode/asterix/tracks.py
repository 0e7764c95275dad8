"""CAT 062: where another tracker believes an aircraft to be → a position fix.

Position   I062/105. Height: I062/130 (above the ellipsoid), else I062/136 or I062/135, flight
           levels, that is pressures, with the wide sigma of one
Sigma      I062/500: APC (metres), else APW (degrees), else 354 m an axis: the 500 m root mean
           square that EUROCONTROL asks of a tracker for 5 NM separation (ESASSP, 5N_C-R8);
           height AGA, else 30 m for a geometric one
Time       I062/070
Motion     I062/185 and I062/220
Class      emitter category 13 in I062/380 (EMC): drone; an aircraft's address: aircraft
Silent on  simulated tracks; a track that ended (TSE) or was not updated by any sensor (CST): no
           sensor saw it then
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tocsin.decode.asterix.layout import Layout, layout_of_compound
from tocsin.decode.asterix.told import (
    AIRCRAFT,
    BAROMETRIC_SIGMA_M,
    DRONE,
    FOOT_M,
    UNMANNED,
    AsterixSettings,
    Tell,
    callsign_of,
    identity_of,
    one_i16,
    pair_i16,
    pair_i32,
    pair_u16,
    sensor_of,
    sigma_of,
    times,
)
from tocsin.errors import Refused
from tocsin.words import ClaimedMotion, ClassScores, Detection, Frame, Position
from tocsin.words.asterix import Compound, Table

WANTED = ("010", "070", "105", "080", "130", "136", "135", "185", "220", "380", "500", "245")

DEFAULT_SIGMA_M = round(500.0 / math.sqrt(2), 1)
GEOMETRIC_SIGMA_M = 30.0
LEAST_SIGMA_M = 0.5
"""One step of I062/500: a sender that says 0 does not mean that it is without error."""

_ANGLE_DEG = 180 / 2**25
_HEIGHT_M = 6.25 * FOOT_M
_LEVEL_M = 25 * FOOT_M
_SPEED_MPS = 0.25
_CLIMB_MPS = 6.25 * FOOT_M / 60
_DEGREE_M = 111_320.0
"""Of latitude, and of longitude at the equator; for a sigma it need be no better."""
_SIMULATED, _LAST, _COASTED = 0x80, 0x40, 0x80


def teller(table: Table) -> Tell:
    """How a record of this edition is told: (data, where its items (`WANTED`) lie, -1 where not
    there, frame, settings) to a detection. Raises Refused for a position that is none."""
    derived = _compound(table, "380", ("ADR", "ID", "EMC"))
    accuracies = _compound(table, "500", ("APC", "APW", "AGA"))

    def tell(
        data: bytes, where: Sequence[int], frame: Frame, settings: AsterixSettings
    ) -> Detection | None:
        a010, a070, a105, a080, a130, a136, a135, a185, a220, a380, a500, a245 = where
        if a105 < 0 or (a080 >= 0 and _is_unseen(data, a080)):
            return None
        north, east = pair_i32(data, a105)
        lat, lon = north * _ANGLE_DEG, east * _ANGLE_DEG
        if not -90.0 <= lat <= 90.0 or not -180.0 <= lon <= 180.0:
            raise Refused("asterix-position", f"{lat:.4f}, {lon:.4f} is nowhere on Earth")
        sensor = sensor_of(data, a010, frame)
        if not sensor:
            return None
        t, received = times(data, a070, frame, settings)
        alt_m, alt_sigma_m = _height(data, a130, a136, a135)
        horizontal_m: float | None = None
        if a500 >= 0:
            horizontal_m, stated_alt_m = _accuracy(data, _inside(accuracies, data, a500), lat)
            if a130 >= 0 and stated_alt_m is not None:
                alt_sigma_m = stated_alt_m
        adr, ident, emc = (-1, -1, -1) if a380 < 0 else _inside(derived, data, a380)
        address = None if adr < 0 else data[adr : adr + 3].hex()
        callsign = None if ident < 0 else callsign_of(data, ident)
        if callsign is None and a245 >= 0:
            callsign = callsign_of(data, a245 + 1)
        return Detection(
            t=t,
            sensor=sensor,
            kind="radar",
            position=Position(round(lat, 7), round(lon, 7), alt_m),
            sigma=sigma_of(horizontal_m=horizontal_m or DEFAULT_SIGMA_M, alt_m=alt_sigma_m),
            class_=_class(data[emc] if emc >= 0 else None, address),
            identity=identity_of(address, callsign),
            received=received,
            motion=_motion(data, a185, a220),
            source=address,
        )

    return tell


def _compound(table: Table, item: str, wanted: Sequence[str]) -> Layout:
    found = table.items[item]
    assert isinstance(found, Compound)
    return layout_of_compound(found, wanted)


def _inside(layout: Layout, data: bytes, at: int) -> list[int]:
    """Where the wanted subfields of a compound item lie."""
    plan, body = layout.open(data, at)
    return plan.find(data, body)[0]


def _class(emitter: int | None, address: str | None) -> ClassScores | None:
    if emitter == UNMANNED:
        return DRONE
    return None if address is None else AIRCRAFT


def _is_unseen(data: bytes, at: int) -> bool:
    """Whether nobody saw it: I062/080, SIM and TSE in the second octet, CST in the fourth."""
    for octet, mask in enumerate((0, _SIMULATED | _LAST, 0, _COASTED)):
        if data[at + octet] & mask:
            return True
        if not data[at + octet] & 1:
            return False
    return False


def _height(
    data: bytes, geometric: int, measured: int, barometric: int
) -> tuple[float | None, float | None]:
    """(metres, sigma) of the best height there is; I062/135 without the bit that says QNH."""
    if geometric >= 0:
        return round(one_i16(data, geometric)[0] * _HEIGHT_M, 2), GEOMETRIC_SIGMA_M
    if measured >= 0:
        return round(one_i16(data, measured)[0] * _LEVEL_M, 2), BAROMETRIC_SIGMA_M
    if barometric >= 0:
        level = (data[barometric] << 8 | data[barometric + 1]) & 0x7FFF
        return round((level - (level & 0x4000) * 2) * _LEVEL_M, 2), BAROMETRIC_SIGMA_M
    return None, None


def _accuracy(data: bytes, where: Sequence[int], lat: float) -> tuple[float | None, float | None]:
    """(horizontal, height) sigmas that I062/500 states, the first the root of half the trace."""
    apc, apw, aga = where
    horizontal_m = None
    if apc >= 0:
        x, y = pair_u16(data, apc)
        horizontal_m = 0.5 * math.hypot(x, y) / math.sqrt(2)
    elif apw >= 0:
        y, x = pair_u16(data, apw)
        steps = math.hypot(x * math.cos(math.radians(lat)), y)
        horizontal_m = steps / math.sqrt(2) * _ANGLE_DEG * _DEGREE_M
    if horizontal_m is not None:
        horizontal_m = round(max(horizontal_m, LEAST_SIGMA_M), 2)
    return horizontal_m, None if aga < 0 else round(max(data[aga], 1) * _HEIGHT_M, 2)


def _motion(data: bytes, velocity: int, climb: int) -> ClaimedMotion | None:
    if velocity < 0 and climb < 0:
        return None
    ve, vn = (None, None) if velocity < 0 else pair_i16(data, velocity)
    return ClaimedMotion(
        ve=None if ve is None else ve * _SPEED_MPS,
        vn=None if vn is None else vn * _SPEED_MPS,
        vu=None if climb < 0 else round(one_i16(data, climb)[0] * _CLIMB_MPS, 3),
    )
