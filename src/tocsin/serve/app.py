"""The web application: routes, guard, pages and the headers that keep strangers out.

Nothing here fetches from outside, and the pages may not either: the content security policy allows
this address only. A request that names another host is refused, so that no foreign page can reach
a loopback server under its own name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Response, get
from litestar.connection import ASGIConnection
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.exceptions import ClientException, NotFoundException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Message, Scope

from tocsin.serve.acts import ACT_ROUTES, Desk
from tocsin.serve.gate import Gate
from tocsin.serve.hub import Hub
from tocsin.serve.pages import Page, read_pages
from tocsin.serve.reports import REPORT_ROUTES, People
from tocsin.serve.routes import ROUTES, Asked, SealedRead

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # the map library's own buttons are data: images
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
REPORT_PERMISSIONS = (
    "camera=(), microphone=(), geolocation=(self), "
    "accelerometer=(self), gyroscope=(self), magnetometer=(self)"
)
"""What /report may ask the phone for: its place, which it rounds to a cell, and its compass."""
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
MOST_BODY_BYTES = 16_384


def _unlogged(_who: str, _what: str) -> None:
    """Where no journal is attached."""


def make_app(
    hub: Hub,
    token_hash: str,
    *,
    hosts: Sequence[str] = LOOPBACK_HOSTS,
    secure_cookie: bool = False,
    sealed_read: SealedRead = _unlogged,
    desk: Desk | None = None,
    people: People | None = None,
    pages: dict[str, Page] | None = None,
) -> Litestar:
    """The application over a hub. `hosts` are the names by which browsers may call it; people's
    orders go to the `desk`, and without one there is nothing to order."""
    gate = Gate(token_hash, secure_cookie=secure_cookie)
    known = {host.lower() for host in hosts}

    def check_host(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if _host_name(connection.headers.get("host", "")) not in known:
            raise ClientException("this address is not served here", status_code=421)

    return Litestar(
        route_handlers=[
            *ROUTES,
            *PAGE_ROUTES,
            *(() if desk is None else ACT_ROUTES),
            *(() if people is None else [*REPORT_ROUTES, show_report, show_report_file]),
        ],
        guards=[check_host, gate.guard],
        dependencies={
            "hub": Provide(lambda: hub, sync_to_thread=False),
            "gate": Provide(lambda: gate, sync_to_thread=False),
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "people": Provide(lambda: people, sync_to_thread=False),
            "sealed_read": Provide(lambda: sealed_read, sync_to_thread=False),
        },
        state=State({"pages": pages if pages is not None else read_pages()}),
        openapi_config=OpenAPIConfig(
            title="Tocsin",
            version="1",
            path="/api/schema",
            # the other plug-ins would fetch their viewers from outside
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        before_send=[_add_security_headers],
        request_max_body_size=MOST_BODY_BYTES,
        logging_config=None,
    )


@get(["/", "/sign-in"], opt={"permission": "public"}, include_in_schema=False)
async def show_index(request: Asked) -> Response[bytes]:
    """The shell of the pages: it holds no data and asks for the token."""
    return _send(request, "index.html")


@get("/warn", opt={"permission": "public"}, include_in_schema=False)
async def show_warn(request: Asked) -> Response[bytes]:
    """The page for everybody."""
    return _send(request, "warn/index.html")


@get("/report", opt={"permission": "public"}, include_in_schema=False)
async def show_report(request: Asked) -> Response[bytes]:
    """The page on which people report. Only where the site takes reports."""
    return _send(request, "report/index.html")


@get("/report/{path:path}", opt={"permission": "public"}, include_in_schema=False)
async def show_report_file(request: Asked) -> Response[bytes]:
    """Its script and its style."""
    return _send(request, request.url.path.lstrip("/"))


@get(
    ["/assets/{path:path}", "/warn/{path:path}", "/west-africa.json", "/icon.svg"],
    opt={"permission": "public"},
    include_in_schema=False,
)
async def show_file(request: Asked) -> Response[bytes]:
    """A built file: scripts, styles, the base map."""
    return _send(request, request.url.path.lstrip("/"))


PAGE_ROUTES = [show_index, show_warn, show_file]


def _send(request: Asked, name: str) -> Response[bytes]:
    page: Page | None = request.app.state.pages.get(name)
    if page is None:
        raise NotFoundException("no such page")
    headers = {"cache-control": page.caching, "etag": page.etag, "vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == page.etag:
        return Response(b"", status_code=304, headers=headers)
    body, encoding = page.choose(request.headers.get("accept-encoding", ""))
    if encoding is not None:
        headers["content-encoding"] = encoding
    return Response(body, media_type=page.media_type, headers=headers)


async def _add_security_headers(message: Message, scope: Scope) -> None:
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        for name, value in SECURITY_HEADERS.items():
            headers[name] = value
        if scope.get("path") == "/report":
            headers["permissions-policy"] = REPORT_PERMISSIONS


def _host_name(host: str) -> str:
    """The name without its port; IPv6 keeps its brackets."""
    bare = host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host
    return bare.lower()
