"""CSV: RFC 4180 read back by Python's reader, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.encode.exported import ALERTS, TRACKS, evening, report

from tocsin.encode.account import Account, AlertFacts, TrackFacts
from tocsin.encode.csv_lines import write_alerts_csv, write_tracks_csv
from tocsin.words import ClaimedIdentity


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_one_header_and_a_row_for_each_report() -> None:
    data = b"".join(write_tracks_csv(evening()))
    assert data.count(b"time_utc") == 1
    assert data.count(b"\r\n") == data.count(b"\n") == len(TRACKS) + 1
    found = rows(data)
    for row, track in zip(found, TRACKS, strict=True):
        assert (float(row["latitude_deg"]), float(row["longitude_deg"])) == (track.lat, track.lon)
        alt = row["altitude_ellipsoid_m"]
        assert (float(alt) if alt else None) == track.alt_m
        assert float(row["sigma_m"]) == track.sigma_m
        assert None not in row
    assert found[0]["witness_kinds"] == "acoustic; rf"
    assert found[-1]["p_drone"] == ""


def test_alerts_are_a_table_of_their_own() -> None:
    found = rows(b"".join(write_alerts_csv(evening())))
    assert len(found) == len(ALERTS)
    assert found[0]["eta_likely_s"] == "40.0"
    assert found[1]["eta_likely_s"] == found[1]["latitude_deg"] == ""
    assert found[0]["drill"] == "false"


def test_units_are_in_the_names() -> None:
    numbers = {"t", "p_drone", "p_bird", "p_aircraft", "p_other", "claim_suspicion", "sequence"}
    for facts in (TrackFacts, AlertFacts):
        for name, kind in facts.__annotations__.items():
            if "float" in str(kind) and name not in numbers:
                assert name.endswith(("_m", "_mps", "_deg", "_s")), name


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_no_cell_begins_a_formula(start: str) -> None:
    serial = f"{start}cmd|' /C calc'!A0"
    track = report(0, identity=ClaimedIdentity(serial=serial))
    row = rows(b"".join(write_tracks_csv(Account("x", tracks=[track]))))[0]
    assert row["claimed_serial"] == f"'{serial}"
    assert row["longitude_deg"] == "-12.0"  # a negative number is no formula


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back(text: str) -> None:
    track = report(0, identity=ClaimedIdentity(serial=text))
    cell = rows(b"".join(write_tracks_csv(Account("x", tracks=[track]))))[0]["claimed_serial"]
    assert cell.removeprefix("'") == text.removeprefix("'")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
