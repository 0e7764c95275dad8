"""KML: the order that the OGC schema asks for, heights above the sea, and GDAL's reading of it."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.encode.exported import ALERTS, evening, report
from tests.shared import VECTORS

from tocsin.earth import azimuth_distance, sea_level_height_m
from tocsin.encode.account import Account
from tocsin.encode.kml import ELLIPSE_EVERY_S, GX, KML, SIGMAS_95, ellipse_ring, write_kml
from tocsin.words import Ellipse, Position, Track, Zone

NS = {"k": KML, "gx": GX}
ORDER = (
    "name", "visibility", "TimeStamp", "TimeSpan", "styleUrl", "ExtendedData", "Point", "Polygon",
    "Track", "MultiTrack",
)  # fmt: skip
"""The order of a Placemark's children (OGC 07-147r2, 9.1 and 9.11)."""

GEOID = sea_level_height_m(15.0, -12.0, 0.0)


def document(account: Account) -> etree._Element:
    return etree.fromstring(b"".join(write_kml(account)))


def placemarks(folder: str, account: Account) -> list[etree._Element]:
    found = document(account).xpath(f"//k:Folder[k:name='{folder}']/k:Placemark", namespaces=NS)
    assert isinstance(found, list)
    return [mark for mark in found if isinstance(mark, etree._Element)]


def data(mark: etree._Element) -> dict[str, str]:
    return {
        str(one.get("name")): one.findtext("k:value", "", NS)
        for one in mark.iterfind("k:ExtendedData/k:Data", NS)
    }


def test_children_stand_in_the_order_of_the_schema() -> None:
    marks = document(evening()).iterfind(".//k:Placemark", NS)
    count = 0
    for mark in marks:
        names = [ORDER.index(etree.QName(child).localname) for child in mark]
        assert names == sorted(names)
        count += 1
    assert count >= 7


def test_a_track_has_a_place_for_each_time() -> None:
    first = placemarks("Tracks", evening())[0]
    track = first.find("gx:Track", NS)
    assert track is not None
    when = [one.text for one in track.iterfind("k:when", NS)]
    where = [str(one.text).split(" ") for one in track.iterfind("gx:coord", NS)]
    assert len(when) == len(where) == 12
    assert when[1] == "2026-11-20T18:10:01.000Z"
    assert where[1][:2] == ["-11.9999", "15.00001"]
    assert first.findtext("k:name", "", NS) == "T1, claims to be =HYPERLINK(1)"
    assert data(first)["claimed_serial"] == "=HYPERLINK(1)"


@pytest.mark.skipif(GEOID is None, reason="no geoid grid is installed")
def test_heights_are_above_the_sea() -> None:
    assert GEOID is not None
    track = placemarks("Tracks", evening())[0].find("gx:Track", NS)
    assert track is not None
    assert track.findtext("k:altitudeMode", "", NS) == "absolute"
    heights = [float(str(one.text).split(" ")[2]) for one in track.iterfind("gx:coord", NS)]
    assert heights[0] == pytest.approx(50.0 + GEOID, abs=0.05)
    top = placemarks("Zones", evening())[0].findtext(".//k:coordinates", "", NS).split(" ")
    assert float(top[0].split(",")[2]) == pytest.approx(300.0 + GEOID, abs=0.5)


def test_an_unknown_height_is_none_and_not_zero() -> None:
    mark = placemarks("Tracks", evening())[1]
    track = mark.find("gx:Track", NS)
    assert track is not None
    assert track.findtext("k:altitudeMode", "", NS) == "clampToGround"
    assert all(len(str(c.text).split(" ")) == 2 for c in track.iterfind("gx:coord", NS))
    assert "climb_mps" not in data(mark)


@pytest.mark.skipif(GEOID is None, reason="no geoid grid is installed")
def test_a_track_that_loses_its_height_is_drawn_in_pieces() -> None:
    tracks = [report(0, status="confirmed"), report(1, alt_m=None), report(2)]
    pieces = placemarks("Tracks", Account("x", tracks=tracks))[0].findall(".//gx:Track", NS)
    modes = [piece.findtext("k:altitudeMode", "", NS) for piece in pieces]
    assert modes == ["absolute", "clampToGround", "absolute"]


def test_never_confirmed_tracks_are_apart_and_hidden() -> None:
    marks = placemarks("Tracks that were never confirmed", evening())
    assert [data(mark)["track"] for mark in marks] == ["T4"]
    assert marks[0].findtext("k:visibility", "", NS) == "0"


def test_ellipses_come_every_ten_seconds() -> None:
    marks = placemarks("Where they were in 95 of 100 cases", evening())
    assert [mark.findtext("k:name", "", NS) for mark in marks].count("T1") == 2
    assert marks[0].findtext("k:TimeSpan/k:end", "", NS) == "2026-11-20T18:10:10.000Z"
    assert ELLIPSE_EVERY_S == 10.0


@given(st.floats(-80, 80), st.floats(0, 359.9), st.floats(5, 2000), st.floats(0.05, 1.0))
def test_an_ellipse_has_its_axes_and_runs_anticlockwise(
    lat: float, azimuth: float, major: float, share: float
) -> None:
    at, minor = Position(lat, 10.0), major * share
    ring = ellipse_ring(at, Ellipse(major, minor, azimuth))
    far = [azimuth_distance(lat, 10.0, *corner) for corner in ring[:-1]]
    assert ring[0] == ring[-1]
    assert max(d for _, d in far) == pytest.approx(SIGMAS_95 * major, rel=1e-2, abs=0.1)
    assert min(d for _, d in far) == pytest.approx(SIGMAS_95 * minor, rel=1e-2, abs=0.1)
    apart = (far[0][0] - azimuth + 180.0) % 360.0 - 180.0
    assert abs(apart) < 1.0
    area = sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise(ring))
    assert area > 0.0


def test_an_alert_tells_level_and_reasons() -> None:
    marks = placemarks("Alerts", evening())
    assert len(marks) == len(ALERTS)
    assert data(marks[0])["reasons"].startswith("closing at 11 m/s, 900 m away")
    assert marks[1].find("k:Point", NS) is None  # its position is unknown


@given(st.text(max_size=30))
def test_any_name_makes_sound_xml(name: str) -> None:
    zone = Zone("z", {"en": name}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    track = report(0, track=name, status="confirmed")
    assert document(Account(name, (zone,), [track])).tag == f"{{{KML}}}kml"


def test_gdal_reads_what_we_wrote() -> None:
    """The vector is GDAL's own reading of our golden file; see ORIGIN.md."""
    folder = VECTORS / "exports"
    theirs = json.loads((folder / "evening.kml.gdal.json").read_bytes())
    decode = [json.loads(line) for line in (folder / "tracks.ndjson").read_bytes().splitlines()]
    read = {one["properties"]["track"]: one for one in theirs["Tracks"]["features"]}
    for name in ("T1", "T20", "T25"):
        wanted = [(t["lon"], t["lat"]) for t in decode if t["track"] == name]
        coordinates = read[name]["geometry"]["coordinates"]
        assert [tuple(place[:2]) for place in coordinates] == wanted
        heights = {len(place) for place in coordinates}
        assert heights == ({3} if name == "T1" else {2})
    assert read["T1"]["properties"]["claimed_serial"] == "7XZQ9AGR104782"
    assert len(theirs["Alerts"]["features"]) == 4
    assert theirs["Zones"]["features"][0]["properties"]["zone"] == "dam"


def test_a_whole_track_may_be_unconfirmed() -> None:
    tracks: list[Track] = [report(0)]
    assert placemarks("Tracks", Account("x", tracks=tracks)) == []
