"""Who the nodes are: what each registered as, where it stands, and how it writes speeds and places.

Standard   BSI Flex 335 v2.0, Registration and StatusReport
Bounded    the nodes heard least lately are forgotten
"""

from __future__ import annotations

from collections import OrderedDict

import msgspec
from sapient_msg.bsi_flex_335_v2_0 import registration_pb2 as registration
from sapient_msg.bsi_flex_335_v2_0 import velocity_pb2 as velocity
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tocsin.words import Position, SensorKind

MOST_NODES = 1_000
_KM_H = 1.0 / 3.6
_Type = registration.Registration.NodeType
_KINDS: dict[int, SensorKind] = {
    _Type.NODE_TYPE_RADAR: "radar",
    _Type.NODE_TYPE_LIDAR: "radar",
    _Type.NODE_TYPE_CAMERA: "camera",
    _Type.NODE_TYPE_ACOUSTIC: "acoustic",
    _Type.NODE_TYPE_SEISMIC: "acoustic",
    _Type.NODE_TYPE_PASSIVE_RF: "rf",
    _Type.NODE_TYPE_HUMAN: "human",
}
OTHERWISE: SensorKind = "radar"
"""The kind of a node that has not registered, or as none of these: it states places, as a radar
does, and several such nodes are one kind of witness."""

EFFECTORS = frozenset({
    _Type.NODE_TYPE_KINETIC, _Type.NODE_TYPE_JAMMER, _Type.NODE_TYPE_CYBER,
    _Type.NODE_TYPE_LDEW, _Type.NODE_TYPE_RFDEW,
})  # fmt: skip
"""What acts on others instead of sensing: no Task may reach it through here (DESIGN 6.1)."""


class Node(msgspec.Struct, frozen=True):
    """One node. `zone` is the UTM zone it registered; `speed` turns its rates into m/s."""

    kind: SensorKind = OTHERWISE
    effector: bool = False
    only_effector: bool = False
    place: Position | None = None
    zone: str = ""
    speed: float = 1.0
    climb: float = 1.0


_UNKNOWN = Node()


class NodeBook:
    """The nodes heard of, by id."""

    def __init__(self, most: int = MOST_NODES) -> None:
        self._nodes: OrderedDict[str, Node] = OrderedDict()
        self._most = most

    def __len__(self) -> int:
        return len(self._nodes)

    def find(self, node_id: str) -> Node:
        """The node of this id; one that was never heard of is nothing in particular."""
        return self._nodes.get(node_id, _UNKNOWN)

    def register(self, message: SapientMessage) -> Node:
        """Take note of a Registration."""
        told = message.registration
        types = {one.node_type for one in told.node_definition}
        zone, speed, climb = _units(told)
        kind = next((_KINDS[one] for one in sorted(types) if one in _KINDS), OTHERWISE)
        old = self.find(message.node_id)
        node = Node(
            kind, bool(types & EFFECTORS), types <= EFFECTORS, old.place, zone, speed, climb
        )
        self._keep(message.node_id, node)
        return node

    def stands_at(self, node_id: str, place: Position) -> None:
        """Take note of a node's place, as its StatusReport tells it. Sealed: never told on."""
        self._keep(node_id, msgspec.structs.replace(self.find(node_id), place=place))

    def _keep(self, node_id: str, node: Node) -> None:
        self._nodes[node_id] = node
        self._nodes.move_to_end(node_id)
        if len(self._nodes) > self._most:
            self._nodes.popitem(last=False)


def _units(told: registration.Registration) -> tuple[str, float, float]:
    """UTM zone, and factors to m/s of horizontal and vertical rates; m/s where not told."""
    zone = told.status_definition.location_definition.zone
    speed = climb = 1.0
    for mode in told.mode_definition:
        for one in mode.detection_definition:
            zone = one.location_type.zone or zone
            units = one.velocity_type.enu_velocity_units
            speed = _KM_H if units.east_north_rate_units == velocity.SPEED_UNITS_KPH else speed
            climb = _KM_H if units.up_rate_units == velocity.SPEED_UNITS_KPH else climb
    return zone, speed, climb
