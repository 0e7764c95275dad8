"""SAPIENT messages become detections: places, bearings, classes, speeds; the rest is sealed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import pymap3d
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sapient_msg.bsi_flex_335_v2_0 import location_pb2 as place
from sapient_msg.bsi_flex_335_v2_0 import range_bearing_pb2 as polar
from sapient_msg.bsi_flex_335_v2_0.detection_report_pb2 import DetectionReport
from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.shared import VECTORS

from tocsin.decode.sapient import Prefixed, Sapient, SapientFormat, SapientJsonFormat, read_json
from tocsin.decode.sapient.decoder import SapientSettings
from tocsin.decode.sapient.messages import LONGEST_MESSAGE_BYTES
from tocsin.errors import DecodeError, FormatError, Refused
from tocsin.run import recordings
from tocsin.words import Detection, Frame

T0 = 1_780_000_000
NODE = "a8654cdf-4328-47de-81fa-c495589e30c9"
ULID = "01GGYFBAXGDG7AGAHRZ6XSNY12"
NODES = Registration.NodeType
HARNESS = VECTORS / "sapient" / "harness"


def message(t: float = T0, node: str = NODE) -> SapientMessage:
    made = SapientMessage(node_id=node)
    made.timestamp.seconds, made.timestamp.nanos = int(t), round(t % 1 * 1e9)
    return made


def report(t: float = T0) -> tuple[SapientMessage, DetectionReport]:
    made = message(t)
    made.detection_report.report_id = made.detection_report.object_id = ULID
    return made, made.detection_report


def locate(at: place.Location, x: float, y: float, z: float | None = None, system: int = 1) -> None:
    at.x, at.y = x, y
    at.coordinate_system, at.datum = system, place.LOCATION_DATUM_WGS84_E  # type: ignore[assignment]
    if z is not None:
        at.z = z


def status(lon: float, lat: float, alt_m: float | None) -> SapientMessage:
    made = message()
    told = made.status_report
    told.report_id, told.mode = ULID, "Default"
    told.system, told.info = told.SYSTEM_OK, told.INFO_NEW
    locate(told.node_location, lon, lat, alt_m)
    return made


def registration(*types: int) -> SapientMessage:
    text = (HARNESS / "valid" / "Registration.Small.Messsage.json").read_bytes()
    made = read_json(text)
    made.node_id = NODE
    del made.registration.node_definition[:]
    for kind in types:
        made.registration.node_definition.add(node_type=kind)  # type: ignore[arg-type]
    return made


def tell(decoder: Sapient, said: SapientMessage, t: float | None = None) -> list[Detection]:
    sent = said.timestamp.seconds + said.timestamp.nanos * 1e-9
    frame = Frame(said.SerializeToString(), "", sent if t is None else t, "sapient", "a test")
    return list(decoder.decode(frame))


def test_a_place_in_degrees() -> None:
    said, told = report(T0 + 0.25)
    locate(told.location, -13.1234567, 15.7654321, 120.5)
    told.location.x_error, told.location.y_error, told.location.z_error = 1e-4, 1e-4, 12.0
    told.classification.add(type="Air Vehicle", confidence=0.9).sub_class.add(
        type="UAV Rotary Wing", confidence=0.75, level=1
    )
    told.enu_velocity.east_rate, told.enu_velocity.north_rate = 3.0, -4.0
    told.enu_velocity.east_rate_error = told.enu_velocity.north_rate_error = 0.5
    told.id = "1581F5BKD22500ABC123"
    (seen,) = tell(Sapient(), said, T0 + 0.5)
    assert seen.position is not None
    assert (seen.position.lat, seen.position.lon, seen.position.alt_m) == (
        15.7654321,
        -13.1234567,
        120.5,
    )
    assert (seen.t, seen.received, seen.sensor, seen.kind) == (T0 + 0.25, T0 + 0.5, NODE, "radar")
    metres = 1e-4 * 111_195 * math.sqrt((1 + math.cos(math.radians(15.7654321)) ** 2) / 2)
    assert seen.sigma.horizontal_m == pytest.approx(metres, abs=0.01)
    assert seen.sigma.alt_m == 12.0
    assert seen.class_ is not None
    assert (seen.class_.drone, seen.class_.aircraft) == (pytest.approx(0.825), pytest.approx(0.075))
    assert (seen.class_.bird, seen.class_.other) == (pytest.approx(0.05), pytest.approx(0.05))
    assert seen.motion is not None
    assert (seen.motion.ve, seen.motion.vn, seen.motion.vu) == (3.0, -4.0, None)
    assert seen.motion.sigma_mps == 0.5
    assert seen.identity is not None


def test_radians_metres_beside_degrees_and_unknown_errors() -> None:
    said, told = report()
    locate(told.location, math.radians(-13.0), math.radians(15.0), system=2)
    (seen,) = tell(Sapient(), said)
    assert seen.position is not None
    assert (seen.position.lat, seen.position.lon, seen.position.alt_m) == (15.0, -13.0, None)
    assert (seen.sigma.horizontal_m, seen.sigma.alt_m) == (50.0, None)
    locate(told.location, -13.0, 15.0)
    told.location.x_error = 8.0
    (seen,) = tell(Sapient(), said)
    assert seen.sigma.horizontal_m == 8.0


def textbook_utm(lat_deg: float, off_deg: float) -> tuple[float, float]:
    """Karney's series to the third order (Transverse Mercator, 2011, eq. 35): millimetres."""
    n = 1 / (2 * 298.257223563 - 1)
    a = 6_378_137.0 / (1 + n) * (1 + n**2 / 4)
    e = 2 * math.sqrt(n) / (1 + n)
    lat, off = math.radians(lat_deg), math.radians(off_deg)
    t = math.sinh(math.atanh(math.sin(lat)) - e * math.atanh(e * math.sin(lat)))
    xi, eta = math.atan2(t, math.cos(off)), math.asinh(math.sin(off) / math.hypot(t, math.cos(off)))
    alphas = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16,
        13 * n**2 / 48 - 3 * n**3 / 5,
        61 * n**3 / 240,
    )
    x, y = eta, xi
    for j, alpha in enumerate(alphas, start=1):
        x += alpha * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
        y += alpha * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
    return 500_000.0 + 0.9996 * a * x, 0.9996 * a * y


@pytest.mark.parametrize("zone", ["28P", "28N", "28"])
def test_utm_agrees_with_the_series_of_the_textbook(zone: str) -> None:
    said, told = report()
    locate(told.location, *textbook_utm(15.0, 2.0), system=5)
    told.location.utm_zone = zone
    told.location.x_error = told.location.y_error = 5.0
    (seen,) = tell(Sapient(), said)
    assert seen.position is not None
    assert seen.position.lat == pytest.approx(15.0, abs=1e-7)
    assert seen.position.lon == pytest.approx(-13.0, abs=1e-7)
    assert seen.sigma.horizontal_m == 5.0


def test_south_of_the_equator_and_no_zone_at_all() -> None:
    said, told = report()
    locate(told.location, 500_000.0, 8_340_000.0, system=5)
    told.location.utm_zone = "35L"
    (seen,) = tell(Sapient(), said)
    assert seen.position is not None
    assert seen.position.lat == pytest.approx(-15.0, abs=0.03)
    decoder = Sapient()
    told.location.utm_zone = "99"
    assert tell(decoder, said) == []
    assert decoder.overlooked == Counter({"location in no UTM zone": 1})
    assert decoder.heard == 1


def test_band_s_is_north_where_the_northing_says_so() -> None:
    said, told = report()
    told.location.utm_zone = "30S"
    for northing, south in ((4_000_000.0, False), (7_000_000.0, True)):
        locate(told.location, 500_000.0, northing, system=5)
        (seen,) = tell(Sapient(), said)
        assert seen.position is not None
        assert (seen.position.lat < 0) == south


def test_range_and_bearing_start_from_the_node() -> None:
    decoder = Sapient()
    tell(decoder, registration(NODES.NODE_TYPE_CAMERA))
    tell(decoder, status(-13.0, 15.0, 40.0))
    said, told = report()
    seen_at = told.range_bearing
    seen_at.azimuth, seen_at.elevation, seen_at.range = 30.0, 10.0, 1.5
    seen_at.azimuth_error, seen_at.elevation_error, seen_at.range_error = 1.0, 2.0, 0.02
    seen_at.coordinate_system = polar.RANGE_BEARING_COORDINATE_SYSTEM_DEGREES_KM
    seen_at.datum = polar.RANGE_BEARING_DATUM_TRUE
    (seen,) = tell(decoder, said)
    lat, lon, alt = pymap3d.aer2geodetic(30.0, 10.0, 1500.0, 15.0, -13.0, 40.0)
    assert seen.position is not None
    assert seen.kind == "camera"
    assert seen.bearing is None
    assert seen.position.lat == pytest.approx(lat, abs=2e-7)
    assert seen.position.lon == pytest.approx(lon, abs=2e-7)
    assert seen.position.alt_m == pytest.approx(alt, abs=0.01)
    along, across = math.hypot(20 * math.cos(0.1745), 52.36 * math.sin(0.1745)), 25.78
    assert seen.sigma.horizontal_m == pytest.approx(
        math.sqrt((along**2 + across**2) / 2), rel=0.001
    )
    known = Sapient(SapientSettings(sensors={NODE.upper(): "cam-1"}))
    tell(known, status(-13.0, 15.0, 40.0))
    (seen,) = tell(known, said)
    assert (seen.sensor, seen.position) == ("cam-1", None)
    assert seen.bearing is not None
    assert (seen.bearing.azimuth_deg, seen.bearing.elevation_deg, seen.bearing.range_m) == (
        30.0,
        10.0,
        1500.0,
    )
    assert (seen.sigma.azimuth_deg, seen.sigma.elevation_deg, seen.sigma.range_m) == (1.0, 2.0, 20)


def test_other_norths() -> None:
    said, told = report()
    told.range_bearing.azimuth = math.radians(-10.0)
    told.range_bearing.coordinate_system = polar.RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_M
    for datum, azimuth in (
        (polar.RANGE_BEARING_DATUM_TRUE, 350.0),
        (polar.RANGE_BEARING_DATUM_MAGNETIC, 345.0),
        (polar.RANGE_BEARING_DATUM_GRID, 350.5177),  # 2 degrees east of its meridian, at 15 north
        (polar.RANGE_BEARING_DATUM_PLATFORM, None),
    ):
        told.range_bearing.datum = datum
        decoder = Sapient(SapientSettings(declination_deg=-5.0))
        tell(decoder, status(-13.0, 15.0, 40.0))
        found = tell(decoder, said)
        if azimuth is None:
            assert (found, sum(decoder.overlooked.values())) == ([], 1)
        else:
            assert found[0].bearing is not None
            assert found[0].bearing.azimuth_deg == pytest.approx(azimuth, abs=1e-3)


def test_kilometres_an_hour_where_the_node_registered_them() -> None:
    made = registration(NODES.NODE_TYPE_RADAR)
    units = made.registration.mode_definition[0].detection_definition.add()
    units.location_type.location_units = place.LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M
    units.location_type.location_datum = place.LOCATION_DATUM_WGS84_E
    units.velocity_type.enu_velocity_units.east_north_rate_units = 2  # type: ignore[assignment]
    units.velocity_type.location_datum = place.LOCATION_DATUM_WGS84_E
    decoder = Sapient()
    tell(decoder, made)
    said, told = report()
    locate(told.location, -13.0, 15.0)
    told.enu_velocity.east_rate, told.enu_velocity.north_rate = 36.0, 0.0
    told.enu_velocity.up_rate = 2.0
    (seen,) = tell(decoder, said)
    assert seen.motion is not None
    assert (seen.motion.ve, seen.motion.vu) == (10.0, 2.0)


@pytest.mark.parametrize(
    ("classes", "drone", "bird", "aircraft", "other"),
    [
        ([("Animal", 0.8, [("Bird", 0.6)])], 0.1, 0.7, 0.1, 0.1),
        ([("Air Vehicle", 0.8, [])], 0.4, 0.1, 0.4, 0.1),
        ([("Unknown", 0.9, [])], None, None, None, None),
        ([("land vehicle ", 0.7, [])], 0.1, 0.1, 0.1, 0.7),
        ([("Air Vehicle", 0.7, [("Manned Fixed Wing", 0.7)]), ("Animal", 0.2, [("Bird", 0.2)])],
         0.05, 0.2, 0.7, 0.05),
        ([("Air Vehicle", 1.0, [("UAV", 1.0)]), ("Animal", 1.0, [("Bird", 1.0)])],
         0.5, 0.5, 0.0, 0.0),
        ([("Equipment", 0.7, [("RF Transmitter", 0.7)])], 0.1, 0.1, 0.1, 0.7),
        ([("Dragon", 0.9, [])], None, None, None, None),
    ],
)  # fmt: skip
def test_classes(
    classes: list[tuple[str, float, list[tuple[str, float]]]],
    drone: float | None,
    bird: float | None,
    aircraft: float | None,
    other: float | None,
) -> None:
    said, told = report()
    locate(told.location, -13.0, 15.0)
    for name, confidence, below in classes:
        top = told.classification.add(type=name, confidence=confidence)
        for sub, part in below:
            top.sub_class.add(type=sub, confidence=part, level=1)
    (seen,) = tell(Sapient(), said)
    got = seen.class_
    found = (None,) * 4 if got is None else (got.drone, got.bird, got.aircraft, got.other)
    assert found == tuple(
        None if p is None else pytest.approx(p, abs=1e-6) for p in (drone, bird, aircraft, other)
    )


@pytest.mark.parametrize("name", ["Human", "UAS Control Station"])
def test_people_and_control_stations_stay_sealed(name: str) -> None:
    said, told = report()
    locate(told.location, -13.0, 15.0)
    told.classification.add(type=name)
    decoder = Sapient()
    assert tell(decoder, said) == []
    assert decoder.overlooked == Counter({"sealed: a person or a control station": 1})


def test_lost_things_and_other_messages_tell_nothing() -> None:
    said, told = report()
    locate(told.location, -13.0, 15.0)
    told.state = "Object lost"
    decoder = Sapient()
    assert tell(decoder, said) == []
    for path in sorted((HARNESS / "valid").glob("*.json")):
        found = decoder.decode(Frame(path.read_bytes(), "", T0, "sapient-json", path.name))
        assert found == ()
    assert decoder.heard == 1 + len(list((HARNESS / "valid").glob("*.json")))


EFFECTORS = (
    NODES.NODE_TYPE_KINETIC,
    NODES.NODE_TYPE_JAMMER,
    NODES.NODE_TYPE_CYBER,
    NODES.NODE_TYPE_LDEW,
    NODES.NODE_TYPE_RFDEW,
)


def task() -> SapientMessage:
    made = read_json((HARNESS / "valid" / "Task.FullMessage.Request.Start.json").read_bytes())
    made.destination_id = NODE
    return made


@pytest.mark.parametrize("kind", EFFECTORS)
def test_a_task_to_an_effector_is_refused(kind: int) -> None:
    decoder = Sapient()
    tell(decoder, registration(NODES.NODE_TYPE_RADAR, kind))
    with pytest.raises(Refused) as refusal:
        tell(decoder, task())
    assert refusal.value.rule == "Task to an effector"
    assert decoder.heard == 1


def test_a_task_to_a_sensor_is_read_and_passed_over() -> None:
    decoder = Sapient()
    tell(decoder, registration(NODES.NODE_TYPE_RADAR))
    assert tell(decoder, task()) == []


def stream(*messages: SapientMessage) -> bytes:
    told = [m.SerializeToString() for m in messages]
    return b"".join(len(one).to_bytes(4, "little") + one for one in told)


@given(st.lists(st.integers(1, 90), max_size=40))
def test_a_stream_falls_into_the_same_messages_however_it_is_cut(cuts: list[int]) -> None:
    data = stream(registration(2), status(-13.0, 15.0, 1.0), task())
    splitter = Prefixed()
    found, at = [], 0
    for size in [*cuts, len(data)]:
        found += splitter.feed(data[at : at + size])
        at += size
    assert b"".join(len(one).to_bytes(4, "little") + one for one in found) == data
    assert splitter.dropped == 0


def test_a_length_beyond_the_limit_ends_the_stream() -> None:
    splitter = Prefixed()
    good = stream(task())
    assert len(splitter.feed(good + (LONGEST_MESSAGE_BYTES + 1).to_bytes(4, "little"))) == 1
    assert splitter.dropped == 4
    assert splitter.feed(good) == []
    assert splitter.dropped == 4 + len(good)


def test_recordings_of_both_forms() -> None:
    said, told = report(T0 + 1.5)
    locate(told.location, -13.0, 15.0)
    data = stream(registration(2), said)
    assert recordings.sniff(data).name == "sapient"
    frames = list(recordings.frames(data, "a"))
    assert [f.link for f in frames] == ["sapient", "sapient"]
    assert frames[1].t == T0 + 1.5
    assert len(Sapient().decode(frames[1])) == 1
    for cut in (data[:-1], data + b"\xff\xff\xff\xff"):
        with pytest.raises(FormatError):
            list(SapientFormat().frames(cut))
    pretty = (HARNESS / "valid" / "StatusReport.FullMessage.json").read_bytes()
    assert recordings.sniff(pretty).name == "sapient-json"
    (frame,) = recordings.frames(pretty, "b")
    assert Sapient().decode(frame) == ()
    assert frame.t == pytest.approx(1_688_733_857.02, abs=0.1)
    lines = b"\n".join(pretty.replace(b"\n", b" ").replace(b"\r", b" ") for _ in range(3)) + b"\n"
    assert len(list(SapientJsonFormat().frames(lines))) == 3


def test_every_sample_is_known_by_its_start_and_nothing_else_is() -> None:
    for path in sorted(HARNESS.glob("*/*.json")):
        assert SapientJsonFormat().sniff(path.read_bytes()[:4096]), path.name
    line = b'{"t":1780000000,"sensor":"r","kind":"radar","position":{"lat":1,"lon":2}}\n'
    for other in (line, b"", b"\x0a\x0d\x0d\x0a" + bytes(40), b"\x30\x00\x22" + bytes(60), b"{}"):
        assert not SapientFormat().sniff(other)
        assert not SapientJsonFormat().sniff(other)


@given(st.binary(max_size=300), st.sampled_from(["sapient", "sapient-json"]))
def test_any_bytes_give_detections_or_a_counted_refusal(data: bytes, link: str) -> None:
    _read_anything(data, link)


@given(st.data())
def test_broken_messages_give_detections_or_a_counted_refusal(data: st.DataObject) -> None:
    said, told = report()
    locate(told.location, -13.0, 15.0)
    told.classification.add(type="Human")
    wrong = bytearray(said.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        wrong[data.draw(st.integers(0, len(wrong) - 1))] = data.draw(st.integers(0, 255))
    _read_anything(bytes(wrong), "sapient")


def _read_anything(data: bytes, link: str) -> None:
    decode: Callable[[Frame], object] = Sapient().decode
    try:
        decode(Frame(data, "", float(T0), link))
    except DecodeError:
        return
