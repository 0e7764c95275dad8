"""What sensors make of flights: errors as stated, chance as stated, sound as late as it is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as changed
from scipy.optimize import brentq

from tocsin.earth import LocalFrame, azimuth_distance
from tocsin.simulate import instruments as tools
from tocsin.simulate.battery import Battery, Lateness, Outage, near, place
from tocsin.simulate.flight import Flight, along, fly
from tocsin.simulate.heard import CLUTTER, Heard, detections
from tocsin.simulate.returns import Resolution, class_scores, merge
from tocsin.simulate.sensing import SOUND_MPS, sense
from tocsin.simulate.staged import stream
from tocsin.simulate.truth import covered
from tocsin.words import FieldOfView, Sensor

FRAME = LocalFrame(13.2, -10.4, 200.0)
HERE = (0.0, 0.0, 0.0)
LONG_S = 4000.0


def hovering(east: float, north: float, up: float, *emits: str) -> Flight:
    still = np.tile(np.array([[east, north, up]]), (round(LONG_S) + 2, 1))
    return fly("D1", "drone", still, step_s=1.0, emits=emits, source_db=100.0)  # type: ignore[arg-type]


def passing(speed: float, aside_m: float, *emits: str) -> Flight:
    path = along([[-2000.0, aside_m, 100.0], [2000.0, aside_m, 100.0]], speed)
    return fly("D1", "drone", path, emits=emits)  # type: ignore[arg-type]


def heard(battery: Battery, flights: list[Flight], duration_s: float, seed: int = 1) -> Heard:
    rng = stream(seed, 0)
    return sense(place(battery, FRAME, rng, 0), flights, FRAME, duration_s, rng)


def clean(sensor: Sensor) -> Sensor:
    return changed(sensor, clutter_per_scan=0.0)


RADAR = tools.radar("radar1", FRAME, HERE)
FINDER = tools.finder("rf1", FRAME, HERE)
(ARRAY,) = tools.arrays(FRAME, [HERE])


def test_a_radars_errors_are_those_it_states() -> None:
    rows = heard(Battery((clean(RADAR),)), [hovering(1500.0, 800.0, 300.0)], LONG_S)
    n = len(rows)
    distance = math.sqrt(1500.0**2 + 800.0**2 + 300.0**2)
    stated = (
        (rows.azimuth_deg, math.degrees(math.atan2(1500.0, 800.0)), RADAR.sigma_azimuth_deg),
        (rows.elevation_deg, math.degrees(math.asin(300.0 / distance)), RADAR.sigma_elevation_deg),
        (rows.range_m, distance, RADAR.sigma_range_m),
        (rows.range_rate_mps, 0.0, RADAR.sigma_range_rate_mps),
    )
    for measured, true, sigma in stated:
        assert sigma is not None
        assert abs(measured.mean() - true) < 4.0 * sigma / math.sqrt(n)
        assert measured.std() == pytest.approx(sigma, rel=4.0 / math.sqrt(2 * n))


def test_the_share_of_scans_that_notice_is_p_detect() -> None:
    rows = heard(Battery((clean(RADAR),)), [hovering(1500.0, 800.0, 300.0)], LONG_S)
    share = len(rows) / LONG_S
    assert share == pytest.approx(0.9, abs=4.0 * math.sqrt(0.09 / LONG_S))


@pytest.mark.parametrize(("distance_m", "expected"), [(40.0, 0.85 * 0.93), (396.0, 0.85 * 0.307)])
def test_hearing_fades_with_range(distance_m: float, expected: float) -> None:
    battery = Battery((clean(ARRAY),), fade=0.3)
    rows = heard(battery, [hovering(distance_m, 0.0, 0.0, "sound")], LONG_S)
    scans = LONG_S / 0.5
    assert len(rows) / scans == pytest.approx(expected, abs=4.0 * math.sqrt(0.25 / scans))


def test_range_rate_is_negative_when_closing_and_positive_when_receding() -> None:
    quiet = changed(clean(RADAR), sigma_range_rate_mps=1e-6, sigma_range_m=1e-6)
    rows = heard(Battery((quiet,)), [passing(20.0, 300.0)], 200.0)
    early, late = rows.t < 90.0, rows.t > 110.0
    assert (rows.range_rate_mps[early] < 0.0).all()
    assert (rows.range_rate_mps[late] > 0.0).all()
    order = np.argsort(rows.t)
    middle = (rows.t[order][1:] + rows.t[order][:-1]) / 2.0
    slope = np.diff(rows.range_m[order]) / np.diff(rows.t[order])
    rate = np.interp(middle, rows.t[order], rows.range_rate_mps[order])
    assert np.abs(slope - rate).max() < 0.35


@pytest.mark.parametrize("speed", [15.0, 60.0])
def test_sound_shows_where_the_drone_was(speed: float) -> None:
    keen = changed(
        clean(ARRAY), max_range_m=3000.0, p_detect=1.0, sigma_azimuth_deg=1e-7,
        sigma_elevation_deg=1e-7,
    )  # fmt: skip
    flight = passing(speed, 250.0, "sound")
    rows = heard(Battery((keen,), delayed=True), [flight], 4000.0 / speed)
    site = np.array(FRAME.to_enu(keen.lat, keen.lon, keen.alt_m or 0.0))
    assert len(rows) > 100
    for t, azimuth in zip(rows.t[::7], rows.azimuth_deg[::7], strict=True):

        def lag(left: float, t: float = t) -> float:
            where, _, _ = flight.at(left)
            return left + float(np.linalg.norm(where - site)) / SOUND_MPS - t

        left = brentq(lag, t - 20.0, t)
        east, north, _ = flight.at(left)[0] - site
        true = math.degrees(math.atan2(east, north)) % 360.0
        assert azimuth == pytest.approx(true, abs=1e-3)
    prompt = heard(Battery((keen,)), [flight], 4000.0 / speed)
    late = np.interp(50.0, rows.t, rows.azimuth_deg)
    assert abs(late - np.interp(50.0, prompt.t, prompt.azimuth_deg)) > 0.05


def test_radio_is_not_late() -> None:
    sharp = changed(clean(FINDER), sigma_azimuth_deg=1e-7)
    flight = passing(60.0, 250.0, "radio")
    rows = heard(Battery((sharp,)), [flight], 60.0)
    where, _, _ = flight.at(rows.t)
    true = np.degrees(np.arctan2(where[:, 0], where[:, 1])) % 360.0
    assert np.allclose(rows.azimuth_deg, true, atol=1e-5)


def test_a_kind_hears_only_what_is_given_away() -> None:
    mute, loud = hovering(300.0, 0.0, 50.0), hovering(300.0, 0.0, 50.0, "radio", "sound")
    for sensor in (FINDER, ARRAY):
        assert not len(heard(Battery((clean(sensor),)), [mute], 60.0))
        assert len(heard(Battery((clean(sensor),)), [loud], 60.0))
    assert len(heard(Battery((clean(RADAR),)), [mute], 60.0))


def test_a_phantom_is_claimed_and_never_seen() -> None:
    ghost = replace(hovering(300.0, 0.0, 50.0, "sound", "radio", "remote_id"), phantom=True)
    for sensor in (FINDER, ARRAY, RADAR):
        assert not len(heard(Battery((clean(sensor),)), [ghost], 60.0))
    receiver = tools.receiver("rid", FRAME, HERE)
    assert len(heard(Battery((receiver,)), [ghost], 60.0))


def test_clutter_is_poisson_uniform_and_within_the_sector() -> None:
    sector = changed(RADAR, fov=FieldOfView(350.0, 90.0, -5.0, 90.0), clutter_per_scan=5.0)
    rows = heard(Battery((sector,)), [], LONG_S)
    assert len(rows) == pytest.approx(5.0 * LONG_S, abs=5.0 * math.sqrt(5.0 * LONG_S))
    assert (rows.truth == CLUTTER).all()
    off = (rows.azimuth_deg - 350.0 + 180.0) % 360.0 - 180.0
    assert np.abs(off).max() <= 45.0
    assert np.histogram(off, bins=6)[0].std() < 3.0 * math.sqrt(len(rows) / 6)
    # uniform in area: a quarter of it lies within half the range
    assert (rows.range_m < 2000.0).mean() == pytest.approx(0.25, abs=0.02)
    counts = np.bincount(np.floor(rows.t).astype(int), minlength=int(LONG_S))
    assert counts.var() == pytest.approx(counts.mean(), rel=0.12)


def test_an_outage_is_silent_to_the_second_and_only_there() -> None:
    two = tuple(clean(s) for s in tools.arrays(FRAME, [HERE, (50.0, 0.0, 0.0)]))
    battery = Battery(two, outages=(Outage("acoustic2", 100.0, 160.0),))
    rows = heard(battery, [hovering(100.0, 0.0, 40.0, "sound")], 300.0)
    out = (rows.t >= 100.0) & (rows.t < 160.0)
    assert not (out & (rows.sensor == 1)).any()
    assert (out & (rows.sensor == 0)).sum() > 80
    assert (~out & (rows.sensor == 1)).sum() > 300


def test_a_sector_sees_nothing_behind_it() -> None:
    east = changed(clean(RADAR), fov=FieldOfView(90.0, 120.0, -5.0, 90.0))
    assert len(heard(Battery((east,)), [hovering(900.0, 100.0, 50.0)], 60.0)) > 40
    assert not len(heard(Battery((east,)), [hovering(-900.0, 100.0, 50.0)], 60.0))
    below = changed(clean(RADAR), fov=FieldOfView(0.0, 360.0, 10.0, 90.0))
    assert not len(heard(Battery((below,)), [hovering(900.0, 100.0, 50.0)], 60.0))


def test_a_turned_and_late_radar_is_wrong_by_just_that() -> None:
    flight = hovering(0.0, 1200.0, 100.0)
    right = heard(Battery((clean(RADAR),)), [flight], 600.0)
    wrong = heard(
        Battery((clean(RADAR),), north_error_deg=-3.0, clock_error_s=0.8), [flight], 600.0
    )
    assert np.allclose(wrong.t - right.t, 0.8)
    turned = (wrong.azimuth_deg - right.azimuth_deg + 180.0) % 360.0 - 180.0
    assert np.allclose(turned, -3.0)


def test_late_lines_wait_for_their_link_and_keep_their_time() -> None:
    link = Lateness(0.1, 0.5, (Outage("acoustic1", 100.0, 160.0),))
    battery = Battery((clean(ARRAY),), lateness=link)
    flight = hovering(100.0, 0.0, 40.0, "sound")
    rows = heard(battery, [flight], 300.0)
    wait = rows.received - rows.t
    assert wait.min() >= 0.1
    cut = (rows.t >= 100.0) & (rows.t < 160.0)
    assert (rows.received[cut] >= 160.1).all()
    assert wait[cut].max() > 55.0
    assert wait[~cut].mean() == pytest.approx(0.6, rel=0.15)
    arrived = rows.in_order_of_arrival()
    assert (np.diff(arrived.received) >= 0.0).all()
    assert (np.diff(arrived.t) < 0.0).any()
    lines = list(detections(arrived, (ARRAY,), [flight], 0.0))
    assert all(line.received is not None and line.received >= line.t for line in lines)


def test_a_single_microphone_says_where_it_is_and_how_loud() -> None:
    places = np.array([[0.0, 0.0, 5.0]])
    (mic,) = tools.microphones(FRAME, places)
    near_by, far = hovering(200.0, 0.0, 5.0, "sound"), hovering(2000.0, 0.0, 5.0, "sound")
    levels = []
    for flight in (near_by, far):
        rows = heard(Battery((mic,), fade=0.3), [flight], LONG_S)
        assert np.isnan(rows.azimuth_deg).all()
        assert np.allclose(rows.lat, mic.lat)
        levels.append(rows.level_db.mean())
        (line, *_) = detections(rows, (mic,), [flight], 0.0)
        assert line.statement == "presence"
        assert line.position == mic.position
        assert line.sigma.horizontal_m == 1500.0
    assert levels[0] == pytest.approx(100.0 - 20.0 * math.log10(200.0), abs=0.5)
    assert levels[0] - levels[1] == pytest.approx(20.0, abs=0.8)


def test_claims_scatter_as_stated_and_lies_are_off_by_the_lie() -> None:
    receiver = tools.receiver("rid", FRAME, HERE)
    truth = hovering(500.0, -300.0, 80.0, "remote_id")
    liar = replace(truth, claim_offset=(900.0, 0.0, 0.0))
    lat, lon, _ = FRAME.to_wgs84(500.0, -300.0, 80.0)
    for flight, off in ((truth, 0.0), (liar, 900.0)):
        rows = heard(Battery((receiver,)), [flight], LONG_S)
        east, north, up = FRAME.to_enu(rows.lat, rows.lon, rows.alt_m)
        assert east.std() == pytest.approx(8.0, rel=0.06)
        assert up.std() == pytest.approx(15.0, rel=0.06)
        _, distance = azimuth_distance(float(lat), float(lon), rows.lat.mean(), rows.lon.mean())
        assert distance == pytest.approx(off, abs=1.0)
        assert north.mean() == pytest.approx(-300.0, abs=1.0)


def test_echoes_too_close_are_one_and_others_stay_two() -> None:
    battery = Battery((changed(clean(RADAR), p_detect=1.0),), resolution=Resolution(30.0, 3.0))
    pairs = {"close": (1010.0, 5.0), "far along": (1050.0, 5.0), "far across": (1000.0, 80.0)}
    for name, (north, east) in pairs.items():
        rows = heard(battery, [hovering(-5.0, 1000.0, 50.0), hovering(east, north, 50.0)], 100.0)
        scans = len(np.unique(rows.t))
        assert len(rows) == (scans if name == "close" else 2 * scans), name
    # across north: 359 and 1 degrees are 2 apart, and their middle is 0, not 180
    rows = heard(battery, [hovering(-17.0, 1000.0, 50.0), hovering(17.0, 1000.0, 50.0)], 100.0)
    assert len(rows) == len(np.unique(rows.t))
    off = (rows.azimuth_deg + 180.0) % 360.0 - 180.0
    assert abs(off.mean()) < 0.5


def test_echoes_of_different_scans_never_merge() -> None:
    rows = heard(
        Battery((changed(clean(RADAR), p_detect=1.0),)), [hovering(5.0, 900.0, 50.0)], 50.0
    )
    assert len(merge(rows, Resolution(30.0, 3.0))) == len(rows)


def test_class_scores_keep_their_word() -> None:
    rng = stream(9, 0)
    kind = rng.integers(0, 2, 60_000)
    scores = class_scores(kind, 1.0, 2, rng)
    assert np.allclose(scores[:, :2].sum(axis=1), 1.0)
    assert np.isnan(scores[:, 2]).all()
    for low in (0.1, 0.3, 0.5, 0.7, 0.85):
        said = (scores[:, 0] > low) & (scores[:, 0] < low + 0.1)
        true = (kind[said] == 0).mean()
        assert true == pytest.approx(scores[said, 0].mean(), abs=0.03)
    three = class_scores(np.full(5000, 2), 3.0, 3, rng)
    assert (three.argmax(axis=1) == 2).mean() > 0.95
    assert three.min() > 0.0


def test_a_tree_finds_the_same_pairs_as_trying_them_all() -> None:
    grid = np.column_stack([np.arange(100) % 10, np.arange(100) // 10, np.zeros(100)]) * 900.0
    many = tools.microphones(FRAME, grid)
    many = tuple(changed(s, p_detect=1.0, max_range_m=1500.0) for s in many)
    path = along([[-500.0, 4000.0, 200.0], [9000.0, 4200.0, 200.0]], 45.0)
    flight = fly("D1", "drone", path, emits=("sound",))
    found = heard(Battery(many, delayed=True), [flight], 200.0)
    tried: set[tuple[int, float]] = set()
    placed = place(Battery(many, delayed=True), FRAME, stream(1, 0), 0)
    for k in range(100):
        for scan in range(41):
            t = placed.phase_s[k] + 5.0 * scan
            left = t
            for _ in range(30):
                where, _, flies = flight.at(left)
                left = t - float(np.linalg.norm(where - placed.place[k])) / SOUND_MPS
            where, _, flies = flight.at(left)
            if flies and t <= 200.0 and np.linalg.norm(where - placed.place[k]) <= 1500.0:
                tried.add((k, round(float(t), 6)))
    got = set(zip(found.sensor.tolist(), np.round(found.t, 6).tolist(), strict=True))
    assert got == tried


def test_cover_ends_at_the_edge_of_hearing_and_in_an_outage() -> None:
    battery = Battery((ARRAY,), outages=(Outage("acoustic1", 130.0, 140.0),))
    placed = place(battery, FRAME, stream(1, 0), 0)
    flight = passing(15.0, 100.0, "sound")
    seconds = np.arange(0.0, 260.0)
    where, _, _ = flight.at(seconds)
    seen = covered(flight, [placed], seconds, where)
    inside = np.linalg.norm(where - placed.place[0], axis=1) <= 400.0
    out = (seconds >= 130.0) & (seconds < 140.0)
    assert (seen == (inside & ~out)).all()
    assert inside[130:140].all()
    assert not covered(passing(15.0, 100.0), [placed], seconds, where).any()


def test_near_finds_each_pair_once() -> None:
    placed = place(Battery(tools.arrays(FRAME, [HERE, (300.0, 0.0, 0.0)])), FRAME, stream(1, 0), 0)
    row, sensor = near(placed, np.array([[10.0, 0.0, 0.0], [290.0, 0.0, 0.0]]), 100.0)
    assert list(zip(row.tolist(), sensor.tolist(), strict=True)) == [(0, 0), (1, 1)]


def test_mixed_builds_in_one_battery_are_refused() -> None:
    with pytest.raises(ValueError, match="one build"):
        place(Battery((ARRAY, changed(ARRAY, id="x", max_range_m=9.0))), FRAME, stream(1, 0), 0)
    with pytest.raises(ValueError, match="period"):
        place(Battery((changed(ARRAY, scan_period_s=None),)), FRAME, stream(1, 0), 0)
