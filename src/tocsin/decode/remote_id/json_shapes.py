"""The three shapes in which other receivers write Remote ID as JSON → messages.

See `decode/rid_json.py` for the families and for what 0 means in them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from tocsin.errors import Refused
from tocsin.words.remote_id import (
    HORIZONTAL_BOUNDS_M,
    NEWEST_VERSION,
    SPEED_BOUNDS_MPS,
    VERTICAL_BOUNDS_M,
    BasicId,
    Location,
    Message,
    OperatorId,
)

Bounds = tuple[float | None, ...]

_BASIC, _LOCATION, _OPERATOR = "Basic ID", "Location/Vector Message", "Operator ID Message"
_ALT_LEAST_M, _ALT_MOST_M = -1000.0, 31_767.5
_SPEED_MOST_MPS, _CLIMB_MOST_MPS = 254.25, 62.0
_LINE_MOST = 64
"""Objects in one list: a pack has nine messages, and DragonSync adds a handful."""

_NUMBER = re.compile(r"\s*[<≤]?\s*=?\s*([+-]?\d{1,12}(?:\.\d{1,12})?)\s*(NM|km|m|$)?")
_ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")
_UNIT_M = {"NM": 1852.0, "km": 1000.0, "m": 1.0}
_NO_NAMES = {"", "NONE", "UNKNOWN"}


class Claim(msgspec.Struct, frozen=True):
    """What one transmitter said at once. `receiver` is the name that its receiver goes by."""

    messages: list[Message]
    address: bytes | None = None
    signal_dbm: float | None = None
    receiver: str | None = None
    observed_t: float | None = None


def is_drone(said: object) -> bool:
    """Whether it has the keys of one of the three families."""
    if isinstance(said, list):
        return any(isinstance(part, dict) and _has_message(part) for part in said[:_LINE_MOST])
    if not isinstance(said, dict):
        return False
    return _has_message(said) or _is_mesh(said) or _is_dragonsync(said)


def read_claim(said: object) -> Claim | None:
    """Messages of any family; None where it is no drone. Raises Refused."""
    if not is_drone(said):
        return None
    if isinstance(said, list):
        return _messages([part for part in said[:_LINE_MOST] if isinstance(part, dict)])
    assert isinstance(said, dict)
    if _has_message(said):
        return _messages([said])
    return _mesh(said) if _is_mesh(said) else _dragonsync(said)


def _has_message(said: Mapping[str, object]) -> bool:
    return isinstance(said.get(_BASIC), dict) or isinstance(said.get(_LOCATION), dict)


def _is_mesh(said: Mapping[str, object]) -> bool:
    return "mac" in said and "drone_lat" in said and "drone_long" in said


def _is_dragonsync(said: Mapping[str, object]) -> bool:
    return said.get("track_type") == "drone" and "lat" in said and "lon" in said


def _messages(parts: Sequence[Mapping[str, object]]) -> Claim:
    """The first family: an object may hold one message or all of them."""
    messages: list[Message] = []
    address: bytes | None = None
    signal: float | None = None
    for part in parts:
        heads = [part]
        if isinstance(basic := part.get(_BASIC), dict):
            heads.append(basic)
            messages.append(_basic(_text(basic.get("id_type")), _text(basic.get("id"))))
        if isinstance(place := part.get(_LOCATION), dict):
            heads.append(place)
            messages.append(_location(place))
        if isinstance(operator := part.get(_OPERATOR), dict):
            messages.append(_operator(_text(operator.get("operator_id"))))
        for head in heads:
            address = address or _address(head.get("MAC"))
            signal = _signal(head.get("RSSI")) if signal is None else signal
    return Claim(messages, address, signal)


def _mesh(said: Mapping[str, object]) -> Claim:
    lat, lon = _place(said.get("drone_lat"), said.get("drone_long"))
    node = _text(said.get("node_id"))
    return Claim(
        [
            _basic("", _text(said.get("basic_id"))),
            Location(NEWEST_VERSION, "undeclared", lat, lon, _altitude(said.get("drone_altitude"))),
        ],
        _address(said.get("mac")),
        _signal(said.get("rssi")),
        f"esp32-{node}" if node else None,
    )


def _dragonsync(said: Mapping[str, object]) -> Claim:
    lat, lon = _place(said.get("lat"), said.get("lon"))
    direction, speed, climb = _motion(said.get("direction"), said.get("speed"), said.get("vspeed"))
    location = Location(
        NEWEST_VERSION,
        "undeclared",
        lat,
        lon,
        _altitude(said.get("alt")),
        direction_deg=direction,
        speed_mps=speed,
        climb_mps=climb,
        horizontal_bound_m=_bound(HORIZONTAL_BOUNDS_M, said.get("horizontal_accuracy")),
        vertical_bound_m=_bound(VERTICAL_BOUNDS_M, said.get("vertical_accuracy")),
        speed_bound_mps=_bound(SPEED_BOUNDS_MPS, said.get("speed_accuracy")),
    )
    id_type = _text(said.get("id_type"))
    messages: list[Message] = [location]
    if "Serial" in id_type:
        messages.append(_basic(id_type, _text(said.get("id")).removeprefix("drone-")))
    if caa := _text(said.get("caa_id")):
        messages.append(_basic("CAA", caa))
    messages.append(_operator(_text(said.get("operator_id"))))
    observed = _number(said.get("observed_at"))
    return Claim(
        messages,
        _address(said.get("mac")),
        _signal(said.get("rssi")),
        _text(said.get("seen_by")) or None,
        observed if observed is not None and 1e8 <= observed < 1e10 else None,
    )


def _location(said: Mapping[str, object]) -> Location:
    lat, lon = _place(said.get("latitude"), said.get("longitude"))
    direction, speed, climb = _motion(
        said.get("direction"), said.get("speed"), said.get("vert_speed")
    )
    return Location(
        NEWEST_VERSION,
        "undeclared",
        lat,
        lon,
        _altitude(said.get("geodetic_altitude")),
        direction_deg=direction,
        speed_mps=speed,
        climb_mps=climb,
        horizontal_bound_m=_code(HORIZONTAL_BOUNDS_M, said.get("horiz_acc"))
        or _bound(HORIZONTAL_BOUNDS_M, said.get("horizontal_accuracy")),
        vertical_bound_m=_code(VERTICAL_BOUNDS_M, said.get("vert_acc"))
        or _bound(VERTICAL_BOUNDS_M, said.get("vertical_accuracy")),
        speed_bound_mps=_code(SPEED_BOUNDS_MPS, said.get("speed_acc"))
        or _bound(SPEED_BOUNDS_MPS, said.get("speed_accuracy")),
    )


def _basic(kind: str, uas_id: str) -> BasicId:
    """A receiver that says no type leaves it to the look of the id; some put the transmitter's
    address where no id was heard, and call it a serial."""
    id_type = "none"
    for word, name in (
        ("Serial", "serial"), ("CAA", "caa-registration"), ("UTM", "utm-uuid"), ("Ses", "session"),
    ):  # fmt: skip
        if word in kind:
            id_type = name
    known = uas_id.upper() not in _NO_NAMES and _ADDRESS.fullmatch(uas_id) is None
    return BasicId(NEWEST_VERSION, id_type, "undeclared", uas_id if known else None)


def _operator(number: str) -> OperatorId:
    known = number.upper() not in _NO_NAMES
    return OperatorId(NEWEST_VERSION, "operator-id", number if known else None)


def _text(value: object) -> str:
    """Printable text of at most 40 characters: twice what F3411 has room for."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else "?" for c in value.strip()[:40])


def _number(value: object) -> float | None:
    """A number, or a text that begins with one ("1650.0 m"); metres of other units of length."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = float(value) if abs(value) < 1e18 else math.inf
        return number if math.isfinite(number) else None
    if isinstance(value, str) and (found := _NUMBER.match(value)) is not None:
        return float(found[1]) * _UNIT_M.get(found[2] or "m", 1.0)
    return None


def _place(lat: object, lon: object) -> tuple[float | None, float | None]:
    lat_deg, lon_deg = _number(lat), _number(lon)
    if lat_deg is None or lon_deg is None or (lat_deg == 0.0 and lon_deg == 0.0):
        return None, None
    if not -90.0 <= lat_deg <= 90.0:
        raise Refused("latitude", f"latitude {lat_deg} is beyond 90 degrees")
    if not -180.0 <= lon_deg <= 180.0:
        raise Refused("longitude", f"longitude {lon_deg} is beyond 180 degrees")
    return round(lat_deg, 7), round(lon_deg, 7)


def _altitude(value: object) -> float | None:
    metres = _number(value)
    if metres is None or metres == 0.0 or not _ALT_LEAST_M < metres <= _ALT_MOST_M:
        return None
    return round(metres, 2)


def _motion(
    direction: object, speed: object, climb: object
) -> tuple[float | None, float | None, float | None]:
    """(direction, speed, climb); all 0 is what these receivers write where nothing was said."""
    course, mps, up = _number(direction), _number(speed), _number(climb)
    if not course and not mps and not up:
        return None, None, None
    return (
        course % 360.0 if course is not None and 0.0 <= course <= 360.0 else None,
        round(mps, 3) if mps is not None and 0.0 <= mps <= _SPEED_MOST_MPS else None,
        round(up, 3) if up is not None and abs(up) <= _CLIMB_MOST_MPS else None,
    )


def _signal(value: object) -> float | None:
    """Received power is below 0 dBm; 0 is what nobody measured."""
    dbm = _number(value)
    return dbm if dbm is not None and -150.0 <= dbm < 0.0 else None


def _address(value: object) -> bytes | None:
    if not isinstance(value, str) or _ADDRESS.fullmatch(value.strip()) is None:
        return None
    address = bytes.fromhex(value.strip().replace(":", "").replace("-", ""))
    return address if any(address) else None


def _code(bounds: Bounds, value: object) -> float | None:
    """The bound of an accuracy code of F3411."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(bounds):
        return None
    return bounds[value]


def _bound(bounds: Bounds, value: object) -> float | None:
    """The narrowest bound that holds a text like "<10 m"; a bare number may be a code: unknown."""
    metres = _number(value) if isinstance(value, str) and not value.strip().isdigit() else None
    if metres is None or metres <= 0.0:
        return None
    return min((bound for bound in bounds if bound is not None and bound >= metres), default=None)
