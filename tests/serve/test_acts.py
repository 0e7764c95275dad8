"""People's orders reach the desk with the name of who gave them; strangers give none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from litestar.testing import TestClient
from tests.serve.feed import Feed

from tocsin.serve import hash_token, make_app
from tocsin.serve.acts import Bells, DrillOrder, PauseOrder
from tocsin.words import AlarmLoad, ChannelHealth, HeldBack, Pause, Receipt

TOKEN = "a token for this test only"
PAUSE = Pause(1_800_000_600.0, zone="dam", who="admin")


class NotingDesk:
    """Notes what it is asked; knows one alert and one channel."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def bells(self) -> Bells:
        return Bells(
            (ChannelHealth("horn", backlog=2),),
            (HeldBack("dam-1", "sms", "approval"),),
            (PAUSE,),
            AlarmLoad(1, 2, 1),
        )

    def approve(self, alert: str, who: str) -> bool:
        self.asked.append(("approve", alert, who))
        return alert == "dam-1"

    def end(self, alert: str, how: Literal["all-clear", "correction"], who: str) -> bool:
        self.asked.append(("end", alert, how, who))
        return alert == "dam-1"

    def pause(self, order: PauseOrder, who: str) -> Pause:
        self.asked.append(("pause", order.minutes, order.zone, order.alarms, who))
        return PAUSE

    def resume(self, zone: str | None, channel: str | None, who: str) -> None:
        self.asked.append(("resume", zone, channel, who))

    def drill(self, order: DrillOrder, who: str) -> bool:
        self.asked.append(("drill", order.zone, order.level, who))
        return order.zone == "dam"

    async def self_test(self, channel: str) -> Receipt | None:
        if channel != "horn":
            return None
        return Receipt("horn", "self-test", 0, "all-clear", 1.0, delivered=True)


@pytest.fixture
def desk() -> NotingDesk:
    return NotingDesk()


@pytest.fixture
def client(desk: NotingDesk) -> Iterator[TestClient]:
    app = make_app(Feed().hub, hash_token(TOKEN), desk=desk)
    with TestClient(app, base_url="http://127.0.0.1") as made:
        yield made


KNOWN = {"authorization": f"Bearer {TOKEN}"}


def test_the_state_of_the_bells_is_shown(client: TestClient) -> None:
    told = client.get("/api/v1/bells", headers=KNOWN).json()
    assert told["channels"] == [{"channel": "horn", "backlog": 2}]
    assert told["held"][0]["why"] == "approval"
    assert told["load"] == {"hour": 1, "day": 2, "most_in_10_min": 1}


def test_orders_are_carried_out_in_the_name_of_who_gave_them(
    client: TestClient, desk: NotingDesk
) -> None:
    def post(address: str, body: object = None) -> int:
        return client.post(address, json=body, headers=KNOWN).status_code

    assert post("/api/v1/alerts/dam-1/approve") == 204
    assert post("/api/v1/alerts/dam-9/approve") == 404
    assert post("/api/v1/alerts/dam-1/end", {"how": "correction"}) == 204
    assert post("/api/v1/alerts/dam-1/end", {"how": "shoot"}) == 400
    assert post("/api/v1/pauses", {"minutes": 30, "zone": "dam"}) == 201
    assert post("/api/v1/pauses", {"minutes": 9999}) == 400, "no pause is for ever"
    assert post("/api/v1/drills", {"zone": "dam"}) == 204
    assert post("/api/v1/drills", {"zone": "moon"}) == 404
    assert post("/api/v1/channels/horn/test") == 200
    assert post("/api/v1/channels/drum/test") == 404
    gone = client.delete("/api/v1/pauses", params={"zone": "dam"}, headers=KNOWN)
    assert gone.status_code == 204
    assert desk.asked == [
        ("approve", "dam-1", "admin"),
        ("approve", "dam-9", "admin"),
        ("end", "dam-1", "correction", "admin"),
        ("pause", 30, "dam", False, "admin"),
        ("drill", "dam", "alarm", "admin"),
        ("drill", "moon", "alarm", "admin"),
        ("resume", "dam", None, "admin"),
    ]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/api/v1/bells"),
        ("POST", "/api/v1/alerts/dam-1/approve"),
        ("POST", "/api/v1/alerts/dam-1/end"),
        ("POST", "/api/v1/pauses"),
        ("DELETE", "/api/v1/pauses"),
        ("POST", "/api/v1/drills"),
        ("POST", "/api/v1/channels/horn/test"),
    ],
)
def test_strangers_order_nothing(
    client: TestClient, desk: NotingDesk, method: str, address: str
) -> None:
    assert client.request(method, address).status_code in (401, 403)
    assert desk.asked == []
