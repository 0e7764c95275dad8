"""SAPIENT messages of sensor nodes → detections.

Standard   BSI Flex 335 v2.0 (protobuf); one message a frame
Carries    DetectionReport: time, place or range and bearing with their errors, classes, velocity,
           the id that the thing shows. From Registration the kind of sensor and its units, from
           StatusReport the place that bearings start from
Leaves out detection_confidence (nothing here weighs it), behaviour, predicted location, signals,
           files, associated and derived detections; Alert, AlertAck, TaskAck, Error are checked and
           tell no detection
Sealed     people and control stations (see `taxonomy`): counted as overlooked, never told
Task       checked and passed over; one to a node that registered as an effector is refused
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
from sapient_msg.bsi_flex_335_v2_0.detection_report_pb2 import DetectionReport
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tocsin.decode.remote_id.text import is_serial
from tocsin.decode.sapient.messages import read_json, read_message
from tocsin.decode.sapient.nodes import Node, NodeBook
from tocsin.decode.sapient.position import Place, place_along, read_direction, read_place
from tocsin.decode.sapient.taxonomy import read_classes
from tocsin.errors import DecodeError, Refused
from tocsin.words import (
    Bearing,
    ClaimedMotion,
    Detection,
    Frame,
    Identity,
    Link,
    Position,
    Sigma,
)

_READERS: dict[Link, Callable[[bytes, str], SapientMessage]] = {
    "sapient": read_message,
    "sapient-json": read_json,
}
MOTION_SIGMA_MPS = 3.0
"""Of a velocity told without its error: a radar's, one look a second."""
_TAIL_NUMBER = re.compile(r"[A-Z0-9]{1,4}-?[A-Z0-9]{1,6}").fullmatch


class SapientSettings(msgspec.Struct, frozen=True):
    """`[decoder.sapient]` how SAPIENT nodes are known here.

    sensors: id of sensors.json by node id (a UUID): such a node's bearings are told as bearings
    declination_deg: how far magnetic north lies east of true north here, for nodes that use it
    """

    sensors: dict[str, str] = {}
    declination_deg: float | None = None


_Seen = tuple[Position | None, Bearing | None, Sigma]


class Sapient:
    """The SAPIENT decoder: keeps a bounded memory of the nodes.

    `heard` counts messages that keep every rule; `overlooked` those that tell a place we cannot
    use, and those kept sealed.
    """

    name = "sapient"
    links: tuple[Link, ...] = tuple(_READERS)
    Settings = SapientSettings

    def __init__(self, settings: SapientSettings = SapientSettings()) -> None:  # noqa: B008
        self._settings = settings
        self._sensors = {node.lower(): sensor for node, sensor in settings.sensors.items()}
        self._book = NodeBook()
        self.heard = 0
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The detection in one message, if it tells one. Raises DecodeError for a broken one."""
        message = _READERS[frame.link](frame.data, frame.origin)
        try:
            found = self._take(message, frame)
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        self.heard += 1
        return found

    def _take(self, message: SapientMessage, frame: Frame) -> Sequence[Detection]:
        content = message.WhichOneof("content")
        if content == "detection_report":
            return self._report(message, frame)
        if content == "status_report":
            self._status(message)
        elif content == "registration":
            self._book.register(message)
        elif content == "task" and self._book.find(message.destination_id).effector:
            raise Refused("Task to an effector", f"node {message.destination_id} acts on others")
        return ()

    def _status(self, message: SapientMessage) -> None:
        status = message.status_report
        if not status.HasField("node_location"):
            return
        place = read_place(status.node_location, self._book.find(message.node_id).zone)
        if place is None:
            self.overlooked["node location in no UTM zone"] += 1
        else:
            self._book.stands_at(message.node_id, place.position)

    def _report(self, message: SapientMessage, frame: Frame) -> Sequence[Detection]:
        report = message.detection_report
        if "lost" in report.state.lower():
            return ()  # the node tells that it no longer sees it
        classes, sealed = read_classes(report.classification)
        if sealed:
            self.overlooked["sealed: a person or a control station"] += 1
            return ()
        node_id = message.node_id.lower()
        node = self._book.find(message.node_id)
        seen = self._seen(report, node, node_id)
        if seen is None:
            return ()
        position, bearing, sigma = seen
        t = round(message.timestamp.seconds + message.timestamp.nanos * 1e-9, 3)
        received = round(frame.t, 3)
        return (
            Detection(
                t=t,
                sensor=frame.sensor or self._sensors.get(node_id, node_id),
                kind=node.kind,
                position=position,
                bearing=bearing,
                sigma=sigma,
                class_=classes,
                identity=_identity(report.id) if report.id else None,
                received=None if received == t else received,
                motion=_motion(report, node) if report.HasField("enu_velocity") else None,
            ),
        )

    def _seen(self, report: DetectionReport, node: Node, node_id: str) -> _Seen | None:
        """A place, or a bearing of a sensor whose place is known or must be known elsewhere."""
        place: Place | None
        if report.HasField("location"):
            place = read_place(report.location, node.zone)
            if place is None:
                self.overlooked["location in no UTM zone"] += 1
                return None
            return place.position, None, place.sigma
        direction = read_direction(report.range_bearing, node.place, self._settings.declination_deg)
        if direction is None:
            self.overlooked["bearing from an unknown north"] += 1
            return None
        if node.place is not None and node_id not in self._sensors:
            place = place_along(node.place, direction)
            if place is not None:
                return place.position, None, place.sigma
        return None, direction.bearing, direction.sigma


def _identity(shown: str) -> Identity | None:
    """What the thing shows: a serial number by its form, else a tail number; free text is none."""
    if is_serial(shown):
        return Identity(serial=shown)
    return Identity(registration=shown) if _TAIL_NUMBER(shown) else None


def _motion(report: DetectionReport, node: Node) -> ClaimedMotion:
    told = report.enu_velocity
    east, north = told.east_rate_error * node.speed, told.north_rate_error * node.speed
    east, north = east or north, north or east
    sigma = round(((east * east + north * north) / 2.0) ** 0.5, 3)
    return ClaimedMotion(
        ve=round(told.east_rate * node.speed, 3),
        vn=round(told.north_rate * node.speed, 3),
        vu=round(told.up_rate * node.climb, 3) if told.HasField("up_rate") else None,
        sigma_mps=sigma if sigma > 0.0 else MOTION_SIGMA_MPS,
    )
