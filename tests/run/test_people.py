"""The door of the people: what goes on holds nobody, and one sender is one sender."""

from __future__ import annotations

from pathlib import Path

import msgspec
from litestar import Litestar
from litestar.testing import TestClient
from tests.serve.feed import ZONE, Feed

from tocsin.decode.ndjson import read_line
from tocsin.encode.phrasebook import LANGUAGES, Voice
from tocsin.run.people import PeopleDoor
from tocsin.run.settings import PostTable, ReportsTable
from tocsin.run.sms_spool import SmsSpool, read_message
from tocsin.serve import hash_token, make_app
from tocsin.serve.reports import PageReport

NUMBER = "22177123456"
T0 = 1_795_543_200.0
POSTS = [PostTable(2, 15.1187, -12.7338), PostTable(3, 15.1301, -12.7338)]
TOKEN = "a-token-of-the-test"
GATEWAY = {"Authorization": "Bearer the-gateway"}
ORIGIN = {"Origin": "http://127.0.0.1"}
PAGES = Path(__file__).parents[2] / "web" / "report"


class Clock:
    def __init__(self) -> None:
        self.t = T0

    def now(self) -> float:
        return self.t

    async def sleep_until(self, t: float) -> None:
        self.t = t


def door(clock: Clock | None = None, *, anywhere: bool = False, ack: bool = True) -> PeopleDoor:
    table = ReportsTable(accept=True, anywhere=anywhere, acknowledge=ack)
    return PeopleDoor(table, POSTS, [ZONE], clock or Clock(), ["fr", "en", "ar"], "the-gateway")


def served(people: PeopleDoor) -> Litestar:
    return make_app(Feed().hub, hash_token(TOKEN), people=people, pages={})


def test_a_report_is_a_detection_of_a_cell_and_of_nobody() -> None:
    people = door()
    assert people.take_page(PageReport("seen", post=2, azimuth_deg=90, compass=True), "10.0.0.9")
    (frame,) = people.drain()
    told = read_line(frame.data)
    assert (told.sensor, told.kind, told.said) == ("cell:15.11,-12.74", "human", "seen")
    assert told.position is not None
    assert (told.position.lat, told.position.lon) == (15.115, -12.735), "the cell, not the post"
    assert told.sigma.azimuth_deg == 25.0
    assert b"10.0.0.9" not in msgspec.json.encode(frame)


def test_one_sender_speaks_of_one_cell_and_not_too_often() -> None:
    clock = Clock()
    people = door(clock)
    said = [people.take_page(PageReport("heard", post=2), "a") for _ in range(7)]
    assert said == ["thanks"] * 6 + ["many"]
    assert people.take_page(PageReport("heard", post=2), "b") == "thanks"
    assert people.take_page(PageReport("heard", post=3), "b") == "many", "another cell"
    clock.t += 3601
    assert people.take_page(PageReport("heard", post=3), "b") == "thanks"


def test_the_hashes_of_yesterday_are_gone_with_their_key() -> None:
    clock = Clock()
    people = door(clock)
    people.take_page(PageReport("heard", post=2), NUMBER)
    senders = people._senders
    (before,) = senders._seen
    assert NUMBER.encode() not in before
    clock.t += 86_400
    people.take_page(PageReport("heard", post=2), NUMBER)
    assert before not in senders._seen


def test_a_place_must_be_a_post_or_a_cell_near_a_zone() -> None:
    assert door().take_page(PageReport("heard", post=99), "a") == "unclear"
    assert door().take_page(PageReport("heard", lat=15.115, lon=-12.735), "a") == "unclear"
    near = door(anywhere=True)
    assert near.take_page(PageReport("heard", lat=15.115, lon=-12.735), "a") == "thanks"
    assert near.take_page(PageReport("heard", lat=48.0, lon=2.0), "a") == "unclear"


def test_what_waited_an_hour_is_thanked_for_and_left_out() -> None:
    people = door()
    assert people.take_page(PageReport("heard", post=2, age_s=4000), "a") == "thanks"
    assert people.drain() == []
    assert people.health().refused == {"report-old": 1}


def test_the_server_takes_reports_and_messages_and_shows_cells_by_role() -> None:
    people = door()
    with TestClient(served(people), base_url="http://127.0.0.1") as client:
        answer = client.post("/report", json={"said": "heard", "post": 2}, headers=ORIGIN)
        assert (answer.status_code, answer.json()) == (202, {"answer": "thanks", "reply": ""})
        assert "set-cookie" not in answer.headers
        sms = {"sender": NUMBER, "text": "DRONE NORD 2", "language": "en"}
        assert client.post("/report/sms", json=sms, headers=ORIGIN).status_code == 401
        answer = client.post("/report/sms", json=sms, headers=GATEWAY)
        assert answer.json()["reply"] == Voice("en", short=True).say("report.thanks")
        asked = client.post("/report/sms", json=sms | {"text": "?"}, headers=GATEWAY).json()
        assert "D N 2" in asked["reply"]
        assert client.get("/api/v1/reports").status_code == 401
        seen = client.get("/api/v1/reports", headers={"Authorization": f"Bearer {TOKEN}"})
        assert seen.json() == []
        assert client.post("/report", json={"said": "shoot"}, headers=ORIGIN).status_code == 400
    assert all(NUMBER.encode() not in msgspec.json.encode(frame) for frame in people.drain())
    assert NUMBER not in repr(people.health())


def test_the_page_may_ask_for_a_place_and_a_compass_and_nothing_else_may() -> None:
    with TestClient(served(door()), base_url="http://127.0.0.1") as client:
        allowed = client.get("/report").headers["permissions-policy"]
        assert "geolocation=(self)" in allowed
        assert "microphone=()" in allowed
        assert "geolocation=()" in client.get("/warn").headers["permissions-policy"]


def test_messages_of_smstools_are_read_once_answered_and_removed(tmp_path: Path) -> None:
    received, outgoing = tmp_path / "incoming", tmp_path / "outgoing"
    received.mkdir()
    outgoing.mkdir()
    head = f"From: {NUMBER}\nReceived: 26-11-24 12:00:00\n"
    (received / "GSM1.a").write_text(f"{head}Alphabet: ISO\n\nD N 2\n")
    wide = f"{head}Alphabet: UCS2\n\n".encode() + "طائرة شمال ٢".encode("utf-16-be")
    (received / "GSM1.b").write_bytes(wide)
    (received / "GSM1.c").write_bytes(b"\xff\xfe no message")
    people = door()
    SmsSpool(people, received, outgoing).look()
    assert list(received.iterdir()) == []
    assert len(people.drain()) == 2
    answers = [path.read_text() for path in outgoing.iterdir()]
    assert len(answers) == 2
    assert all(one.startswith(f"To: {NUMBER}\nAlphabet: UTF-8\n\n") for one in answers)
    assert read_message(b"From: 1\r\nTo: 2\n\nx") is not None
    assert read_message(b"From: 1,2\n\nx") is None


def test_the_page_is_small_and_says_what_the_catalogue_says() -> None:
    assert sum(path.stat().st_size for path in PAGES.iterdir()) <= 30_000
    script = (PAGES / "report.js").read_text("utf-8")
    for language in LANGUAGES:
        for key in ("risk", "thanks", "many"):
            assert Voice(language).say(f"report.{key}") in script
