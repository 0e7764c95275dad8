"""What the hub keeps, forgets, and never tells."""

from __future__ import annotations

import msgspec
import pytest
from tests.serve.feed import FRIEND, SENSORS, START_T, ZONE, Feed

from tocsin.serve import Hub, SiteView
from tocsin.serve.hub import KEPT_ALERTS
from tocsin.serve.public import health, public_state
from tocsin.words import (
    Alert,
    ClaimedIdentity,
    Reason,
    SensorHealth,
    SourceHealth,
    Track,
    Witness,
)
from tocsin.words.sentences import LANGUAGES


def _track(t: float, status: str = "confirmed", name: str = "T1") -> Track:
    return Track(
        t=t, track=name, status=status, lat=15.1, lon=-12.7, ve=0.0, vn=0.0, sigma_m=9.0,  # type: ignore[arg-type]
        witnesses=(Witness("rf-dam", "rf", t),),
    )  # fmt: skip


def _alert(name: str, level: str, t: float, *, kind: str = "new", public: bool = False) -> Alert:
    return Alert(
        t=t, alert=name, zone="dam", track="T1", level=level, kind=kind, reasons=(), public=public  # type: ignore[arg-type]
    )  # fmt: skip


def _hub() -> Hub:
    return Hub(SiteView("Site", zones=(ZONE,), sensors=SENSORS))


def test_an_ended_track_stays_ten_seconds() -> None:
    hub = _hub()
    hub.tell_tracks(100.0, [_track(100.0, "ended")])
    hub.tell_tracks(110.0, [])
    assert "T1" in hub.tracks
    hub.tell_tracks(110.5, [])
    assert hub.tracks == {}
    assert hub.snapshot().tails == {}


def test_reasons_are_told_in_every_language() -> None:
    feed = Feed()
    feed.run(100)
    shown = [s for folder in feed.hub.alerts.values() for s in folder.statements]
    assert len(shown) == 4
    for statement in shown:
        assert statement.texts.keys() == set(LANGUAGES)
        assert all(len(texts) == len(statement.because) for texts in statement.texts.values())
        assert all(statement.headlines[language] for language in LANGUAGES)
        assert statement.instructions["fr"] != statement.instructions["en"]
    doubted = feed.hub.tracks["T9"]
    assert len(doubted.texts["fr"]) == 2
    assert doubted.texts["fr"] != doubted.texts["en"]


def test_neither_operators_nor_sensor_sites_are_told() -> None:
    """Sealed: searched for in all that goes over the stream and into snapshots."""
    feed = Feed()
    claim = ClaimedIdentity(serial=FRIEND.serial, operator="FRA-OPERATOR-1")
    feed.run(30)
    track = msgspec.structs.replace(_track(START_T + 31), identity=claim)
    feed.hub.tell_tracks(START_T + 31, [track])
    frames = feed.hub.stream.missed_since(f"{feed.hub.stream.boot}-0")
    assert frames is not None
    told = b"".join(frames) + msgspec.json.encode(feed.hub.snapshot())
    assert FRIEND.serial.encode() in told
    assert b"FRA-OPERATOR" not in told
    for sensor in SENSORS:
        assert str(sensor.lat).encode() not in told
        assert str(sensor.lon).encode() not in told


def test_an_open_alert_is_never_forgotten() -> None:
    hub = _hub()
    hub.tell_alerts(1.0, [_alert("open", "alarm", 1.0, public=True)])
    hub.tell_cap("open", 1, b"<open/>")
    for number in range(KEPT_ALERTS + 20):
        hub.tell_cap(f"old-{number}", 1, b"<old/>")
        hub.tell_alerts(2.0, [_alert(f"old-{number}", "all-clear", 2.0)])
    assert len(hub.alerts) == KEPT_ALERTS
    assert "open" in hub.alerts
    assert "old-0" not in hub.alerts
    assert ("open", 1) in hub.caps
    assert ("old-0", 1) not in hub.caps


def test_acknowledging_tells_the_house_and_every_screen() -> None:
    calls: list[tuple[str, str, float]] = []
    hub = Hub(SiteView("Site"), on_acknowledge=lambda *what: calls.append(what))
    hub.tell_alerts(5.0, [_alert("a", "alarm", 5.0)])
    assert hub.acknowledge("nothing", "me") is None
    seen = hub.acknowledge("a", "me")
    assert seen is not None
    assert calls == [("a", "me", 5.0)]
    assert hub.snapshot().alerts[0].acknowledged == (seen,)
    note = hub.snapshot().notes[-1]
    assert note.because[0].values == {"who": "me", "alert": "a", "sequence": 1}
    assert note.texts["en"] == ("acknowledged by me",)


def test_the_public_sees_alarm_then_all_clear_then_calm_and_no_more() -> None:
    feed = Feed()
    feed.run(40)  # watch and warning are for the desk
    assert public_state(feed.hub).zones[0].level == "calm"
    feed.run(60)
    alarm = public_state(feed.hub).zones[0]
    assert alarm.level == "alarm"
    assert "Kaawral dam" in alarm.texts["en"][0]
    told = msgspec.json.encode(public_state(feed.hub))
    for secret in (b"T7", b"870", b"south", b"array-", b"rf-dam", b"lat"):
        assert secret not in told
    feed.run(140)
    assert public_state(feed.hub).zones[0].level == "all-clear"
    feed.hub.tell_tracks(feed.t + 2000.0, [])
    assert public_state(feed.hub).zones[0].level == "calm"


def test_a_withdrawn_alarm_is_over_for_the_public() -> None:
    hub = _hub()
    hub.tell_alerts(1.0, [_alert("a", "alarm", 1.0, public=True)])
    hub.tell_alerts(2.0, [_alert("a", "alarm", 2.0, kind="cancel")])
    zone = public_state(hub).zones[0]
    assert zone.level == "all-clear"
    assert "withdrawn" in zone.texts["en"][0]


def test_one_zones_open_alarm_is_not_hidden_by_anothers_all_clear() -> None:
    hub = _hub()
    hub.tell_alerts(1.0, [_alert("a", "alarm", 1.0, public=True)])
    hub.tell_alerts(2.0, [_alert("b", "alarm", 2.0, public=True)])
    hub.tell_alerts(9.0, [_alert("b", "all-clear", 9.0, kind="update", public=True)])
    assert public_state(hub).zones[0].level == "alarm"


def test_health_is_never_falsely_green() -> None:
    hub = _hub()
    assert health(hub).status == "degraded"
    assert health(hub).why == ("no-data",)
    assert health(hub).data_age_s is None
    hub.tell_tracks(100.0, [_track(100.0)])
    assert health(hub).status == "ok"
    hub.tell_tracks(161.0, [])
    assert health(hub).why == ("no-data",)
    assert not public_state(hub).listening


@pytest.mark.parametrize("trouble", ["journal-full", "journal-broken"])
def test_a_trouble_of_the_house_shows_until_it_is_over(trouble: str) -> None:
    hub = _hub()
    hub.tell_tracks(100.0, [_track(100.0)])
    hub.tell_note(100.0, Reason(trouble, {"detail": "disk"}))
    assert health(hub).why == (trouble,)
    hub.tell_note(101.0, Reason("journal-works"))
    assert health(hub).status == "ok"


def test_only_changed_health_is_told_again() -> None:
    hub = _hub()
    well = SensorHealth("rf-dam", "rf", "alive", last_data_t=1.0)
    hub.tell_health([well])
    hub.tell_health([well])
    assert hub.stream.seq == 1
    hub.tell_health([msgspec.structs.replace(well, state="silent")])
    assert hub.stream.seq == 2
    assert health(hub).why == ("sensor-silent",)


def test_a_house_whose_microphones_are_all_deaf_says_that_it_does_not_listen() -> None:
    hub = _hub()
    hub.tell_tracks(100.0, [_track(100.0)])
    deaf = SensorHealth("mic", "acoustic", "deaf", last_data_t=100.0, why="clipping")
    hub.tell_health([deaf])
    assert health(hub).why == ("sensor-deaf",)
    assert not public_state(hub).listening
    hub.tell_health([SensorHealth("rf-dam", "rf", "alive", last_data_t=100.0)])
    assert health(hub).why == ("sensor-deaf",)
    assert public_state(hub).listening


def test_a_source_that_is_away_shows_and_is_told_once() -> None:
    hub = _hub()
    hub.tell_tracks(100.0, [_track(100.0)])
    before = hub.stream.seq
    here = SourceHealth("radar", "tcp-client", connected=True, seen=3)
    hub.tell_sources([here])
    hub.tell_sources([here])
    assert hub.stream.seq == before + 1
    assert health(hub).status == "ok"
    hub.tell_sources([msgspec.structs.replace(here, connected=False, why="no answer")])
    assert health(hub).why == ("source-away",)
    assert hub.snapshot().sources[0].why == "no answer"
