"""How fast SAPIENT is read: detection reports a second on one core, checked and made detections.

Every report differs from the one before: a place, or a range and bearing from the node, and a class
with a sub-class and a velocity. Seconds are the processor's, and of the best of five passes.
"""

from __future__ import annotations

from time import process_time

from sapient_msg.bsi_flex_335_v2_0.location_pb2 import (
    LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M,
    LOCATION_DATUM_WGS84_E,
    Location,
)
from sapient_msg.bsi_flex_335_v2_0.range_bearing_pb2 import (
    RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M,
    RANGE_BEARING_DATUM_TRUE,
)
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tocsin.decode.sapient import Sapient
from tocsin.encode.sapient import status_report
from tocsin.encode.ulid import ulid_of, uuid_of
from tocsin.run.benches import Figure
from tocsin.words import Frame

_REPORTS = 10_000
_PASSES = 5
_GOAL = ">= 20000"
_T0 = 1_780_000_000
_NODE = uuid_of("a radar")


def measure() -> list[Figure]:
    """Reports a second, by what they tell."""
    return [
        _figure("a place", [_report(k, polar=False) for k in range(_REPORTS)]),
        _figure("range and bearing", [_report(k, polar=True) for k in range(_REPORTS)]),
    ]


def _place(told: Location, k: int) -> None:
    told.x, told.y, told.z = -13.0 + k * 1e-6, 15.0 + k * 1e-6, 120.0
    told.coordinate_system = LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    told.datum = LOCATION_DATUM_WGS84_E


def _report(k: int, *, polar: bool) -> bytes:
    said = SapientMessage(node_id=_NODE)
    said.timestamp.seconds, said.timestamp.nanos = _T0 + k // 10, k % 10 * 100_000_000
    told = said.detection_report
    told.report_id, told.object_id = ulid_of(f"report {k}", _T0), ulid_of(f"object {k % 40}", _T0)
    if polar:
        at = told.range_bearing
        at.azimuth, at.elevation, at.range = k % 360, 5.0, 500.0 + k % 1000
        at.azimuth_error, at.elevation_error, at.range_error = 1.0, 2.0, 10.0
        at.coordinate_system = RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_M
        at.datum = RANGE_BEARING_DATUM_TRUE
    else:
        _place(told.location, k)
        told.location.x_error = told.location.y_error = 1e-4
        told.location.z_error = 12.0
    top = told.classification.add(type="Air Vehicle", confidence=0.9)
    top.sub_class.add(type="UAV Rotary Wing", confidence=0.8, level=1)
    rates = told.enu_velocity
    rates.east_rate, rates.north_rate, rates.up_rate = 3.0, 4.0, 0.5
    return said.SerializeToString()


def _figure(name: str, reports: list[bytes]) -> Figure:
    where = status_report(_NODE, _T0, new=True)
    _place(where.status_report.node_location, 0)
    decode = Sapient().decode
    decode(Frame(where.SerializeToString(), "", _T0, "sapient"))
    frames = [Frame(report, "", _T0, "sapient") for report in reports]
    times = []
    for _ in range(_PASSES):
        start = process_time()
        for frame in frames:
            decode(frame)
        times.append(process_time() - start)
    best = min(times)
    return Figure(
        bench="sapient",
        name=f"SAPIENT, {name}",
        value=round(len(frames) / best),
        unit="messages/s",
        goal=_GOAL,
        note=f"{len(reports[0])} bytes and {best / len(frames) * 1e6:.1f} us a message, checked by "
        "every rule, message to detection, one core",
    )
