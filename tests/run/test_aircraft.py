"""Aircraft by the whole road: they become tracks, are drawn, and never ring the bell; and nobody
hides behind a transponder."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.decode import transponder as sent
from tests.shared import recording

from tocsin.run.commands.replay import command

Lines = list[dict[str, Any]]
LAT, LON = 48.1, 11.5
METRES = 111_320.0
SITE = """
[site]
name = "Aerodrome"
[[zone]]
id = "tower"
names = {{en = "Tower"}}
polygon = {polygon}
"""
RADAR = {"id": "radar", "kind": "radar", "lat": LAT, "lon": LON, "alt_m": 500.0,
         "max_range_m": 6000.0, "p_detect": 0.95, "scan_period_s": 1.0, "sigma_azimuth_deg": 0.5,
         "sigma_elevation_deg": 1.0, "sigma_range_m": 10.0}  # fmt: skip


def site(folder: Path, lat: float = LAT, lon: float = LON, size: float = 0.01) -> Path:
    """A square zone around a place, an aircraft receiver named roof, and a radar."""
    corners = [[lon + e * size, lat + n * size] for e, n in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    receiver = {"id": "roof", "kind": "adsb", "lat": lat, "lon": lon, "alt_m": 500.0}
    (folder / "sensors.json").write_text(json.dumps([receiver, RADAR]))
    file = folder / "tocsin.toml"
    file.write_text(SITE.format(polygon=corners))
    return file


def flight(
    address: int, speed_mps: float, *, seconds: int = 120, category: str = "A1", callsign: str = "X"
) -> Iterable[tuple[float, bytes]]:
    """From south to north over the middle of the zone, as a transponder tells it."""
    knots = round(speed_mps * 3600 / 1852)
    for k in range(2 * seconds):
        t = k / 2
        lat = LAT + (t - seconds / 2) * knots * 1852 / 3600 / METRES
        yield t + 0.1, sent.airborne(address, lat, LON, bool(k % 2), feet=3000)
        yield t + 0.2, sent.velocity(address, 0, knots, above_ft=150)
        if k % 10 == 0:
            yield t + 0.05, sent.identification(address, callsign, category)
            yield t + 0.06, sent.status(address)


def beast_file(folder: Path, *flights: Iterable[tuple[float, bytes]]) -> Path:
    heard = sorted(message for one in flights for message in one)
    file = folder / "roof.beast"
    file.write_bytes(b"".join(sent.beast(data, round(t * 12e6) + 1) for t, data in heard))
    return file


def replay(config: Path, *files: Path) -> tuple[Lines, Lines]:
    """(tracks, alerts) of a replay."""
    out = config.parent / "out"
    arguments = [*map(str, files), "--config", str(config), "--out", str(out)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    tracks, alerts = (
        [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]
        for name in ("tracks.ndjson", "alerts.ndjson")
    )
    return tracks, alerts


def radar_file(folder: Path, speed_mps: float, scores: dict[str, float] | None) -> Path:
    """What the radar sees of the same flight, 100 m above it."""
    lines = []
    for t in range(1, 119):
        north = (t - 60) * speed_mps
        bearing = {
            "azimuth_deg": 0.0 if north >= 0 else 180.0,
            "elevation_deg": math.degrees(math.atan2(460.0, abs(north))),
            "range_m": math.hypot(460.0, north),
        }
        line: dict[str, Any] = {"t": t, "sensor": "radar", "kind": "radar", "bearing": bearing}
        line["sigma"] = {"azimuth_deg": 0.5, "elevation_deg": 1.0, "range_m": 10.0}
        if scores is not None:
            line["class"] = scores
        lines.append(json.dumps(line))
    file = folder / "radar.ndjson"
    file.write_text("\n".join(lines) + "\n")
    return file


def test_aircraft_become_tracks_and_ring_nothing(tmp_path: Path) -> None:
    """An airliner, a helicopter and one that is as slow as a drone, through the zone."""
    speeds = {0x4B0001: 200.0, 0x4B0002: 40.0, 0x4B0003: 15.0}
    flights = [flight(a, v, callsign=f"TEST{a & 7}") for a, v in speeds.items()]
    tracks, alerts = replay(site(tmp_path), beast_file(tmp_path, *flights))
    assert alerts == []
    for address in speeds:
        of_it = [t for t in tracks if t.get("identity", {}).get("icao24") == f"{address:06x}"]
        assert len({t["track"] for t in of_it}) == 1
        assert sum(t["status"] == "confirmed" for t in of_it) > 100
        assert all(t["class"]["aircraft"] > 0.5 for t in of_it)
        assert of_it[-1]["identity"]["callsign"] == f"TEST{address & 7}"
        inside = [t for t in of_it if abs(t["lat"] - LAT) < 0.01]
        assert inside
        assert inside[-1]["alt_m"] == pytest.approx(3150 * 0.3048, abs=20)


def test_a_recorded_airliner_through_a_zone_rings_nothing(tmp_path: Path) -> None:
    text = recording("surveillance/pymodes_raw/sample_data_adsb.csv").decode()
    rows = [(float(t), bytes.fromhex(m)) for t, m, _, _ in csv.reader(io.StringIO(text))]
    file = tmp_path / "roof.beast"
    start = rows[0][0]
    file.write_bytes(b"".join(sent.beast(m, round((t - start) * 12e6) + 1) for t, m in rows))
    tracks, alerts = replay(site(tmp_path, 51.427, 5.977, 0.2), file)
    assert alerts == []
    of_it = [t for t in tracks if t.get("identity", {}).get("icao24") == "406b90"]
    inside = [t for t in of_it if abs(t["lat"] - 51.427) < 0.2 and abs(t["lon"] - 5.977) < 0.2]
    assert len(inside) > 60
    assert {t["status"] for t in inside} <= {"confirmed", "coasting"}
    assert all(t["class"]["aircraft"] > 0.9 for t in inside)
    assert of_it[-1]["identity"]["callsign"] == "EZY85MH"
    assert math.hypot(of_it[-1]["ve"], of_it[-1]["vn"]) == pytest.approx(253, abs=10)


@pytest.mark.parametrize("speed_mps", [12.0, 25.0])
def test_a_drone_with_a_transponder_is_known_by_what_sensors_see(
    tmp_path: Path, speed_mps: float
) -> None:
    """It claims to be an aircraft; a radar that tells classes says that it is a drone."""
    claim = beast_file(tmp_path, flight(0x4B0009, speed_mps))
    scores = {"drone": 0.7, "bird": 0.15, "aircraft": 0.15}
    tracks, alerts = replay(site(tmp_path), claim, radar_file(tmp_path, speed_mps, scores))
    # one radar is one witness: the transponder beside it may be a helicopter's, and rings no alarm
    levels = {alert["level"] for alert in alerts}
    assert "warning" in levels
    assert "alarm" not in levels
    last = [t for t in tracks if t["status"] == "confirmed"][-1]
    assert last["class"]["drone"] > 0.5
    assert {"radar", "roof"} <= set(last["sensors"])


def test_a_claim_of_an_aircraft_stands_where_sensors_do_not_tell_classes(tmp_path: Path) -> None:
    """What nobody contradicts is believed: a radar without classes sees helicopters too."""
    claim = beast_file(tmp_path, flight(0x4B0009, 25.0))
    tracks, alerts = replay(site(tmp_path), claim, radar_file(tmp_path, 25.0, None))
    assert alerts == []
    assert [t for t in tracks if t["status"] == "confirmed"][-1]["class"]["aircraft"] > 0.5


def test_what_says_that_it_is_a_drone_is_one_but_rings_no_public_bell(tmp_path: Path) -> None:
    claim = beast_file(tmp_path, flight(0x4B000A, 20.0, category="B6"))
    tracks, alerts = replay(site(tmp_path), claim)
    levels = {alert["level"] for alert in alerts}
    assert "warning" in levels
    assert "alarm" not in levels
    assert [t for t in tracks if t["status"] == "confirmed"][-1]["class"]["drone"] > 0.9
