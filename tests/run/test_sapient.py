"""A fusion node's manners: who may report, what is answered, and how we report to a parent."""

from __future__ import annotations

import pymap3d
import pytest
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.shared import VECTORS

import tocsin.encode.sapient as say
from tocsin.decode.sapient import Prefixed, Sapient, read_json, read_message
from tocsin.decode.sapient.messages import LONGEST_MESSAGE_BYTES
from tocsin.encode.ulid import ulid_of
from tocsin.errors import Refused, Truncated
from tocsin.run.sapient import MOST_ALERTS, MOST_NODES, FusionNode, ParentDialogue
from tocsin.words import Alert, Frame, Track

T0 = 1_780_000_000.0
HOST = "3b1f6c52-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
NODE = "a8654cdf-4328-47de-81fa-c495589e30c9"
HARNESS = VECTORS / "sapient" / "harness" / "valid"
TYPES = Registration.NodeType


def sample(name: str, node: str = NODE) -> SapientMessage:
    made = read_json((HARNESS / name).read_bytes())
    made.node_id = node
    return made


def registration(*types: int, node: str = NODE) -> bytes:
    made = sample("Registration.Small.Messsage.json", node)
    del made.registration.node_definition[:]
    for kind in types:
        made.registration.node_definition.add(node_type=kind)  # type: ignore[arg-type]
    return made.SerializeToString()


def messages(answers: object) -> list[SapientMessage]:
    return [read_message(one) for one in Prefixed().feed(b"".join(answers))]  # type: ignore[arg-type]


def test_a_node_registers_reports_and_says_goodbye() -> None:
    host = FusionNode(HOST)
    talk = host.conversation()
    heard = talk.hear(registration(TYPES.NODE_TYPE_RADAR), T0)
    (ack,) = messages(heard.answers)
    assert heard.hand_on
    assert ack.registration_ack.acceptance
    assert (ack.node_id, ack.destination_id) == (HOST, NODE)
    status = sample("StatusReport.Goodbye.json").SerializeToString()
    assert talk.hear(status, T0 + 1) == ((), True)
    (health,) = host.health()
    assert (health.node, health.connected, health.system) == (NODE, True, "goodbye")
    assert (health.registered_t, health.status_t, health.last_t) == (T0, T0 + 1, T0 + 1)
    talk.ended()
    assert not host.health()[0].connected
    assert host.refused.total() == 0


def test_an_alert_is_acknowledged() -> None:
    talk = FusionNode(HOST).conversation()
    talk.hear(registration(TYPES.NODE_TYPE_RADAR), T0)
    alert = sample("Alert.FullMessage.json")
    heard = talk.hear(alert.SerializeToString(), T0)
    (ack,) = messages(heard.answers)
    assert ack.alert_ack.alert_id == alert.alert.alert_id
    assert ack.alert_ack.alert_ack_status == ack.alert_ack.ALERT_ACK_STATUS_ACCEPTED


def test_nobody_reports_before_registering() -> None:
    host = FusionNode(HOST)
    heard = host.conversation().hear(sample("Alert.FullMessage.json").SerializeToString(), T0)
    (answer,) = messages(heard.answers)
    assert list(answer.error.error_message) == ["send a Registration first"]
    assert not heard.hand_on
    assert host.refused == {"not registered": 1}


@pytest.mark.parametrize(
    "kind",
    [
        TYPES.NODE_TYPE_KINETIC,
        TYPES.NODE_TYPE_JAMMER,
        TYPES.NODE_TYPE_CYBER,
        TYPES.NODE_TYPE_LDEW,
        TYPES.NODE_TYPE_RFDEW,
    ],
)
def test_effectors_are_not_admitted_and_tasks_are_refused(kind: int) -> None:
    host = FusionNode(HOST)
    talk = host.conversation()
    heard = talk.hear(registration(kind), T0)
    (ack,) = messages(heard.answers)
    assert not ack.registration_ack.acceptance
    assert not heard.hand_on
    assert talk.hear(registration(kind, TYPES.NODE_TYPE_RADAR), T0).hand_on  # it senses as well
    task = sample("Task.FullMessage.Request.Start.json")
    task.destination_id = NODE
    heard = talk.hear(task.SerializeToString(), T0)
    (answer,) = messages(heard.answers)
    assert not heard.hand_on
    assert "Task refused" in answer.error.error_message[0]
    assert host.refused["Task"] == 1


def test_a_broken_message_is_told_so_and_an_answer_is_never_answered() -> None:
    host = FusionNode(HOST)
    talk = host.conversation()
    broken = sample("Registration.Small.Messsage.json")
    broken.registration.ClearField("icd_version")
    heard = talk.hear(broken.SerializeToString(), T0)
    error, ack = messages(heard.answers)
    assert "icd_version missing" in error.error.error_message[0]
    assert error.error.packet == broken.SerializeToString()[: say.MOST_PACKET_BYTES]
    assert not ack.registration_ack.acceptance
    assert heard.hand_on
    (error,) = messages(talk.hear(b"\xff\xff", T0).answers)
    assert error.error.packet == b"\xff\xff"
    for answer in (
        sample("Error.FullMessage.json"),
        sample("RegistrationAck.Succesful.FullMessage.json"),
        sample("AlertAck.Accepted.FullMessage.json"),
        sample("TaskAck.Rejected.FullMessage.json"),
        sample("Alert.FullMessage.json", HOST),
    ):
        assert talk.hear(answer.SerializeToString(), T0) == ((), False)
    hollow = sample("Error.FullMessage.json")
    hollow.error.ClearField("error_message")
    assert talk.hear(hollow.SerializeToString(), T0).answers == ()


def test_the_host_remembers_so_many_nodes_and_no_more() -> None:
    host = FusionNode(HOST)
    talk = host.conversation()
    for k in range(MOST_NODES + 5):
        node = f"a8654cdf-4328-47de-81fa-{k:012x}"
        heard = talk.hear(registration(TYPES.NODE_TYPE_RADAR, node=node), T0)
        assert heard.hand_on == (k < MOST_NODES)
    assert len(host.health()) == MOST_NODES
    assert host.refused["too many nodes"] == 5


def track(name: str, status: str = "confirmed", t: float = T0) -> Track:
    return Track(t, name, status, 15.0, -13.0, 1.0, 0.0, 10.0, first_t=T0)  # type: ignore[arg-type]


def alert(name: str = "z-1", **more: object) -> Alert:
    return Alert(T0, name, "z", "a", "watch", "new", (), first_t=T0, **more)  # type: ignore[arg-type]


def accepted() -> bytes:
    return say.framed(say.registration_ack(HOST, NODE, T0))


def test_we_register_wait_and_then_report() -> None:
    talk = ParentDialogue(NODE, "Site")
    (hello,) = messages(talk.hello(T0))
    assert hello.registration.icd_version == "BSI Flex 335 v2.0"
    assert not talk.admitted()
    assert talk.news(T0, [track("a")], [alert()]) == []
    status, told = messages(talk.answer(accepted(), T0 + 1))
    assert talk.admitted()
    assert status.status_report.info == status.status_report.INFO_NEW
    assert not status.status_report.HasField("node_location")
    assert told.HasField("alert")
    news = talk.news(T0 + 2, [track("a"), track("b", "tentative"), track("c", "ended")], [])
    (seen,) = messages([message for _, message in news])
    again = messages([m for _, m in talk.news(T0 + 3, [track("a", "ended")], [])])[0]
    assert again.detection_report.object_id == seen.detection_report.object_id
    assert again.detection_report.state == "lost"
    assert again.detection_report.report_id != seen.detection_report.report_id


def test_an_alert_is_told_again_until_it_is_acknowledged_but_not_for_ever() -> None:
    talk = ParentDialogue(NODE, "Site")
    talk.hello(T0)
    talk.answer(accepted(), T0)
    talk.news(T0, [], [alert("z-1"), alert("z-2")])
    status, first, second = messages(talk.pulse(T0 + 5))
    assert status.status_report.info == status.status_report.INFO_UNCHANGED
    ack = say.alert_ack(HOST, NODE, first.alert.alert_id, T0)
    assert talk.answer(say.framed(ack), T0) == []
    left = messages(talk.pulse(T0 + 10))
    assert [m.alert.alert_id for m in left[1:]] == [second.alert.alert_id]
    assert len(talk.pulse(T0 + 15)) == 2
    assert len(talk.pulse(T0 + 20)) == 1
    talk.news(T0, [], [alert(f"z-{k}") for k in range(MOST_ALERTS + 50)])
    assert len(talk.pulse(T0 + 25)) == 1 + MOST_ALERTS


def test_every_task_is_rejected() -> None:
    talk = ParentDialogue(NODE, "Site")
    talk.hello(T0)
    for path in sorted(HARNESS.glob("Task.*.json")):
        task = read_json(path.read_bytes())
        (answer,) = messages(talk.answer(say.framed(task), T0))
        assert answer.task_ack.task_status == answer.task_ack.TASK_STATUS_REJECTED
        assert answer.task_ack.task_id == task.task.task_id
        assert answer.destination_id == task.node_id


def test_a_parent_that_refuses_us_or_talks_nonsense() -> None:
    talk = ParentDialogue(NODE, "Site")
    talk.hello(T0)
    with pytest.raises(Refused, match="not wanted"):
        talk.answer(say.framed(say.registration_ack(HOST, NODE, T0, ["not wanted"])), T0)
    (error,) = messages(talk.answer(b"\x02\0\0\0\xff\xff", T0))
    assert error.HasField("error")
    with pytest.raises(Truncated):
        talk.answer((LONGEST_MESSAGE_BYTES + 1).to_bytes(4, "little"), T0)


def test_the_middleware_lets_us_in_and_tells_us_what_was_wrong() -> None:
    """Apex's own bytes."""
    talk = ParentDialogue("c2b6f0de-5a0e-4c3f-9f53-0b7c7f3e1a11", "Site")
    talk.hello(T0)
    data = (VECTORS / "sapient" / "apex" / "answers.bin").read_bytes()
    assert len(talk.answer(data, T0)) == 1
    assert talk.admitted()
    assert talk.refused == {"Error from the parent": 1}


def test_a_node_that_others_wrote_is_heard() -> None:
    """A radar node made of Apex's classes, as it came in at the door."""
    data = (VECTORS / "sapient" / "apex" / "foreign_node.bin").read_bytes()
    host, decoder = FusionNode(HOST), Sapient()
    talk = host.conversation()
    found, refused = [], []
    for packet in Prefixed().feed(data):
        heard = talk.hear(packet, T0)
        if heard.hand_on:
            try:
                found += decoder.decode(Frame(packet, "", T0, "sapient"))
            except Refused as error:
                refused.append(error.rule)
    assert refused == ["StatusReport.report_id missing"]
    assert host.refused == {"StatusReport.report_id missing": 1}
    assert len(found) == 6
    for n, seen in enumerate(found):
        lat, lon, alt = pymap3d.aer2geodetic(40 + 0.2 * n, 6, 1200 - 5 * n, 15.0, -13.0, 40.0)
        assert seen.position is not None
        assert seen.position.lat == pytest.approx(lat, abs=2e-7)
        assert seen.position.lon == pytest.approx(lon, abs=2e-7)
        assert seen.position.alt_m == pytest.approx(alt, abs=0.01)
        assert seen.kind == "radar"
        assert seen.class_ is not None
        assert seen.class_.drone == pytest.approx(0.875)


def test_object_ids_differ_between_nodes_and_tracks() -> None:
    assert ulid_of("a track 1", T0) != ulid_of("b track 1", T0)
