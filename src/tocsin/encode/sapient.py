"""Tracks and alerts as SAPIENT messages, and the small talk of a fusion node.

Standard    BSI Flex 335 v2.0; a message goes behind its length, 32-bit little-endian
Carries     Registration, RegistrationAck, StatusReport, DetectionReport (of a track), Alert,
            AlertAck, Error, and TaskAck, which always rejects
Never       a Task: this module has none, and no other part of Tocsin makes one (DESIGN 6.1)
Leaves out  operators and their places, sensors and their places, our own place; the reasons of an
            alert that name someone; detection_confidence (nothing here knows it)
Units       degrees on the WGS-84 ellipsoid, metres, metres a second. An error is 1-sigma in the
            units of its coordinate, so beside degrees in degrees; the registration says so
Classes     of the core taxonomy. It knows two sorts of UAV and two of manned aircraft, and we tell
            neither apart: each gets half. A class of which nothing is known is left out
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sapient_msg.bsi_flex_335_v2_0.alert_ack_pb2 import AlertAck
from sapient_msg.bsi_flex_335_v2_0.alert_pb2 import Alert as WireAlert
from sapient_msg.bsi_flex_335_v2_0.detection_report_pb2 import DetectionReport
from sapient_msg.bsi_flex_335_v2_0.location_pb2 import (
    LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M,
    LOCATION_DATUM_WGS84_E,
    Location,
)
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_msg.bsi_flex_335_v2_0.status_report_pb2 import StatusReport
from sapient_msg.bsi_flex_335_v2_0.task_ack_pb2 import TaskAck
from sapient_msg.bsi_flex_335_v2_0.velocity_pb2 import SPEED_UNITS_MS

from tocsin.encode.speech import PRIVATE_VALUES
from tocsin.encode.ulid import ulid_of
from tocsin.words import Alert, ClassScores, Level, Track
from tocsin.words.sentences import say

ICD_VERSION = "BSI Flex 335 v2.0"
STATUS_EVERY_S = 5.0
MODE = "watch"
MOST_PACKET_BYTES = 4_096
"""Of a message that is sent back in an Error."""
_METRES_A_DEGREE = 111_195.0
_SHORTEST_P = 1e-3  # a smaller probability tells nobody anything

_LEVELS: dict[Level, tuple[WireAlert.AlertType, WireAlert.DiscretePriority]] = {
    "watch": (WireAlert.ALERT_TYPE_INFORMATION, WireAlert.DISCRETE_PRIORITY_LOW),
    "warning": (WireAlert.ALERT_TYPE_WARNING, WireAlert.DISCRETE_PRIORITY_MEDIUM),
    "alarm": (WireAlert.ALERT_TYPE_CRITICAL, WireAlert.DISCRETE_PRIORITY_HIGH),
    "all-clear": (WireAlert.ALERT_TYPE_INFORMATION, WireAlert.DISCRETE_PRIORITY_LOW),
}


def framed(message: SapientMessage) -> bytes:
    """A message as it goes over a connection: its length, then itself."""
    data = message.SerializeToString(deterministic=True)
    return len(data).to_bytes(4, "little") + data


def registration(node: str, name: str, t: float) -> SapientMessage:
    """Who we are, to a parent: a fusion node that reports and takes no tasks."""
    said = _message(node, t)
    told = said.registration
    told.icd_version = ICD_VERSION
    told.name = told.short_name = name
    told.node_definition.add(node_type=Registration.NODE_TYPE_FUSION_NODE)
    told.capabilities.add(category="Fusion", type="Tracks of small drones, birds and aircraft")
    _duration(told.status_definition.status_interval, STATUS_EVERY_S)
    mode = told.mode_definition.add(mode_name=MODE, mode_type=Registration.MODE_TYPE_PERMANENT)
    _duration(mode.settle_time, 1.0)
    mode.tracking_type = Registration.TRACKING_TYPE_TRACK
    seen = mode.detection_definition.add()
    _place_type(seen.location_type)
    seen.geometric_error.type = "Standard Deviation"
    seen.geometric_error.units = "as the coordinate: degrees for x and y, metres for z"
    seen.geometric_error.variation_type = "Told with each report"
    seen.velocity_type.enu_velocity_units.east_north_rate_units = SPEED_UNITS_MS
    seen.velocity_type.enu_velocity_units.up_rate_units = SPEED_UNITS_MS
    seen.velocity_type.location_datum = LOCATION_DATUM_WGS84_E
    classes = seen.detection_class_definition.add()
    classes.confidence_definition = Registration.CONFIDENCE_DEFINITION_MULTI_CLASS
    for top, below in _TAXONOMY:
        one = classes.class_definition.add(type=top, units="probability")
        for sub in below:
            one.sub_class.add(type=sub, units="probability", level=1)
    mode.task.concurrent_tasks = 0
    mode.task.region_definition.region_type.append(Registration.REGION_TYPE_AREA_OF_INTEREST)
    _place_type(mode.task.region_definition.region_area.add())
    told.config_data.add(manufacturer="Tocsin", model="Tocsin")
    return said


def registration_ack(node: str, to: str, t: float, reasons: Sequence[str] = ()) -> SapientMessage:
    """Whether a node may report to us: it may, unless there are reasons why not."""
    said = _message(node, t, to)
    said.registration_ack.acceptance = not reasons
    said.registration_ack.ack_response_reason.extend(reasons)
    return said


def status_report(node: str, t: float, *, new: bool, goodbye: bool = False) -> SapientMessage:
    """That we live. Where we stand is not told."""
    said = _message(node, t)
    told = said.status_report
    told.report_id = ulid_of(f"{node} status {t!r}", t)
    told.system = StatusReport.SYSTEM_GOODBYE if goodbye else StatusReport.SYSTEM_OK
    told.info = StatusReport.INFO_NEW if new else StatusReport.INFO_UNCHANGED
    told.mode = MODE
    return said


def detection_report(node: str, track: Track, object_id: str, t: float) -> SapientMessage:
    """A track at `t`, carried there by its own velocity, under its object id (a ULID)."""
    said = _message(node, t)
    told = said.detection_report
    told.report_id = ulid_of(f"{node} {track.track} {t!r}", t)
    told.object_id = object_id
    told.state = "lost" if track.status == "ended" else track.status
    _place_of(told.location, track, 0.0 if track.status == "ended" else t - track.t)
    _classes(told, track.class_)
    rates = told.enu_velocity
    rates.east_rate, rates.north_rate = track.ve, track.vn
    if track.vu is not None:
        rates.up_rate = track.vu
    if track.sigma_mps is not None:
        rates.east_rate_error = rates.north_rate_error = track.sigma_mps
    if track.identity is not None:
        shown = track.identity.serial or track.identity.icao24
        if shown:
            told.id = shown
        told.object_info.add(type="suspicion", value=f"{track.identity.suspicion:.2f}")
    return said


def alert_report(node: str, alert: Alert, object_id: str | None, t: float) -> SapientMessage:
    """An alert's last word, about the object it is raised on."""
    said = _message(node, t)
    told = said.alert
    told.alert_id = alert_id_of(node, alert)
    told.alert_type, told.priority = _LEVELS[alert.level]
    over = alert.kind == "cancel" or alert.level == "all-clear"
    told.status = WireAlert.ALERT_STATUS_CLEAR if over else WireAlert.ALERT_STATUS_ACTIVE
    told.description = _description(alert)
    told.region_id = ulid_of(f"{node} zone {alert.zone}")
    if alert.position is not None:
        at = alert.position
        _place(told.location, at.lat, at.lon, at.alt_m)
        if alert.sigma_m is not None:
            _errors(told.location, at.lat, alert.sigma_m, alert.sigma_m)
    if object_id is not None:
        told.associated_detection.add(node_id=node, object_id=object_id)
    likely = "" if alert.eta_s is None else f"; seconds to entry {alert.eta_s[1]:g}"
    told.additional_information = f"zone {alert.zone}; statement {alert.sequence}{likely}"
    return said


def alert_id_of(node: str, alert: Alert) -> str:
    """The ULID of an alert, the same for all of its statements."""
    return ulid_of(f"{node} alert {alert.alert}", alert.first_t or 0.0)


def alert_ack(node: str, to: str, alert_id: str, t: float) -> SapientMessage:
    """That a node's alert has arrived. It rings nothing."""
    said = _message(node, t, to)
    said.alert_ack.alert_id = alert_id
    said.alert_ack.alert_ack_status = AlertAck.ALERT_ACK_STATUS_ACCEPTED
    return said


def error_report(
    node: str, to: str | None, packet: bytes, faults: Sequence[str], t: float
) -> SapientMessage:
    """What was wrong with a message, and its beginning."""
    said = _message(node, t, to)
    said.error.packet = packet[:MOST_PACKET_BYTES]
    said.error.error_message.extend(faults)
    return said


def task_rejected(node: str, to: str, task_id: str, t: float) -> SapientMessage:
    """The answer to every Task."""
    said = _message(node, t, to)
    said.task_ack.task_id = task_id
    said.task_ack.task_status = TaskAck.TASK_STATUS_REJECTED
    said.task_ack.reason.append("this node watches and warns; it takes no tasks")
    return said


_TAXONOMY = (
    ("Air Vehicle", (
        "UAV Rotary Wing", "UAV Fixed Wing", "Manned Rotary Wing", "Manned Fixed Wing",
    )),
    ("Animal", ("Bird",)),
    ("Unknown", ()),
)  # fmt: skip


def _message(node: str, t: float, to: str | None = None) -> SapientMessage:
    said = SapientMessage(node_id=node)
    micros = round(t * 1e6)
    said.timestamp.seconds, said.timestamp.nanos = micros // 1_000_000, micros % 1_000_000 * 1000
    if to is not None:
        said.destination_id = to
    return said


def _duration(told: Registration.Duration, seconds: float) -> None:
    told.units, told.value = Registration.TIME_UNITS_SECONDS, seconds


def _place_type(told: Registration.LocationType) -> None:
    told.location_units = LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    told.location_datum = LOCATION_DATUM_WGS84_E


def _place(told: Location, lat: float, lon: float, alt_m: float | None) -> None:
    told.x, told.y = round(lon, 7), round(lat, 7)
    told.coordinate_system = LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    told.datum = LOCATION_DATUM_WGS84_E
    if alt_m is not None:
        told.z = round(alt_m, 2)


def _errors(told: Location, lat: float, east_m: float, north_m: float) -> None:
    told.x_error = east_m / (_METRES_A_DEGREE * max(math.cos(math.radians(lat)), 1e-6))
    told.y_error = north_m / _METRES_A_DEGREE


def _place_of(told: Location, track: Track, ahead_s: float) -> None:
    """The track's place `ahead_s` later, and its horizontal errors along east and north."""
    shrink = max(math.cos(math.radians(track.lat)), 1e-6)
    alt_m = track.alt_m
    if alt_m is not None and track.vu is not None:
        alt_m += track.vu * ahead_s
    lat = max(-90.0, min(90.0, track.lat + track.vn * ahead_s / _METRES_A_DEGREE))
    lon = track.lon + track.ve * ahead_s / (_METRES_A_DEGREE * shrink)
    _place(told, lat, (lon + 540.0) % 360.0 - 180.0, alt_m)
    east_m = north_m = track.sigma_m
    if track.ellipse is not None:
        a = math.radians(track.ellipse.azimuth_deg)
        major, minor = track.ellipse.major_m, track.ellipse.minor_m
        east_m = math.hypot(major * math.sin(a), minor * math.cos(a))
        north_m = math.hypot(major * math.cos(a), minor * math.sin(a))
    _errors(told, lat, east_m, north_m)
    if alt_m is not None and track.sigma_alt_m is not None:
        told.z_error = track.sigma_alt_m


def _classes(told: DetectionReport, scores: ClassScores) -> None:
    drone, aircraft = scores.drone or 0.0, scores.aircraft or 0.0
    if drone + aircraft >= _SHORTEST_P:
        top = told.classification.add(type="Air Vehicle", confidence=min(1.0, drone + aircraft))
        for p, sorts in ((drone, _TAXONOMY[0][1][:2]), (aircraft, _TAXONOMY[0][1][2:])):
            for sort in sorts if p >= _SHORTEST_P else ():
                top.sub_class.add(type=sort, confidence=p / 2.0, level=1)
    if (scores.bird or 0.0) >= _SHORTEST_P:
        top = told.classification.add(type="Animal", confidence=scores.bird)
        top.sub_class.add(type="Bird", confidence=scores.bird, level=1)
    if (scores.other or 0.0) >= _SHORTEST_P:
        told.classification.add(type="Unknown", confidence=scores.other)


def _description(alert: Alert) -> str:
    """What it is, and why, in English; a drill says so first, an automatic alert says so last."""
    told = [say(reason) for reason in alert.because if PRIVATE_VALUES.isdisjoint(reason.values)]
    head = "cancelled" if alert.kind == "cancel" else alert.level
    text = f"{head}: {'; '.join(told)}" if told else head
    drill, automatic = "DRILL. " if alert.drill else "", " (automatic)" if alert.automatic else ""
    return f"{drill}{text}{automatic}"
