"""GeoJSON: RFC 7946, read back by shapely and by GDAL."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from tests.encode.exported import DETECTIONS, T0, TRACKS, ZONE, evening, report
from tests.shared import VECTORS

from tocsin.encode.account import Account
from tocsin.encode.geojson import closed, write_geojson

JSON = dict[str, Any]


def features(account: Account) -> list[JSON]:
    collection = json.loads(b"".join(write_geojson(account)))
    assert collection["type"] == "FeatureCollection"
    found: list[JSON] = collection["features"]
    return found


def of_kind(found: list[JSON], kind: str) -> list[JSON]:
    return [one for one in found if one["properties"]["feature"] == kind]


def test_every_track_report_is_a_point_field_by_field() -> None:
    points = of_kind(features(evening()), "track-report")
    assert len(points) == len(TRACKS)
    for point, track in zip(points, TRACKS, strict=True):
        shape = shapely.from_geojson(json.dumps(point["geometry"]))
        assert (shape.x, shape.y) == (track.lon, track.lat)
        assert shape.has_z == (track.alt_m is not None)
        if track.alt_m is not None:
            assert shape.z == track.alt_m
        told = point["properties"]
        assert told["track"] == track.track
        assert told["status"] == track.status
        assert told["sigma_m"] == track.sigma_m
        assert told.get("climb_mps") == track.vu
        assert told["witness_kinds"] == ["acoustic", "rf"]
        assert told.get("p_drone") == track.class_.drone
        assert told.get("claimed_serial") == (track.identity and track.identity.serial)
        assert None not in told.values()
    assert points[0]["properties"]["speed_mps"] == pytest.approx(10.856, abs=1e-3)
    assert points[0]["properties"]["course_deg"] == pytest.approx(84.2, abs=0.05)


def test_a_track_is_a_line_with_the_time_of_each_point() -> None:
    lines = {one["properties"]["track"]: one for one in of_kind(features(evening()), "track")}
    assert lines.keys() == {"T1", "T2"}  # one report makes no line
    first, second = lines["T1"], lines["T2"]
    assert len(first["geometry"]["coordinates"]) == 12
    assert len(first["properties"]["coordinateProperties"]["times"]) == 12
    assert first["geometry"]["coordinates"][3] == [-11.9997, 15.00003, 53.0]
    assert all(len(place) == 2 for place in second["geometry"]["coordinates"])


def test_one_unknown_height_makes_the_whole_line_flat() -> None:
    tracks = [report(0), report(1, alt_m=None), report(2)]
    line = of_kind(features(Account("x", tracks=tracks)), "track")[0]
    assert {len(place) for place in line["geometry"]["coordinates"]} == {2}


def test_a_zone_runs_anticlockwise_and_is_closed() -> None:
    zone = of_kind(features(evening()), "zone")[0]
    ring = shapely.LinearRing(zone["geometry"]["coordinates"][0])
    assert ring.is_ccw
    assert ring.is_closed
    assert shapely.Polygon(ring).equals(shapely.Polygon(ZONE.polygon))
    assert zone["properties"]["ceiling_ellipsoid_m"] == 300.0


def test_a_sealed_or_unknown_place_is_null() -> None:
    found = of_kind(features(evening()), "detection")
    assert [one["geometry"] is None for one in found] == [False, True, True, True, True]
    assert [one["properties"]["sensor_kind"] for one in found] == [d.kind for d in DETECTIONS]
    assert "azimuth" not in json.dumps(found)


def test_a_line_is_cut_at_the_antimeridian() -> None:
    tracks = [report(0, lon=179.9), report(1, lon=-179.9), report(2, lon=-179.8)]
    line = of_kind(features(Account("x", tracks=tracks)), "track")[0]
    east, west = line["geometry"]["coordinates"]
    assert line["geometry"]["type"] == "MultiLineString"
    assert east[-1] == [180.0, pytest.approx(15.000005), 50.5]
    assert west[0] == [-180.0, pytest.approx(15.000005), 50.5]
    assert [len(t) for t in line["properties"]["coordinateProperties"]["times"]] == [2, 3]


@given(st.lists(st.floats(-180, 180), min_size=2, max_size=8))
def test_no_piece_of_any_line_passes_the_antimeridian(lons: list[float]) -> None:
    tracks = [report(k, lon=lon) for k, lon in enumerate(lons)]
    geometry = of_kind(features(Account("x", tracks=tracks)), "track")[0]["geometry"]
    pieces = [geometry["coordinates"]]
    if geometry["type"] == "MultiLineString":
        pieces = geometry["coordinates"]
    for piece in pieces:
        assert all(abs(b[0] - a[0]) <= 180.0 for a, b in pairwise(piece))


@given(st.permutations([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)]))
def test_any_ring_is_closed(ring: list[tuple[float, float]]) -> None:
    found = closed(tuple(ring))
    assert found[0] == found[-1]
    assert closed(found) == found


def test_gdal_reads_what_we_wrote() -> None:
    """The vector is GDAL's own reading of our golden file; see ORIGIN.md."""
    folder = VECTORS / "exports"
    ours = json.loads((folder / "evening.geojson").read_bytes())["features"]
    theirs = json.loads((folder / "evening.geojson.gdal.json").read_bytes())["features"]
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        assert a["geometry"] == b["geometry"]
        said, read = a["properties"], b["properties"]
        for name in ("feature", "track", "sigma_m", "level", "claimed_serial", "p_drone"):
            assert said.get(name) == read.get(name), name
        if "time" in said:
            assert datetime.fromisoformat(said["time"]) == datetime.fromisoformat(read["time"])


def test_times_stand_in_order() -> None:
    points = of_kind(features(evening()), "track-report")
    assert points[0]["properties"]["time"] == "2026-11-20T18:10:00.000Z"
    assert T0 == 1_795_198_200.0
