"""Every scene on the playbill: made the same each time, and written in the formats of DESIGN 4."""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np
import pytest

from tocsin.errors import InputError
from tocsin.simulate import SCENES, Scale, Staged, make_scene
from tocsin.simulate.ground import turn_into
from tocsin.simulate.skies import at_bearing
from tocsin.simulate.stages import HONEST_SERIALS, honest_serial

SHORT_S = 40.0
encode = msgspec.json.encode

SENSOR_KEYS = {
    "id", "kind", "lat", "lon", "alt_m", "max_range_m", "p_detect", "clutter_per_scan",
    "scan_period_s", "sigma_azimuth_deg", "sigma_elevation_deg", "sigma_range_m",
    "sigma_range_rate_mps", "sigma_horizontal_m", "sigma_alt_m", "fov",
}  # fmt: skip
ALWAYS = {key for key in SENSOR_KEYS if not key.startswith("sigma_")}
FOV_KEYS = {"azimuth_center_deg", "azimuth_width_deg", "elevation_min_deg", "elevation_max_deg"}
BEARING_KEYS = {"azimuth_deg", "elevation_deg", "range_m", "range_rate_mps"}
DETECTION_KEYS = {
    "t", "sensor", "kind", "position", "bearing", "sigma", "class", "identity", "level_db",
    "received",
}  # fmt: skip
TRUTH_KEYS = {"t", "id", "kind", "lat", "lon", "alt_m", "ve", "vn", "vu", "cover"}


def short(name: str, seed: int = 3) -> Staged:
    scale = Scale(sensors=100, drones=3) if name == "network" else None
    scale = Scale(sensors=4, drones=20) if name == "crowd" else scale
    return make_scene(name, seed, duration_s=SHORT_S, scale=scale)


def written(staged: Staged) -> bytes:
    lines = [*staged.sensors, *staged.lines(), *staged.labels(), *staged.truth()]
    return b"\n".join(map(encode, lines)) + b"".join(data for _, data in staged.captures)


@pytest.fixture(scope="module", params=list(SCENES))
def staged(request: pytest.FixtureRequest) -> Staged:
    return short(request.param)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(staged: Staged) -> None:
    assert written(short(staged.name)) == written(staged)
    assert written(short(staged.name, seed=4)) != written(staged)


def test_sensors_have_the_keys_of_the_contract(staged: Staged) -> None:
    for sensor in msgspec.json.decode(encode(staged.sensors)):
        assert ALWAYS <= sensor.keys() <= SENSOR_KEYS, sensor["id"]
        assert sensor["fov"].keys() == FOV_KEYS
        assert any(key.startswith("sigma_") for key in sensor)
    assert len({sensor.id for sensor in staged.sensors}) == len(staged.sensors)


def test_detections_have_the_keys_of_the_contract(staged: Staged) -> None:
    kinds = {sensor.id: sensor.kind for sensor in staged.sensors}
    for line in map(msgspec.json.decode, map(encode, staged.lines())):
        assert {"t", "sensor", "kind", "sigma"} <= line.keys() <= DETECTION_KEYS
        assert kinds[line["sensor"]] == line["kind"]
        if "bearing" in line:
            assert "azimuth_deg" in line["bearing"].keys() <= BEARING_KEYS
            assert line["bearing"].keys() == line["sigma"].keys()
            assert 0.0 <= line["bearing"]["azimuth_deg"] < 360.0
        else:
            assert {"lat", "lon"} <= line["position"].keys() <= {"lat", "lon", "alt_m"}
            assert {"horizontal_m"} <= line["sigma"].keys() <= {"horizontal_m", "alt_m"}
        if "class" in line:
            assert line["class"].keys() <= {"drone", "bird", "aircraft"}
            assert sum(line["class"].values()) == pytest.approx(1.0, abs=2e-4)
            assert min(line["class"].values()) > 0.0


def test_lines_come_in_order_of_arrival_and_are_rounded(staged: Staged) -> None:
    lines = list(staged.lines())
    arrivals = [line.t if line.received is None else line.received for line in lines]
    assert arrivals == sorted(arrivals)
    for line in lines:
        assert round(line.t, 3) == line.t
        if line.position is not None:
            assert round(line.position.lat, 7) == line.position.lat
        if line.bearing is not None and line.bearing.azimuth_deg is not None:
            assert round(line.bearing.azimuth_deg, 4) == line.bearing.azimuth_deg
    assert lines == list(staged.detections)


def test_there_is_one_label_a_line_and_it_names_the_truth(staged: Staged) -> None:
    labels = list(staged.labels())
    assert len(labels) == len(staged.heard)
    ids = {line.id for line in staged.truth()}
    assert set(labels) - {None} <= ids
    assert set(labels) - {None}, "nothing was noticed at all"


def test_the_truth_moves_as_it_says(staged: Staged) -> None:
    lines = list(staged.truth())
    assert {*msgspec.json.decode(encode(lines[0]))} - {"serial"} == TRUTH_KEYS
    assert [line.t for line in lines] == sorted(line.t for line in lines)
    one = [line for line in lines if line.id == lines[0].id]
    east, north, up = staged.frame.to_enu(
        np.array([w.lat for w in one]), np.array([w.lon for w in one]),
        np.array([w.alt_m for w in one]),
    )  # fmt: skip
    moved = np.column_stack([east[2:] - east[:-2], north[2:] - north[:-2], up[2:] - up[:-2]]) / 2.0
    lean = turn_into(
        np.array([w.lat for w in one[1:-1]]), np.array([w.lon for w in one[1:-1]]),
        staged.frame.lat, staged.frame.lon,
    )  # fmt: skip
    moved = np.einsum("nij,nj->ni", lean, moved)
    said = np.array([(w.ve, w.vn, w.vu) for w in one[1:-1]])
    # two seconds across the start of a 25 degree-a-second turn differ from its middle by 2 m/s
    assert np.abs(moved - said).max() < 2.0
    assert np.abs(moved - said).mean() < 0.15


def test_the_meta_names_what_a_scorer_needs(staged: Staged) -> None:
    assert staged.meta["scenario"] == staged.name
    assert {"seed", "duration_s", "t0", "gospa_c_m", "hold_s"} <= staged.meta.keys()


@pytest.mark.parametrize(
    ("alias", "name"),
    [("S1", "approach"), ("S2", "loiter"), ("S2d", "loiter-delayed"), ("s3", "crossing"),
     ("S4", "swarm"), ("S5", "birds"), ("S6", "network"), ("S7", "liar"), ("S8", "misaligned")],
)  # fmt: skip
def test_aliases_are_those_of_the_shared_scenarios(alias: str, name: str) -> None:
    scale = Scale(sensors=25, drones=1) if alias == "S6" else None
    assert make_scene(alias, 1, duration_s=5.0, scale=scale).name == name


def test_an_unknown_scene_names_the_known() -> None:
    with pytest.raises(InputError, match=r"no scene 'storm'.*approach"):
        make_scene("storm", 1)


def test_a_scene_that_cannot_scale_says_so() -> None:
    with pytest.raises(InputError, match=r"its own drones.*--drones"):
        make_scene("approach", 1, scale=Scale(drones=4))


@pytest.mark.parametrize(("name", "sensors", "drones"), [("swarm", 3, 30), ("network", 144, 7),
                                                        ("crowd", 9, 40)])  # fmt: skip
def test_scenes_scale(name: str, sensors: int, drones: int) -> None:
    staged = make_scene(name, 2, duration_s=20.0, scale=Scale(sensors=sensors, drones=drones))
    assert len(staged.sensors) == sensors
    assert len({line.id for line in staged.truth()}) == drones


def test_a_battery_hears_the_same_whoever_else_listens() -> None:
    """An outage of the radar changes nothing in what the finders hear before theirs begins."""
    plain, failing = short("approach"), short("outage")
    early = [
        [line for line in s.lines() if line.sensor == "rf2" and line.t < s.t0 + SHORT_S]
        for s in (plain, failing)
    ]
    assert early[0] == early[1]
    assert early[0]
    first = [Counter(line.sensor for line in s.lines())["radar1"] for s in (plain, failing)]
    assert first[1] < first[0]


def test_truth_names_the_serial_of_the_honest_one_alone() -> None:
    serials = {line.id: line.serial for line in make_scene("liar", 1, duration_s=3.0).truth()}
    assert sum(serial is not None for serial in serials.values()) == 1
    assert len(serials) == 2


def test_the_liar_claims_a_place_1200_m_from_where_it_is() -> None:
    staged = make_scene("liar", 1)
    ids = {"4TKB8SPFAKE01": "D1", honest_serial(1): "D2"}
    truth = {(line.id, line.t): line for line in staged.truth()}
    gaps: dict[str, list[float]] = {serial: [] for serial in ids}
    for line in staged.lines():
        if line.identity is None or line.identity.serial is None or line.position is None:
            continue
        real = truth[ids[line.identity.serial], float(round(line.t))]
        e, n, _ = staged.frame.to_enu(
            [line.position.lat, real.lat], [line.position.lon, real.lon], [200.0, 200.0]
        )
        gaps[line.identity.serial].append(float(np.hypot(e[0] - e[1], n[0] - n[1])))
    assert np.median(gaps["4TKB8SPFAKE01"]) == pytest.approx(1200.0, abs=10.0)
    assert np.median(gaps[honest_serial(1)]) < 25.0
    assert {honest_serial(seed) for seed in range(12)} == set(HONEST_SERIALS)


def test_phantoms_are_heard_and_are_not_in_the_truth() -> None:
    staged = short("phantoms")
    serials = {line.identity.serial for line in staged.lines() if line.identity}
    assert len(serials) == 21
    assert {line.id for line in staged.truth()} == {"D1"}
    assert set(staged.labels()) == {None, "D1"}


def test_the_misaligned_scene_hides_what_its_meta_says() -> None:
    staged = make_scene("misaligned", 1)
    hidden = msgspec.convert(staged.meta["hidden_bias"], dict[str, dict[str, float]])
    turned_deg, late_s = hidden["radar2"]["azimuth_deg"], hidden["radar2"]["clock_s"]
    assert 2.0 <= abs(turned_deg) <= 4.0
    assert 0.5 <= late_s <= 1.0
    assert 3.0 <= abs(hidden["rf1"]["azimuth_deg"]) <= 6.0
    truth = {(line.id, line.t): line for line in staged.truth()}
    site = {s.id: s for s in staged.sensors}["radar2"]
    errors = []
    for line, label in zip(staged.lines(), staged.labels(), strict=True):
        real = truth.get((label or "", float(round(line.t - late_s))))
        if line.sensor != "radar2" or real is None or line.bearing is None:
            continue
        e, n, _ = staged.frame.to_enu(
            [site.lat, real.lat], [site.lon, real.lon], [site.alt_m, real.alt_m]
        )
        true = np.degrees(np.arctan2(e[1] - e[0], n[1] - n[0]))
        errors.append((line.bearing.azimuth_deg - true + 180.0) % 360.0 - 180.0)
    assert np.median(errors) == pytest.approx(turned_deg, abs=0.4)


def test_the_late_scene_brings_lines_out_of_order_by_up_to_a_minute() -> None:
    staged = make_scene("late", 1)
    waits = [line.received - line.t for line in staged.lines() if line.received is not None]
    assert len(waits) == len(staged.heard)
    assert 50.0 < max(waits) < 75.0
    times = [line.t for line in staged.lines()]
    assert times != sorted(times)


def test_the_network_gives_one_false_alarm_a_microphone_and_hour() -> None:
    staged = make_scene("S6", 1, scale=Scale(sensors=400, drones=1))
    false = sum(label is None for label in staged.labels())
    assert false == pytest.approx(200.0, abs=5.0 * 200.0**0.5)
    heights = [line.alt_m for line in staged.truth()]
    assert 90.0 < min(heights) <= max(heights) < 510.0, "the land must bend with the earth"


def test_bearings_count_clockwise_from_north() -> None:
    assert at_bearing(100.0, 90.0, 5.0) == pytest.approx([100.0, 0.0, 5.0])
