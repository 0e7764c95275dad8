"""Every route with and without the token; forged requests; what strangers may see."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from lxml import etree
from tests.serve.feed import SENSORS, Feed

from tocsin.serve import hash_token, make_app
from tocsin.serve.gate import COOKIE, FAILURES_EACH, Gate
from tocsin.serve.pages import Page
from tocsin.words import BANDS, HeardWindow

API_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
TOKEN = "a-token-of-the-test"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
HOME = "http://127.0.0.1"
SAME_ORIGIN = {"Origin": HOME}
SHELL = {
    name: Page("text/html", "no-cache", f'"{name}"', b"<!doctype html>", {})
    for name in ("index.html", "warn/index.html", "assets/app.js", "warn/warn.js", "icon.svg")
} | {
    "west-africa.json": Page(
        "application/json", "no-cache", '"map"', b"{}", {"gzip": gzip.compress(b"{}")}
    )
}

PUBLIC = {
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("GET", "/health"),
    ("GET", "/warn"),
    ("GET", "/warn/state.json"),
    ("GET", "/warn/{path:path}"),
    ("GET", "/assets/{path:path}"),
    ("GET", "/cap/feed.xml"),
    ("GET", "/cap/{file_name:str}"),
    ("GET", "/icon.svg"),
    ("GET", "/west-africa.json"),
    ("POST", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
}
"""All that a stranger may ask for; any other route must refuse him."""


@pytest.fixture(scope="module")
def feed() -> Feed:
    feed = Feed()
    feed.run(100)
    return feed


@pytest.fixture
def reads() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def app(feed: Feed, reads: list[tuple[str, str]]) -> Litestar:
    return make_app(
        feed.hub,
        hash_token(TOKEN),
        pages=SHELL,
        sealed_read=lambda who, what: reads.append((who, what)),
    )


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    with TestClient(app, base_url=HOME) as client:
        yield client


def _routes(app: Litestar) -> list[tuple[str, str]]:
    return sorted(
        (str(method), route.path)
        for route in app.routes
        for method in route.methods  # type: ignore[union-attr]
        if method != "OPTIONS"
    )


def _address(path: str, feed: Feed) -> str:
    alert = next(iter(feed.hub.alerts))
    message = next(iter(feed.hub.messages.values()))
    named = {
        "alert:str": alert,
        "sensor:str": SENSORS[0].id,
        "sequence:int": "1",
        "file_name:str": message.file_name.replace("%", "%25"),
        "path:str": "openapi.json",
        "shown:str": "0123456789abcdef",
        "path:path": "app.js" if path.startswith("/assets") else "warn.js",
    }
    return re.sub(r"\{([^}]+)\}", lambda found: named[found[1]], path)


def test_strangers_get_only_what_is_public(app: Litestar, feed: Feed) -> None:
    """Walks the routing table itself, so that a new route cannot be forgotten."""
    routes = _routes(app)
    assert len(routes) > 20
    assert set(routes) >= PUBLIC
    with TestClient(app, base_url=HOME) as client:
        for method, path in routes:
            answer = client.request(method, _address(path, feed), headers=SAME_ORIGIN)
            if (method, path) in PUBLIC:
                assert answer.status_code in (200, 204, 400, 404), (method, path)
            else:
                assert answer.status_code == 401, (method, path)


def test_whoever_has_the_token_gets_everything(app: Litestar, feed: Feed) -> None:
    with TestClient(app, base_url=HOME) as client:
        for method, path in _routes(app):
            if path == "/api/v1/stream" or (method, path) in PUBLIC:
                continue
            answer = client.request(method, _address(path, feed), headers=BEARER)
            if path == "/api/v1/authorities/{shown:str}/relay":
                assert answer.status_code == 404, "there is none to hand on"
                continue
            assert answer.is_success, (method, path, answer.text)


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(client: TestClient[Litestar]) -> None:
    answer = client.post("/api/v1/session", json={"token": TOKEN}, headers=SAME_ORIGIN)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert client.get("/api/v1/state").status_code == 200
    assert client.delete("/api/v1/session", headers=SAME_ORIGIN).status_code == 204
    client.cookies.set(COOKIE, cookie.split("=", 1)[1].split(";")[0])
    assert client.get("/api/v1/state").status_code == 401, "the session must end at the server"


def test_wrong_tokens_are_refused_and_then_slowed_down(client: TestClient[Litestar]) -> None:
    for _ in range(FAILURES_EACH):
        wrong = client.post("/api/v1/session", json={"token": "no"}, headers=SAME_ORIGIN)
        assert wrong.status_code == 401
    slowed = client.post("/api/v1/session", json={"token": TOKEN}, headers=SAME_ORIGIN)
    assert slowed.status_code == 429
    assert int(slowed.headers["retry-after"]) > 0


def test_a_session_ends_by_itself() -> None:
    now = [0.0]
    gate = Gate(hash_token(TOKEN), now=lambda: now[0])
    session = gate.sign_in(TOKEN, "here")

    class Asking:
        headers: dict[str, str] = {}  # noqa: RUF012
        cookies = {COOKIE: session}  # noqa: RUF012

    assert gate.who(Asking()) is not None  # type: ignore[arg-type]
    now[0] = 13 * 3600.0
    assert gate.who(Asking()) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1:9999", "null"])
def test_a_write_from_elsewhere_is_refused(
    client: TestClient[Litestar], feed: Feed, origin: str | None
) -> None:
    client.post("/api/v1/session", json={"token": TOKEN}, headers=SAME_ORIGIN)
    path = f"/api/v1/alerts/{next(iter(feed.hub.alerts))}/acknowledge"
    headers = {} if origin is None else {"Origin": origin}
    assert client.post(path, headers=headers).status_code == 403
    assert client.post(path, headers=SAME_ORIGIN).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example"])
def test_another_name_for_this_address_is_refused(client: TestClient[Litestar], host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 421
    for known in ("localhost:8640", "127.0.0.1:1", "[::1]:8640", "LOCALHOST"):
        assert client.get("/health", headers={"Host": known}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/warn", "/health", "/api/v1/state", "/nothing/here"])
def test_every_answer_carries_the_security_headers(client: TestClient[Litestar], path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"


def test_sensor_sites_are_told_to_the_admin_only_and_each_reading_is_noted(
    client: TestClient[Litestar], reads: list[tuple[str, str]]
) -> None:
    site = str(SENSORS[0].lat)
    for path in ("/", "/warn", "/warn/state.json", "/health"):
        assert site not in client.get(path).text
    for path in ("/api/v1/state", "/api/v1/alerts", "/api/v1/zones"):
        assert site not in client.get(path, headers=BEARER).text
    assert reads == []
    assert site in client.get("/api/v1/sensors", headers=BEARER).text
    assert reads == [("admin", "sensor sites")]


def test_what_a_microphone_heard_is_told_to_the_admin_only_and_each_reading_is_noted(
    client: TestClient[Litestar], feed: Feed, reads: list[tuple[str, str]]
) -> None:
    mic = SENSORS[0].id
    feed.hub.tell_hearing([HeardWindow(mic, 100.0, 1.0, 0.75, -40.0, bands_db=(-50.4,) * BANDS)])
    assert client.get(f"/api/v1/sensors/{mic}/hearing").status_code == 401
    heard = client.get(f"/api/v1/sensors/{mic}/hearing", headers=BEARER).json()
    assert heard["windows"][-1]["bands"] == [-50] * BANDS
    assert len(heard["edges_hz"]) == BANDS + 1
    assert reads == [("admin", f"hearing of {mic}")]
    for path in ("/api/v1/sensors/nobody/hearing", "/api/v1/stream?hearing=nobody"):
        assert client.get(path, headers=BEARER).status_code == 404


def test_cap_is_served_as_it_was_sent_and_the_feed_leads_to_it(
    client: TestClient[Litestar], feed: Feed
) -> None:
    alert = next(iter(feed.hub.alerts))
    answer = client.get(f"/api/v1/alerts/{alert}/3/cap.xml", headers=BEARER)
    assert answer.content == feed.hub.caps[alert, 3]
    assert answer.headers["content-type"].startswith("application/cap+xml")
    atom = etree.fromstring(client.get("/cap/feed.xml", headers=BEARER).content)
    links = [str(href) for href in atom.xpath("//*[local-name()='link']/@href")]
    assert len(links) == len(feed.hub.messages)
    for link in links:
        assert client.get(link, headers=BEARER).content.startswith(b"<?xml")


def test_strangers_read_public_messages_and_no_others(
    client: TestClient[Litestar], feed: Feed
) -> None:
    message = next(iter(feed.hub.messages.values()))
    for public in (False, True):
        feed.hub.messages = {"a": msgspec.structs.replace(message, public=public)}
        atom = etree.fromstring(client.get("/cap/feed.xml").content)
        links = [str(href) for href in atom.xpath("//*[local-name()='link']/@href")]
        assert len(links) == public
        answer = client.get("/cap/" + message.file_name.replace("%", "%25"))
        assert answer.status_code == (200 if public else 404)
    assert client.get("/cap/feed.xml", headers={"Authorization": "Bearer no"}).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/alerts/none",
        "/api/v1/alerts/none/1/cap.xml",
        "/api/v1/alerts/x/y/cap.xml",
        "/api/v1/alerts/x/99999999999999999999/cap.xml",
        "/cap/none.xml",
        "/cap/..%2f..%2fetc%2fpasswd",
        "/assets/../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/hub.py",
        "/warn/none.js",
        "/api/v1/alerts?open_only=perhaps",
    ],
)
def test_nonsense_is_refused_and_breaks_nothing(client: TestClient[Litestar], path: str) -> None:
    assert client.get(path, headers=BEARER).status_code in (400, 404)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"token":1}', b'{"token":""}', b"x" * 20_000])
def test_a_sign_in_that_is_not_one_is_refused(client: TestClient[Litestar], body: bytes) -> None:
    headers = {**SAME_ORIGIN, "content-type": "application/json"}
    status = client.post("/api/v1/session", content=body, headers=headers).status_code
    assert status in (400, 413)


def test_the_schema_is_complete_and_fetches_nothing(app: Litestar) -> None:
    with TestClient(app, base_url=HOME) as client:
        schema = client.get("/api/schema/openapi.json", headers=BEARER).json()
    described = {(m.upper(), path) for path, ways in schema["paths"].items() for m in ways}
    assert ("POST", "/api/v1/alerts/{alert}/acknowledge") in described
    assert ("GET", "/api/v1/stream") in described
    assert all("swagger" not in route.path and "redoc" not in route.path for route in app.routes)


def test_every_route_is_documented(app: Litestar) -> None:
    written = API_PAGE.read_text("utf-8")
    for method, path in _routes(app):
        if path in ("/api/schema", "/api/schema/{path:str}"):  # the framework's own doubles
            continue
        shown = re.sub(r":(str|int|path)\}", "}", path)
        assert f"`{method} {shown}`" in written, f"docs/reference/api.md lacks {method} {shown}"


def test_pages_come_compressed_and_are_asked_for_again(client: TestClient[Litestar]) -> None:
    zipped = client.build_request("GET", "/west-africa.json", headers={"Accept-Encoding": "gzip"})
    answer = client.send(zipped, stream=True)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    answer.close()
    plain = client.get("/west-africa.json", headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert plain.content == b"{}"
    again = client.get("/west-africa.json", headers={"If-None-Match": '"map"'})
    assert again.status_code == 304
    assert again.content == b""
