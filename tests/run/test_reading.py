"""The reading desk counts what it cannot read, and a sensor lives only by its data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tocsin.errors import Refused, Truncated
from tocsin.fuse import Misalignment
from tocsin.run.reading import SILENT_S, ReadingDesk, installed_decoders, with_registration
from tocsin.words import (
    Deafness,
    Detection,
    Frame,
    HeardWindow,
    Link,
    SelfTest,
    Sensor,
    SensorHealth,
)

T0 = 1_780_000_000.0


class Picky:
    """Reads "ok", refuses "bad" by rule, finds "short" too short, is silent on the rest."""

    name = "picky"
    links: tuple[Link, ...] = ("ndjson",)
    heard = 0

    def __init__(self) -> None:
        self.overlooked: Counter[str] = Counter()

    def decode(self, frame: Frame) -> Sequence[Detection]:
        if frame.data == b"bad":
            raise Refused("latitude", "off the globe")
        if frame.data == b"short":
            raise Truncated("too short")
        return [Detection(frame.t, frame.sensor, "rf")] if frame.data == b"ok" else []


def test_broken_frames_are_counted_by_rule_and_the_rest_goes_on() -> None:
    desk = ReadingDesk([Picky()])
    words = [b"ok", b"bad", b"bad", b"short", b"nothing", b"ok"]
    found = desk.read(Frame(w, "rf1", T0 + i, "ndjson") for i, w in enumerate(words))
    assert len(found) == 2
    assert desk.counts["rf1"].refused == {"latitude": 2, "truncated": 1}
    assert desk.counts["rf1"].decoded == 2


def test_frames_of_another_link_are_not_offered() -> None:
    assert ReadingDesk([Picky()]).read([Frame(b"bad", "x", T0, "radiotap")]) == []


def test_proof_of_life_is_by_data() -> None:
    sensors = [
        Sensor("rf1", "rf", 0, 0),
        Sensor("rf2", "rf", 0, 0),
        Sensor("slow", "rf", 0, 0, scan_period_s=60),
    ]
    desk = ReadingDesk([Picky()])
    desk.read([Frame(b"ok", name, T0, "ndjson") for name in ("rf1", "slow")])
    desk.read([Frame(b"bad", "rf2", T0, "ndjson")])
    states = {h.sensor: h.state for h in desk.health(sensors, T0 + 1)}
    assert states == {"rf1": "alive", "rf2": "never-heard", "slow": "alive"}
    later = {h.sensor: h.state for h in desk.health(sensors, T0 + SILENT_S + 1)}
    assert later == {"rf1": "silent", "rf2": "never-heard", "slow": "alive"}


def test_the_installed_decoders_are_found_by_entry_point() -> None:
    assert {"ndjson", "remote-id"} <= {decoder.name for decoder in installed_decoders()}


def test_a_sensor_that_speaks_rarely_is_given_time() -> None:
    """Mean pause 100 s between false alarms: after 200 s of quiet nobody can call it dead."""
    quiet = Sensor("rf1", "rf", 0, 0, scan_period_s=1.0, clutter_per_scan=0.01)
    desk = ReadingDesk([Picky()])
    desk.read([Frame(b"ok", "rf1", T0, "ndjson")])
    assert desk.health([quiet], T0 + 200)[0].state == "alive"
    assert desk.health([quiet], T0 + 501)[0].state == "silent"


def test_a_sensor_found_turned_or_late_says_so_in_its_health() -> None:
    well = [SensorHealth(name, "radar", "alive") for name in ("r1", "r2", "r3")]
    found = [
        Misalignment("r2", -2.96, 0.1, 0.0, None),
        Misalignment("r3", 0.0, None, 0.81, 0.05),
    ]
    one, two, three = with_registration(well, found)
    assert one == well[0]
    assert (two.north_error_deg, two.clock_lag_s) == (-3.0, None)
    assert (three.north_error_deg, three.clock_lag_s) == (None, 0.8)


class Ear:
    """A decoder of what microphones heard: its frames say "deaf", "hears", "passed" or "failed"."""

    name = "ear"
    links: tuple[Link, ...] = ("sound",)
    heard = 0

    def __init__(self) -> None:
        self.overlooked: Counter[str] = Counter()
        self.windows: list[HeardWindow] = []
        self.tests: list[SelfTest] = []

    def decode(self, frame: Frame) -> Sequence[Detection]:
        if frame.data in (b"passed", b"failed"):
            self.tests.append(SelfTest(frame.sensor, frame.t, frame.data == b"passed"))
            return []
        deaf: Deafness | None = "clipping" if frame.data == b"deaf" else None
        self.windows.append(HeardWindow(frame.sensor, frame.t, 1.0, deaf=deaf))
        return []

    def heard_windows(self) -> list[HeardWindow]:
        heard, self.windows = self.windows, []
        return heard

    def self_tests(self) -> list[SelfTest]:
        tried, self.tests = self.tests, []
        return tried


MIC = Sensor("mic", "acoustic", 0, 0)


def listen(desk: ReadingDesk, words: Sequence[bytes], start: float) -> SensorHealth:
    """Windows of 1 s every half second; the health after the last."""
    for k, word in enumerate(words):
        desk.read([Frame(word, "mic", start + 0.5 * k, "sound")], start + 0.5 * k + 1.0)
    return desk.health([MIC], start + 0.5 * len(words) + 0.5)[0]


def test_windows_are_told_once_and_are_proof_of_life() -> None:
    desk = ReadingDesk([Ear()])
    desk.read([Frame(b"hears", "mic", T0, "sound"), Frame(b"hears", "mic", T0 + 0.5, "sound")])
    assert [window.t for window in desk.windows] == [T0, T0 + 0.5]
    desk.read([])
    assert desk.windows == []
    assert desk.health([MIC], T0 + 2)[0].state == "alive"
    assert desk.health([MIC], T0 + 1.5 + SILENT_S + 0.1)[0].state == "silent"


def test_a_microphone_that_is_deaf_for_some_seconds_is_not_alive() -> None:
    desk = ReadingDesk([Ear()])
    assert listen(desk, [b"hears"] * 20, T0).state == "alive"
    assert listen(desk, [b"deaf"] * 4, T0 + 10).state == "alive"  # a slammed door
    assert desk.deaf == {"mic"}, "its silence tells nothing all the same"
    health = listen(desk, [b"deaf"] * 4, T0 + 12)
    assert (health.state, health.why, health.since_t) == ("deaf", "clipping", T0 + 10)
    health = listen(desk, [b"hears"] * 4, T0 + 14)
    assert health.state == "deaf", "one clear second is no cure"
    health = listen(desk, [b"hears"] * 20, T0 + 16)
    assert (health.state, health.why, health.since_t) == ("alive", None, None)
    assert desk.deaf == set()


def test_a_microphone_that_is_deaf_every_other_window_is_deaf() -> None:
    desk = ReadingDesk([Ear()])
    assert listen(desk, [b"hears", b"deaf"] * 20, T0).state == "deaf"
    assert listen(desk, [b"hears"] * 30, T0 + 20).state == "alive"
    rarely = [b"deaf", *[b"hears"] * 5] * 20
    assert listen(desk, rarely, T0 + 40).state == "alive"


def test_a_node_that_tells_one_window_a_minute_is_believed() -> None:
    desk = ReadingDesk([Ear()])
    states = []
    for k, word in enumerate([b"hears", b"deaf", b"hears", b"hears"]):
        t = T0 + 55.0 * k
        desk.read([Frame(word, "mic", t, "sound")], t)
        states.append(desk.health([MIC], t + 1.0)[0].state)
    assert states == ["alive", "deaf", "deaf", "alive"]


def test_old_windows_change_nothing_and_a_dead_microphone_is_silent_before_it_is_deaf() -> None:
    desk = ReadingDesk([Ear()])
    listen(desk, [b"hears"] * 20, T0)
    listen(desk, [b"deaf"] * 16, T0 - 100)  # kept by a node while its line was down
    assert desk.health([MIC], T0 + 10)[0].state == "alive"
    listen(desk, [b"deaf"] * 20, T0 + 10)
    assert desk.health([MIC], T0 + 21 + SILENT_S + 1)[0].state == "silent"


def test_a_failed_self_test_is_seen_until_one_is_passed() -> None:
    desk = ReadingDesk([Ear()])
    health = listen(desk, [b"hears", b"failed", b"hears"], T0)
    assert (health.state, health.why) == ("degraded", "self-test")
    health = listen(desk, [b"hears", b"passed", b"hears"], T0 + 2)
    assert (health.state, health.why) == ("alive", None)
    assert health.self_test is not None
    assert health.self_test.passed
