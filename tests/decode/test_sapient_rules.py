"""Dstl's own samples: every valid one is accepted, every broken one refused for what breaks it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf import json_format
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.shared import SHARED, VECTORS

from tocsin.decode.sapient import read_json, read_message
from tocsin.errors import DecodeError, Refused

FEW = VECTORS / "sapient" / "harness"
ALL = SHARED / "data" / "surveillance" / "sapient_flex335_v2"

STATED = {
    "0001.Timestamp.Error": "SapientMessage.timestamp unreadable",
    "0007.Content.Missing": "SapientMessage.content missing",
    "0022.RangeBearing.Datum.Missing": "RangeBearingCone.datum missing",
    "0023.RangeBearing.CoordinateSystem.Missing": "RangeBearingCone.coordinate_system missing",
    "0031.Registration.Capabilities.Category.Missing": "Registration.Capability.category missing",
    "0032.Registration.Capabilities.Type.Missing": "Registration.Capability.type missing",
    "0035.Registration.StatusDefinition.LocationDefinition.Error":
        "Registration.LocationType.datum_oneof missing",
    "0036.Registration.StatusDefinition.CoverageDefinition.Error":
        "Registration.LocationType.coordinates_oneof missing",
    "0037.Registration.StatusDefinition.ObscurationDefinition.Error":
        "Registration.LocationType.datum_oneof missing",
    "0038.Registration.StatusDefinition.FieldOfViewDefinition.Error":
        "Registration.LocationType.coordinates_oneof missing",
    "0057.DetectionPerformance.Units.Missing": "Registration.PerformanceValue.units missing",
    "0066.ClassDefinition.Type.ForSub.Missing": "Registration.SubClass.type missing",
    "0072.VelocityType.Datum.Missing": "Registration.VelocityType.datum_oneof missing",
    "0073.VelocityType.EastNorthRateUnits.Missing":
        "ENUVelocityUnits.east_north_rate_units missing",
    "0096.DependantNodes.Error": "Registration.dependent_nodes not a UUID",
    "0102.StatusReport.NodeLocation.Error": "Location.y missing",
    "0103.StatusReport.FieldOfView.Error": "Location.datum missing",
    "0104.StatusReport.Coverage.Error": "Location.x missing",
    "0105.StatusReport.Obscuration.Error": "Location.coordinate_system missing",
    "0109.DetectionReport.Location.Missing": "DetectionReport.location_oneof missing",
    "0110.DetectionReport.RangeBearing.Error": "RangeBearing.coordinate_system missing",
    "0111.DetectionReport.DetectionLocation.Missing": "unknown field",
    "0112.DetectionReport.DetectionLocation.RangeBearing": "unknown field",
    "0117.TrackInfo.Type.Missing": "DetectionReport.TrackObjectInfo.value missing",
    "0118.PredictedLocation.Location.Missing":
        "DetectionReport.PredictedLocation.predicted_location_oneof missing",
    "0160.Alert.Location.Error": "Location.x missing",
    "0185.BadId.DetectionReport.NodeId": "DetectionReport.DerivedDetection.node_id not a UUID",
    "0186.BadId.DetectionReport.ObjectId": "DetectionReport.DerivedDetection.object_id not a ULID",
    "0189.BadId.Registration.DependantNodes": "Registration.dependent_nodes not a UUID",
    "0194.BadId.Alert.AssociatedDetection": "AssociatedDetection.node_id not a UUID",
}  # fmt: skip
"""Where the file's name says less, or other, than the rule: what its content breaks. The rest is
compared with the name itself: the field, and whether it is missing or no identifier."""

FAULTS = ("missing", "empty", "not a UUID", "not a ULID", "not BSI Flex 335 v2.0")


def plain(text: str) -> str:
    """DetectionReport.ReportId and DetectionReport.report_id → "reportid" parts."""
    return re.sub(r"[^a-z0-9.]", "", text.lower())


def samples(kind: str) -> list[Path]:
    return sorted((FEW / kind).glob("*.json")) + sorted((ALL / kind).glob("*.json"))


@pytest.mark.parametrize("path", samples("valid"), ids=lambda p: p.name)
def test_valid_samples_are_accepted_in_both_forms(path: Path) -> None:
    message = read_json(path.read_bytes())
    assert read_message(message.SerializeToString()) == message
    assert json_format.Parse(json_format.MessageToJson(message), type(message)()) == message


@pytest.mark.parametrize("path", samples("invalid"), ids=lambda p: p.name)
def test_broken_samples_are_refused_for_what_their_name_says(path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        read_json(path.read_bytes())
    name = path.name.removesuffix(".json").removesuffix(".json")
    rule = refusal.value.rule
    if name in STATED:
        assert rule == STATED[name]
        return
    field, fault = (
        rule.rsplit(" ", 1) if rule.endswith(("missing", "empty")) else rule.split(" ", 1)
    )
    assert any(fault == known for known in FAULTS)
    parts = [p for p in name.split(".")[1:] if p not in ("Missing", "Error", "Empty", "Invalid")]
    said = [plain(part) for part in parts]
    assert plain(field.rsplit(".", 1)[-1]) in "".join(said)
    if "Missing" in name or "Empty" in name:
        assert fault in ("missing", "empty")
    if "BadId" in name and "Missing" not in name:
        assert "not a" in rule


def test_all_samples_were_there_where_the_recordings_are() -> None:
    if ALL.is_dir():
        assert (len(list((ALL / "valid").iterdir())), len(list((ALL / "invalid").iterdir()))) == (
            22,
            108,
        )
    assert len(list((FEW / "valid").iterdir())) >= 8
    assert len(list((FEW / "invalid").iterdir())) >= 20


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ('"detectionConfidence": 0.99', '"detectionConfidence": 1.5',
         "DetectionReport.detection_confidence out of range"),
        ('"rangeError": 1.0', '"rangeError": -1.0', "RangeBearing.range_error out of range"),
        ('"azimuth": 1.0', '"azimuth": "NaN"', "RangeBearing.azimuth out of range"),
        ('"range": 1.0', '"range": "Infinity"', "RangeBearing.range out of range"),
        ('"datum": "RANGE_BEARING_DATUM_GRID"', '"datum": 0', "RangeBearing.datum missing"),
        ('"datum": "RANGE_BEARING_DATUM_GRID"', '"datum": 99', "RangeBearing.datum unknown value"),
        ('"type": "Human"', '"type": " "',
         "DetectionReport.DetectionReportClassification.type empty"),
        ('"level": 1', '"level": "one"', "level unreadable"),
        ('"level": 1', '"level": 1.5', "DetectionReport.SubClass.level unreadable"),
        ('"colour": "Red"', '"colour": "Red", "smell": 1', "unknown field"),
        ('"timestamp": "2023-07-07T12:44:17.027638700Z"', '"timestamp": "yesterday"',
         "SapientMessage.timestamp unreadable"),
        ('{', '[', "JSON unreadable"),
    ],
)  # fmt: skip
def test_ranges_and_forms(field: str, value: str, rule: str) -> None:
    text = (FEW / "valid" / "DetectionReport.RangeBearing.FullMessage.json").read_text("utf-8")
    assert field in text
    with pytest.raises(Refused) as refusal:
        read_json(text.replace(field, value, 1).encode())
    assert refusal.value.rule == rule


def test_a_message_of_too_many_parts_is_refused_before_it_is_read() -> None:
    text = b'{"detectionReport":{"classification":[' + b",".join([b"{}"] * 8_000) + b"]}}"
    with pytest.raises(Refused) as refusal:
        read_json(text)
    assert refusal.value.rule == "message too long"


def test_nothing_is_believed_of_what_is_no_message() -> None:
    for data in (b"", b"\xff" * 40, b"\x0a\x02\x08", bytes(200_000)):
        with pytest.raises(DecodeError):
            read_message(data)
    late = SapientMessage(node_id="a8654cdf-4328-47de-81fa-c495589e30c9")
    late.timestamp.seconds = 10**15
    with pytest.raises(Refused, match="Timestamp out of range"):
        read_message(late.SerializeToString())
