"""Both sides of SAPIENT's small talk: the host of sensor nodes, and the guest of a parent node.

Standard   BSI Flex 335 v2.0. A node registers, is answered, then reports; a middleware may
           bring several over one connection. Nothing here sends a Task; one that comes is refused
Pure       bytes in, bytes out: the doors of `listen` and `share` carry them
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence

import msgspec
from google.protobuf.message import DecodeError as NotProtobuf
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from sapient_msg.bsi_flex_335_v2_0.status_report_pb2 import StatusReport

from tocsin.decode.sapient import Prefixed, read_message
from tocsin.decode.sapient.nodes import NodeBook
from tocsin.encode import sapient as say
from tocsin.encode.ulid import ulid_of
from tocsin.errors import DecodeError, Refused, Truncated
from tocsin.listen.tcp import Heard
from tocsin.words import Alert, Track

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST_NODES = 256
"""Nodes whose health is remembered, and as many connections at once (`listen.tcp`)."""
MOST_ALERTS = 200
"""Alerts that wait for the parent's acknowledgement; the oldest goes first."""
MOST_TRACKS = 10_000
TOLD_AGAIN = 3
"""Times an alert is told again that nobody acknowledges, one status interval apart."""


class NodeHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of one node by its own word: `system` is its last StatusReport's."""

    node: str
    name: str = ""
    connected: bool = False
    registered_t: float | None = None
    status_t: float | None = None
    last_t: float | None = None
    system: str = ""
    mode: str = ""


class FusionNode:
    """The host: sensor nodes connect to it, register, and report."""

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id
        self.refused: Counter[str] = Counter()
        """By rule, messages that were answered with an Error or a refusal."""
        self._health: OrderedDict[str, NodeHealth] = OrderedDict()

    def conversation(self) -> Conversation:
        """For one new connection."""
        return Conversation(self)

    def health(self) -> tuple[NodeHealth, ...]:
        """Every node remembered, the one heard longest ago first."""
        return tuple(self._health.values())

    def note(self, node: str, **seen: str | float | bool) -> None:
        """Remember what was seen of a node."""
        old = self._health.pop(node, None) or NodeHealth(node)
        self._health[node] = msgspec.structs.replace(old, **seen)
        if len(self._health) > MOST_NODES:
            self._health.popitem(last=False)


class Conversation:
    """With the node at the other end of a connection, or with the nodes behind a middleware."""

    def __init__(self, host: FusionNode) -> None:
        self._host = host
        self._book = NodeBook(1)
        self._nodes: set[str] = set()

    def hear(self, data: bytes, now: float) -> Heard:
        """Answers to a message, and whether it is handed on to be decoded."""
        try:
            message = read_message(data)
        except DecodeError as error:
            return self._broken(data, error, now)
        node, content = message.node_id, message.WhichOneof("content")
        if content == "registration":
            return self._register(message, now)
        if content in _ANSWERS or node == self._host.node_id:  # a middleware may echo our own
            return Heard((), False)
        if node not in self._nodes:
            return self._refuse(message, "not registered", "send a Registration first", now)
        if content == "task":
            what = "Task refused: this fusion node neither sends nor takes tasks"
            return self._refuse(message, "Task", what, now)
        self._host.note(node, last_t=now)
        if content == "status_report":
            self._status(node, message.status_report, now)
        if content == "alert":
            ack = say.alert_ack(self._host.node_id, node, message.alert.alert_id, now)
            return Heard((say.framed(ack),), True)
        return Heard((), True)

    def ended(self) -> None:
        """The connection is over."""
        for node in self._nodes:
            self._host.note(node, connected=False)

    def _register(self, message: SapientMessage, now: float) -> Heard:
        node = self._book.register(message)
        reasons = []
        if node.only_effector:
            reasons.append("effectors have nothing to tell here, and are never tasked from here")
            self._host.refused["effector"] += 1
        elif len(self._nodes) >= MOST_NODES and message.node_id not in self._nodes:
            reasons.append(f"more than {MOST_NODES} nodes over one connection")
            self._host.refused["too many nodes"] += 1
        else:
            self._nodes.add(message.node_id)
            name = message.registration.name or message.registration.short_name
            self._host.note(
                message.node_id, name=name[:80], connected=True, registered_t=now, last_t=now
            )
        ack = say.registration_ack(self._host.node_id, message.node_id, now, reasons)
        return Heard((say.framed(ack),), not reasons)

    def _status(self, node: str, status: StatusReport, now: float) -> None:
        system = StatusReport.System.Name(status.system).removeprefix("SYSTEM_").lower()
        self._host.note(node, status_t=now, system=system, mode=status.mode[:80])

    def _broken(self, data: bytes, error: DecodeError, now: float) -> Heard:
        """A broken Registration is also told that it is not accepted. The frame is handed on: the
        desk counts what it refuses."""
        self._host.refused[_rule(error)] += 1
        sender, content = _outline(data)
        if content in _ANSWERS:
            return Heard((), True)
        answers = [say.error_report(self._host.node_id, sender, data, [error.what], now)]
        if content == "registration" and sender is not None:
            why = [error.what[:500]]
            answers.append(say.registration_ack(self._host.node_id, sender, now, why))
        return Heard(tuple(map(say.framed, answers)), True)

    def _refuse(self, message: SapientMessage, rule: str, what: str, now: float) -> Heard:
        self._host.refused[rule] += 1
        packet = message.SerializeToString()
        answer = say.error_report(self._host.node_id, message.node_id, packet, [what], now)
        return Heard((say.framed(answer),), False)


_ANSWERS = frozenset({"registration_ack", "alert_ack", "task_ack", "error"})
"""What is itself an answer is never answered: two such nodes would talk for ever."""


def _rule(error: DecodeError) -> str:
    return error.rule


def _outline(data: bytes) -> tuple[str | None, str | None]:
    """Who sent a message that breaks a rule, and what was in it; as far as can be told."""
    try:
        message = SapientMessage.FromString(data)
    except NotProtobuf:
        return None, None
    sender = message.node_id if _UUID.fullmatch(message.node_id) else None
    return sender, message.WhichOneof("content")


class ParentDialogue:
    """The guest: registers with a parent node and, once let in, hands on tracks and alerts.

    Tracks that nobody was told of are not told as ended. Alerts are told again, a few times, until
    the parent acknowledges them.
    """

    every_s = say.STATUS_EVERY_S

    def __init__(
        self,
        node_id: str,
        name: str,
        read: Callable[[bytes], SapientMessage] = read_message,
    ) -> None:
        self._node, self._name, self._read = node_id, name, read
        self._splitter = Prefixed()
        self._admitted = False
        self._objects: OrderedDict[str, str] = OrderedDict()
        self._alerts: OrderedDict[str, tuple[Alert, int]] = OrderedDict()
        self.refused: Counter[str] = Counter()
        """What the parent refused of ours, and what we refused of the parent's."""

    def hello(self, now: float) -> Sequence[bytes]:
        """Who we are."""
        self._splitter, self._admitted = Prefixed(), False
        return (say.framed(say.registration(self._node, self._name, now)),)

    def admitted(self) -> bool:
        """Whether the parent has accepted us on this connection."""
        return self._admitted

    def pulse(self, now: float) -> Sequence[bytes]:
        """That we live; and alerts that nobody has acknowledged."""
        told = [say.status_report(self._node, now, new=False)]
        told += self._told_again(now)
        return [say.framed(message) for message in told]

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        """Tracks while we are let in; an alert waits until then."""
        told: list[tuple[str, bytes]] = []
        for track in tracks if self._admitted else ():
            if track.status == "tentative" or (
                track.status == "ended" and track.track not in self._objects
            ):
                continue
            message = say.detection_report(self._node, track, self._object(track), now)
            told.append((f"track {track.track}", say.framed(message)))
        for alert in alerts:  # after their tracks, whose object ids they name
            self._keep(alert)
            if self._admitted:
                told.append((f"alert {alert.alert}", say.framed(self._alert(alert, now))))
        return told

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        """What the parent's words ask for. Raises DecodeError where it talks nonsense, or will not
        have us."""
        answers: list[SapientMessage] = []
        for packet in self._splitter.feed(data):
            answers += self._answer_one(packet, now)
        if self._splitter.dropped:
            raise Truncated("the parent's messages lost their lengths")
        return [say.framed(message) for message in answers]

    def _answer_one(self, packet: bytes, now: float) -> list[SapientMessage]:
        try:
            message = self._read(packet)
        except DecodeError as error:
            self.refused[_rule(error)] += 1
            sender, content = _outline(packet)
            if content in _ANSWERS:
                return []
            return [say.error_report(self._node, sender, packet, [error.what], now)]
        content = message.WhichOneof("content")
        if content == "registration_ack":
            return self._let_in(message, now)
        if content == "task":
            self.refused["Task"] += 1
            return [say.task_rejected(self._node, message.node_id, message.task.task_id, now)]
        if content == "alert_ack":
            self._alerts = OrderedDict(
                (key, kept)
                for key, kept in self._alerts.items()
                if say.alert_id_of(self._node, kept[0]) != message.alert_ack.alert_id
            )
        if content == "error":
            self.refused["Error from the parent"] += 1
        return []

    def _let_in(self, message: SapientMessage, now: float) -> list[SapientMessage]:
        if not message.registration_ack.acceptance:
            why = "; ".join(message.registration_ack.ack_response_reason) or "no reason told"
            raise Refused("registration", f"the parent does not accept us: {why[:300]}")
        self._admitted = True
        return [say.status_report(self._node, now, new=True), *self._told_again(now)]

    def _keep(self, alert: Alert) -> None:
        self._alerts.pop(alert.alert, None)
        self._alerts[alert.alert] = (alert, 0)
        if len(self._alerts) > MOST_ALERTS:
            self._alerts.popitem(last=False)

    def _told_again(self, now: float) -> list[SapientMessage]:
        told = []
        for key, (alert, times) in list(self._alerts.items()):
            told.append(self._alert(alert, now))
            if times + 1 >= TOLD_AGAIN:
                del self._alerts[key]
            else:
                self._alerts[key] = (alert, times + 1)
        return told

    def _alert(self, alert: Alert, now: float) -> SapientMessage:
        return say.alert_report(self._node, alert, self._objects.get(alert.track), now)

    def _object(self, track: Track) -> str:
        """The object id of a track, the same as long as it lives."""
        found = self._objects.pop(track.track, None)
        if found is None:
            began = track.t if track.first_t is None else track.first_t
            found = ulid_of(f"{self._node} track {track.track} {began!r}", began)
        self._objects[track.track] = found
        if len(self._objects) > MOST_TRACKS:
            self._objects.popitem(last=False)
        return found
