"""Other people's warnings on the screens: all for the desk, little for everybody."""

from __future__ import annotations

import asyncio

import msgspec
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.assess.test_relay import FIRST, T, notice
from tests.decode.cap_messages import message

from tocsin.serve.app import make_app
from tocsin.serve.authority import (
    MOST_CORNERS,
    MOST_PUBLIC,
    Relayed,
    ShownAuthority,
    public_authorities,
    show_authority,
)
from tocsin.serve.hub import NOT_THERE, Hub
from tocsin.serve.public import public_state
from tocsin.serve.shown import SiteView
from tocsin.serve.token import hash_token
from tocsin.words.authority import AuthorityNotice

SIGNED = replace(FIRST, signed_by="protection-civile.example")
BEARER = {"Authorization": "Bearer the-token-of-the-desk"}
HOME = "http://127.0.0.1:8640"


def shown(one: AuthorityNotice = SIGNED, *relayed: Relayed, name: str = "a" * 16) -> ShownAuthority:
    return show_authority(one, name=name, relayed=relayed, may_relay=not relayed)


def test_the_desk_sees_all_that_it_says_and_not_its_bytes() -> None:
    one = shown()
    assert one.alert == FIRST.alert
    assert (one.until_t, one.from_t) == (T + 3600, T)
    assert b"<alert" not in msgspec.json.encode(one)


def test_a_border_of_ten_thousand_corners_is_thinned_and_stays_closed() -> None:
    ring = (*((n / 10_000, 1.0) for n in range(10_000)), (0.0, 1.0))
    area = replace(FIRST.alert.infos[0].areas[0], polygons=(ring,))
    info = replace(FIRST.alert.infos[0], areas=(area,))
    (thin,) = shown(replace(SIGNED, alert=replace(FIRST.alert, infos=(info,)))).alert.infos
    (few,) = thin.areas[0].polygons
    assert len(few) <= MOST_CORNERS + 1
    assert few[0] == few[-1] == ring[0]


def test_everybody_reads_signed_ones_in_force_and_few_words() -> None:
    long = notice(message("pc-2").replace("Take cover.", "x" * 5000))
    told = public_authorities(
        [shown(), shown(replace(long, signed_by="pc"), name="b" * 16), shown(FIRST)], T
    )
    assert [one.mark for one in told] == ["a" * 8, "b" * 8], "the unsigned one is left out"
    assert told[0].texts["en"] == ("Armed drones near Kayes", "Take cover.")
    assert told[0].texts["fr"][0] == "Drones armés près de Kayes"
    assert (told[0].sender, told[0].where, told[0].severity) == (
        "Protection civile", "Kayes", "Extreme",
    )  # fmt: skip
    assert len(told[1].texts["en"][1]) == 500
    assert len(msgspec.json.encode(told)) < 4000
    assert public_authorities([shown()], T + 3600) == ()
    assert len(public_authorities([shown(name=f"{n:016}") for n in range(9)], T)) == MOST_PUBLIC


def test_the_gravest_comes_first_and_an_alarm_says_that_it_rings() -> None:
    light = notice(message("pc-2", minutes=4).replace("Extreme", "Minor"))
    rung = shown(SIGNED, Relayed("dam", "alarm", T, automatic=True))
    told = public_authorities([shown(replace(light, signed_by="pc"), name="b" * 16), rung], T + 300)
    assert [(one.severity, one.alarm) for one in told] == [("Extreme", True), ("Minor", False)]


def test_a_drill_is_marked_and_a_missing_language_stays_missing() -> None:
    drill = notice(message().replace("<status>Actual", "<status>Exercise"))
    only = replace(drill.alert, infos=drill.alert.infos[:1])
    (told,) = public_authorities([shown(replace(drill, signed_by="pc", alert=only))], T)
    assert told.drill
    assert list(told.texts) == ["fr"], "nothing is translated"


def test_the_hub_tells_screens_and_asks_before_handing_on() -> None:
    asked: list[tuple[str, str]] = []

    async def on_relay(name: str, who: str) -> str | None:
        asked.append((name, who))
        return {"a" * 16: None, "b" * 16: "nobody vouches for it"}.get(name, NOT_THERE)

    hub = Hub(SiteView("Clinic"), on_relay=on_relay)
    hub.tell_tracks(T, [])
    hub.tell_authorities(T, [shown()])
    assert hub.snapshot().authorities == (shown(),)
    assert public_state(hub).authorities[0].sender == "Protection civile"
    app = make_app(hub, hash_token("the-token-of-the-desk"))
    with TestClient(app, base_url=HOME) as client:
        assert client.get("/api/v1/authorities").status_code == 401
        (one,) = client.get("/api/v1/authorities", headers=BEARER).json()
        assert one["alert"]["infos"][0]["areas"][0]["circles"] == [[-11.44, 14.45, 12.5]]
        path = "/api/v1/authorities/{}/relay"
        origin = {"Origin": HOME}
        assert client.post(path.format("a" * 16), headers=origin).status_code == 401
        assert client.post(path.format("a" * 16), headers=BEARER).status_code == 201
        answer = client.post(path.format("b" * 16), headers=BEARER)
        assert (answer.status_code, answer.json()["detail"]) == (409, "nobody vouches for it")
        assert client.post(path.format("c" * 16), headers=BEARER).status_code == 404
    assert [name for name, _ in asked] == ["a" * 16, "b" * 16, "c" * 16]
    assert {who for _, who in asked} == {"admin"}


def test_without_authorities_nothing_can_be_handed_on() -> None:
    assert asyncio.run(Hub(SiteView("Clinic")).on_relay("x", "y")) == NOT_THERE
