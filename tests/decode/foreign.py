"""What foreign decoders say of a message, in our words: formulas of their own, from the standard.

`by_dissector` takes the raw fields that the Open Drone ID dissector shows, `by_core_c` the values
that opendroneid-core-c reckons. Both give what our message must be equal to.
"""

from __future__ import annotations

import uuid
from typing import Any

from tocsin.words.remote_id import (
    AIRCRAFT_TYPES,
    AUTH_TYPES,
    CLASSIFICATIONS,
    EU_CATEGORIES,
    EU_CLASSES,
    HEIGHT_REFERENCES,
    ID_TYPES,
    OPERATOR_ID_KINDS,
    OPERATOR_PLACES,
    SELF_ID_KINDS,
    STATUSES,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
)

EPOCH_2019 = 1_546_300_800.0
HORIZONTAL = {
    1: 18520, 2: 7408, 3: 3704, 4: 1852, 5: 926, 6: 555.6, 7: 185.2, 8: 92.6, 9: 30, 10: 10,
    11: 3, 12: 1,
}  # fmt: skip
VERTICAL = {1: 150, 2: 45, 3: 25, 4: 10, 5: 3, 6: 1}
SPEED = {1: 10, 2: 3, 3: 1, 4: 0.3}

Raw = dict[str, Any]


def by_dissector(raw: Raw) -> Message:
    """Raw integers and texts of the dissector."""
    return _DISSECTED[raw["msgType"]](raw["protoVersion"], raw)


def by_core_c(raw: Raw, version: int) -> Message:
    """Physical values of the C library, with its sentinels."""
    return _CORE_C[raw["type"]](version, raw)


def _id_text(id_type: int, raw: bytes) -> str | None:
    if ID_TYPES[id_type] == "session":
        return raw.hex() if any(raw) else None
    if ID_TYPES[id_type] == "utm-uuid":
        return str(uuid.UUID(raw.hex()[:32])) if any(raw) else None
    return raw.split(b"\0")[0].decode("ascii") or None


def _place(lat: float, lon: float) -> tuple[float | None, float | None]:
    return (None, None) if lat == 0 and lon == 0 else (round(lat, 7), round(lon, 7))


def _height(code: int) -> float | None:
    return None if code == 0 else code / 2 - 1000


def _d_basic(version: int, r: Raw) -> Message:
    kind = r["basicID_idType"]
    if "basicID_id_bin" in r:
        text = r["basicID_id_bin"].rstrip("0")
        text = (text + "0" * (len(text) % 2)) or None
    else:
        text = r["basicID_id_asc"] or None
    return BasicId(version, ID_TYPES[kind], AIRCRAFT_TYPES[r["basicID_uaType"]], text)


def _d_location(version: int, r: Raw) -> Message:
    west, fast = r["loc_flag_ewDirectionSegment"], r["loc_flag_speedMultiplier"]
    direction = r["loc_direction"] + 180 * west
    speed = r["loc_speed"] * 0.75 + 255 * 0.25 if fast else r["loc_speed"] * 0.25
    lat, lon = _place(r["loc_lat"] / 1e7, r["loc_lon"] / 1e7)
    return Location(
        version=version,
        status=STATUSES[r["loc_status"]],
        lat=lat,
        lon=lon,
        alt_m=_height(r["loc_geoAlt"]),
        pressure_alt_m=_height(r["loc_pressAlt"]),
        height_m=_height(r["loc_height"]),
        height_reference=HEIGHT_REFERENCES[r["loc_flag_heightType"]],
        direction_deg=None if direction > 360 else direction % 360,
        speed_mps=None if speed == 255 else speed,
        climb_mps=None if r["loc_vspeed"] == 126 else r["loc_vspeed"] / 2,
        horizontal_bound_m=HORIZONTAL.get(r["loc_hAccuracy"]),
        vertical_bound_m=VERTICAL.get(r["loc_vAccuracy"]),
        pressure_bound_m=VERTICAL.get(r["loc_baroAccuracy"]),
        speed_bound_mps=SPEED.get(r["loc_speedAccuracy"]),
        after_hour_s=None if r["loc_timeStamp"] > 36000 else r["loc_timeStamp"] / 10,
        time_bound_s=r["loc_tsAccuracy"] / 10 or None,
    )


def _d_authentication(version: int, r: Raw) -> Message:
    zero = r["auth_pageNumber"] == 0
    last = r.get("auth_lastPageIndex")
    stamp = r.get("auth_timeStamp")
    return Authentication(
        version=version,
        auth_type=AUTH_TYPES[r["auth_type"]],
        page=r["auth_pageNumber"],
        data=bytes.fromhex(r["auth_data"]),
        last_page=(max(0, last - 1) if version == 0 else last) if zero else None,
        length=r.get("auth_length"),
        signed_t=EPOCH_2019 + stamp if stamp else None,
    )


def _d_self(version: int, r: Raw) -> Message:
    return SelfId(version, SELF_ID_KINDS[r["self_type"]], r["self_desc"].strip() or None)


def _d_system(version: int, r: Raw) -> Message:
    lat, lon = _place(r["system_lat"] / 1e7, r["system_lon"] / 1e7)
    classification = r["system_flag_class"]
    stamp = r["system_timeStamp"]
    return System(
        version=version,
        operator_place=OPERATOR_PLACES[r["system_flag_locType"]],
        operator_lat=lat,
        operator_lon=lon,
        operator_alt_m=_height(r["system_opGeoAlt"]),
        area_count=r["system_areaCount"] or None,
        area_radius_m=r["system_areaRadius"] * 10,
        area_ceiling_m=_height(r["system_areaCeiling"]),
        area_floor_m=_height(r["system_areaFloor"]),
        classification=CLASSIFICATIONS[classification] if version or classification else None,
        eu_category=EU_CATEGORIES[r["system_usClassEUCat"]] if classification == 1 else None,
        eu_class=EU_CLASSES[r["system_usClassEUClass"]] if classification == 1 else None,
        sent_t=EPOCH_2019 + stamp if stamp else None,
    )


def _d_operator(version: int, r: Raw) -> Message:
    return OperatorId(
        version, OPERATOR_ID_KINDS[r["operator_type"]], r["operator_id"].strip() or None
    )


_DISSECTED = {
    0: _d_basic, 1: _d_location, 2: _d_authentication, 3: _d_self, 4: _d_system, 5: _d_operator,
}  # fmt: skip


def _metres(value: float) -> float | None:
    return None if value == -1000 else float(value)


def _c_basic(version: int, r: Raw) -> Message:
    raw = bytes.fromhex(r["id"])
    text = _id_text(r["id_type"], raw)
    if ID_TYPES[r["id_type"]] == "session" and text is not None:
        text = raw.rstrip(b"\0").hex()
    return BasicId(version, ID_TYPES[r["id_type"]], AIRCRAFT_TYPES[r["ua_type"]], text)


def _c_location(version: int, r: Raw) -> Message:
    lat, lon = _place(r["lat"], r["lon"])
    return Location(
        version=version,
        status=STATUSES[r["status"]],
        lat=lat,
        lon=lon,
        alt_m=_metres(r["geo"]),
        pressure_alt_m=_metres(r["baro"]),
        height_m=_metres(r["height"]),
        height_reference=HEIGHT_REFERENCES[r["height_type"]],
        direction_deg=None if r["direction"] == 361 else float(r["direction"]),
        speed_mps=None if r["speed"] == 255 else float(r["speed"]),
        climb_mps=None if r["vspeed"] == 63 else float(r["vspeed"]),
        horizontal_bound_m=HORIZONTAL.get(r["hacc"]),
        vertical_bound_m=VERTICAL.get(r["vacc"]),
        pressure_bound_m=VERTICAL.get(r["bacc"]),
        speed_bound_mps=SPEED.get(r["sacc"]),
        after_hour_s=None if r["timestamp"] == 65535 else round(r["timestamp"], 1),
        time_bound_s=r["tacc"] / 10 or None,
    )


def _c_authentication(version: int, r: Raw) -> Message:
    stamp = r.get("timestamp")
    return Authentication(
        version=version,
        auth_type=AUTH_TYPES[r["auth_type"]],
        page=r["page"],
        data=bytes.fromhex(r["data"]),
        last_page=r.get("last_page"),
        length=r.get("length"),
        signed_t=EPOCH_2019 + stamp if stamp else None,
    )


def _c_self(version: int, r: Raw) -> Message:
    return SelfId(version, SELF_ID_KINDS[r["kind"]], r["text"])


def _c_system(version: int, r: Raw) -> Message:
    lat, lon = _place(r["lat"], r["lon"])
    classification = r.get("classification", 0)
    stamp = r.get("timestamp", 0)
    return System(
        version=version,
        operator_place=OPERATOR_PLACES[r["place"]],
        operator_lat=lat,
        operator_lon=lon,
        operator_alt_m=_metres(r.get("altitude", -1000)),
        area_count=r["count"] or None,
        area_radius_m=float(r["radius"]),
        area_ceiling_m=_metres(r["ceiling"]),
        area_floor_m=_metres(r["floor"]),
        classification=CLASSIFICATIONS[classification] if version or classification else None,
        eu_category=EU_CATEGORIES[r["category"]] if classification == 1 else None,
        eu_class=EU_CLASSES[r["class"]] if classification == 1 else None,
        sent_t=EPOCH_2019 + stamp if stamp else None,
    )


def _c_operator(version: int, r: Raw) -> Message:
    return OperatorId(version, OPERATOR_ID_KINDS[r["kind"]], r["text"])


_CORE_C = {
    0: _c_basic, 1: _c_location, 2: _c_authentication, 3: _c_self, 4: _c_system, 5: _c_operator,
}  # fmt: skip
