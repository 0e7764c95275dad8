"""Logs of real flights: every dialect read, damage counted or named, and the path flown again."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shared import recording

from tocsin.earth import LocalFrame
from tocsin.errors import InputError
from tocsin.run.commands.simulate import command
from tocsin.simulate import read_logs, stage_flown
from tocsin.simulate.flown import flight_of

SECONDS = np.arange(60.0)
PLACE = LocalFrame(16.5, -15.0, 0.0)
_LAT, _LON, _ = PLACE.to_wgs84(8.0 * SECONDS, 0.02 * SECONDS**2, np.zeros(60))
LAT, LON = np.asarray(_LAT), np.asarray(_LON)
UP = 20.0 + 0.5 * SECONDS


def cue(second: int) -> str:
    return f"{second + 1}\n00:00:{second:02d},000 --> 00:00:{second + 1:02d},000\n"


def bracketed(longitude: str = "longtitude") -> str:
    return "\ufeff" + "\n".join(
        f'{cue(k)}<font size="36">FrameCnt : {k}, DiffTime : 40ms\n2026-11-20 18:10:{k:02d},000,1\n'
        f"[iso : 110] [fnum : 280] [latitude : {LAT[k]:.6f}] [{longitude} : {LON[k]:.6f}] "
        f"[rel_alt: {UP[k]:.3f} abs_alt: {UP[k] + 31.0:.3f}] </font>\n"
        for k in range(60)
    )


def barometer() -> str:
    return "\n".join(
        f"{cue(k)}HOME(-15.0000,16.5000) 2026.11.20 18:10:{k:02d}\n"
        f"GPS({LON[k]:.4f},{LAT[k]:.4f},16) BAROMETER:{UP[k]:.1f}\nISO:100 Shutter:60 EV:\n"
        for k in range(60)
    )


def spaced() -> str:
    return "\n".join(
        f"{cue(k)}F/2.8, SS 30.15, ISO 260, EV -1.7, GPS ({LON[k]:.6f}, {LAT[k]:.6f}, 17), "
        f"HOME (-15.0, 16.5, -5.98m), D 20.21m, H {UP[k]:.2f}m, H.S 8.0m/s, V.S n/a \n"
        for k in range(60)
    )


def dronedeploy() -> str:
    head = "#DroneDeploy\t4.29.0\n#Flight Recorder\nSession ID\tx\n#Aircraft\nAircraft Model\tX\n"
    columns = "Date/Time (UTC)\tElapsed Time (sec)\tInfo\tAircraft Latitude (Degrees)\t" \
              "Aircraft Longitude (Degrees)\tAircraft Barometric Altitude (ft)\n"  # fmt: skip
    rows = "\n".join(
        f"11/20/2026 18:10:{k:02d}\t{k + 2.441}\t\t{LAT[k]}\t{LON[k]}\t{UP[k] / 0.3048}"
        for k in range(60)
    )
    message = "\n11/20/2026 18:11:00\t62.0\tcritical: something\t\t\t\n"
    return head + columns + rows + message


def table() -> str:
    rows = (f"2026-11-20 18:10:{k:02d},{LAT[k]},{LON[k]},{UP[k] + 700.0},9" for k in range(60))
    return "time,latitude,longitude,altitude (m),speed\n" + "\n".join(rows)


@pytest.mark.parametrize(
    ("name", "text", "datum", "grid_m"),
    [
        ("new.SRT", bracketed(), "take-off", 0.2),
        ("right.srt", bracketed("longitude"), "take-off", 0.2),
        ("old.SRT", barometer(), "take-off", 8.0),
        ("mini.SRT", spaced(), "take-off", 0.2),
        ("app.log", dronedeploy(), "take-off", 0.01),
        ("table.csv", table(), "unknown", 0.01),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_every_dialect_says_the_same(
    name: str, text: str, datum: str, grid_m: float, packed: bool
) -> None:
    data = gzip.compress(text.encode(), mtime=0) if packed else text.encode()
    (log,) = read_logs(name, data)
    assert (log.kind, log.datum, log.left_out) == ("drone", datum, 0)
    assert log.t_s == pytest.approx(SECONDS, abs=1e-9)
    e, n, _ = PLACE.to_enu(log.lat, log.lon, np.zeros(60))
    assert np.abs(np.hypot(e - 8.0 * SECONDS, n - 0.02 * SECONDS**2)).max() <= grid_m
    assert log.height_m - UP == pytest.approx(700.0 if name == "table.csv" else 0.0, abs=0.06)


def test_damage_is_counted_and_left_out() -> None:
    lines = spaced().split("\n")
    lines[3 * 5 + 5 + 2] = lines[3 * 5 + 5 + 2].replace("16.5", "nan")
    text = (
        "\n".join(lines)
        .replace(f"({LON[30]:.6f}, {LAT[30]:.6f}", "(0.0, 0.0")
        .replace(f"({LON[40]:.6f}", "(9.123456")
    )
    (log,) = read_logs("x.SRT", (text + "\n61\n00:01:02,000 --> 00:0").encode())
    assert log.left_out >= 3
    assert len(log.t_s) + log.left_out == 61
    assert np.abs(log.lon + 15.0).max() < 0.1


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.log", b"hello", r"a\.log, line 1: is no flight log.*\.SRT"),
        ("a.SRT.gz", gzip.compress(b"x" * 999, mtime=0)[:-9], r"damaged gzip.*copy"),
        ("a.csv", b"time,latitude,height\n1,2,3", r"line 1: has no column for lon"),
        ("a.log", b"#DroneDeploy\t1\nDate/Time (UTC)\tInfo\n", r"line 2: has no table of"),
        ("a.srt", b"1\n00:00:00,000 --> 00:00:01,000\nGPS (n/a)\n", r"line 2: has 0 usable"),
    ],
)
def test_what_cannot_be_read_is_named_with_line_and_remedy(
    name: str, data: bytes, says: str
) -> None:
    with pytest.raises(InputError, match=r"(?s)" + says) as refused:
        read_logs(name, data)
    assert refused.value.remedy


@given(st.binary(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_a_log_or_are_refused(data: bytes) -> None:
    for head in (b"", b"#DroneDeploy\n", b"1\n00:00:00,000 --> 1\n", b"t,lat,lon,alt_m\n"):
        try:
            logs = read_logs("x", head + data)
        except InputError:
            continue
        assert all(len(log.t_s) >= 3 and (np.diff(log.t_s) > 0.0).all() for log in logs)


def test_a_table_of_aircraft_is_a_log_each() -> None:
    rows = "".join(
        f"{k},{who},{50.0 + 0.002 * k},{lon},{3000.0}\n"
        for k in range(0, 60, 10) for who, lon in (("4b1234", 1.0), ("4b9999", 2.0))
    )  # fmt: skip
    logs = read_logs("sky.csv", f"time,icao24,lat,lon,geoaltitude\n{rows}7,x,1,1,1\n".encode())
    assert [(log.name, log.kind, log.datum) for log in logs] == [
        ("sky.csv:4b1234", "aircraft", "ellipsoid"), ("sky.csv:4b9999", "aircraft", "ellipsoid"),
    ]  # fmt: skip


def test_a_log_is_flown_as_it_was() -> None:
    (log,) = read_logs("app.log", dronedeploy().encode())
    flight = flight_of(log, "F1")
    assert flight.end_s == 59.0
    t = np.linspace(4.0, 55.0, 200)
    where, velocity, flies = flight.at(t)
    assert flies.all()
    assert velocity[:, 0] == pytest.approx(8.0, abs=0.2)
    assert np.abs(velocity[:, 1] - 0.04 * t).max() < 0.1
    assert np.abs(where[:, 2] - (20.0 + 0.5 * t)).max() < 0.2
    middle = (flight.position.min(axis=0) + flight.position.max(axis=0))[:2] / 2.0
    assert np.abs(middle).max() < 1.0


def test_a_gap_cuts_and_unknown_heights_are_lifted() -> None:
    rows = table().split("\n")
    late = [row.replace(" 18:10:", " 18:12:") for row in rows[31:]]
    (log,) = read_logs("x.csv", "\n".join(rows[:31] + late).encode())
    flight = flight_of(log, "F1")
    assert flight.end_s == pytest.approx(29.0, abs=0.3)
    assert flight.position[:, 2].min() == pytest.approx(30.0, abs=0.5)
    with pytest.raises(InputError, match="no 5 s without a gap"):
        flight_of(read_logs("x.csv", "\n".join(rows[:5]).encode())[0], "F1")


def test_flown_is_heard_and_its_meta_names_the_log() -> None:
    logs = read_logs("a.SRT", bracketed().encode()) + read_logs("b.csv", table().encode())
    staged = stage_flown(3, logs)
    assert {line.id for line in staged.truth()} == {"F1", "F2"}
    assert {"F1", "F2"} <= set(staged.labels())
    assert {sensor.kind for sensor in staged.sensors} == {"radar", "rf", "acoustic", "adsb"}
    assert staged.meta["flights"] == {
        "F1": {"log": "a.SRT", "height_datum": "take-off", "left_out": 0, "records": 60},
        "F2": {"log": "b.csv", "height_datum": "unknown", "left_out": 0, "records": 60},
    }
    with pytest.raises(InputError, match="--flight"):
        stage_flown(3, ())


def test_the_command_flies_a_log(tmp_path: Path) -> None:
    (tmp_path / "a.SRT").write_text(bracketed(), encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(
        command, ["flown", "--flight", str(tmp_path / "a.SRT"), "-o", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert {p.name for p in out.iterdir()} == {
        "sensors.json", "detections.ndjson", "truth.ndjson", "labels.ndjson", "meta.json",
    }  # fmt: skip
    for arguments, says in (
        (["approach", "--flight", str(tmp_path / "a.SRT")], "flies no logs"),
        (["flown", "--flight", str(tmp_path / "none.SRT")], "cannot be read"),
        (["flown"], "no flight to fly again"),
    ):
        refused = CliRunner().invoke(command, [*arguments, "-o", str(out)])
        assert isinstance(refused.exception, InputError)
        assert says in str(refused.exception)


@pytest.mark.parametrize(
    ("path", "least", "fastest"),
    [
        ("dji_srt/mavic_2pro_new.SRT.gz", 70.0, 25.0),
        ("dji_srt/mavic_pro.SRT", 400.0, 25.0),
        ("dji_srt/mavic_pro_buggy.SRT", 200.0, 25.0),
        ("dji_srt/mavic_mini.SRT", 100.0, 15.0),
        ("dji_srt/broken_incomplete.SRT", 15.0, 5.0),
        ("dji_srt/p4_rtk.SRT", 50.0, 20.0),
        ("dji_dronedeploy/errorLog.log.gz", 150.0, 20.0),
        ("dji_dronedeploy/json-info.log.gz", 200.0, 20.0),
        ("dji_dronedeploy/iphone-ios-11-3-matrice.log.gz", 150.0, 20.0),
        ("stonesoup_uav/UAV_Rot.csv", 900.0, 20.0),
    ],
)
def test_shared_logs_are_flown(path: str, least: float, fastest: float) -> None:
    (log,) = read_logs(path, recording(f"flight_logs/{path}"))
    flight = flight_of(log, "F1")
    assert flight.end_s >= least
    assert np.linalg.norm(flight.velocity, axis=1).max() < fastest


@pytest.mark.parametrize("path", ["dji_srt/mavic_air2.srt", "dji_dronedeploy/truncated.log.gz"])
def test_shared_logs_of_less_than_a_moment_say_so(path: str) -> None:
    (log,) = read_logs(path, recording(f"flight_logs/{path}"))
    with pytest.raises(InputError, match="choose a longer flight"):
        flight_of(log, "F1")


def test_the_shared_sky_holds_many_aircraft() -> None:
    logs = read_logs("s.csv", recording("flight_logs/stonesoup_uav/OpenSky_Plane_States.csv"))
    assert len(logs) > 50
    assert {log.kind for log in logs} == {"aircraft"}
