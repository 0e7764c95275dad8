"""Who may open which page: sign-in, sessions, roles, and the guard that refuses by default.

Each route states its permission (`opt={"permission": …}`); a route that states none is for the
admin alone. Today there is one role behind the token, *admin*; the table has room for the others.

Cookie     `tocsin_session`: HttpOnly, SameSite=Strict; a random id known only to this process
Writes     with a cookie need an Origin equal to the address asked for (no forged requests); with
           `Authorization: Bearer` they need none, browsers never send that by themselves
Limits     ten wrong tokens a minute from one address, sixty from all: then 429
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.exceptions import (
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers.base import BaseRouteHandler
from msgspec import Struct

from tocsin.serve.token import token_matches

Role = Literal["admin"]
Permission = Literal["public", "see", "act", "sealed"]
"""`public` needs no sign-in; `see` the picture; `act` acknowledge; `sealed` exact sensor sites."""

PERMISSIONS: dict[Role, frozenset[str]] = {"admin": frozenset({"see", "act", "sealed"})}

COOKIE = "tocsin_session"
SESSION_S = 12 * 3600.0
"""One watch of duty and a little more."""

MOST_SESSIONS = 500
FAILURES_EACH = 10
FAILURES_ALL = 60
FAILURE_WINDOW_S = 60.0

Connection = ASGIConnection[Any, Any, Any, Any]


class Who(Struct, frozen=True):
    """Someone signed in. `until_t` is on the gate's own clock."""

    name: str
    role: Role
    until_t: float


class Gate:
    """Knows the token's hash and the open sessions."""

    def __init__(
        self,
        token_hash: str,
        *,
        secure_cookie: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_hash = token_hash
        self._now = now
        self._sessions: dict[str, Who] = {}
        self._failures: deque[tuple[float, str]] = deque()
        self.secure_cookie = secure_cookie

    def sign_in(self, token: str, address: str) -> str:
        """A new session's id for a right token. Raises 401, or 429 after many wrong ones."""
        who = self._by_token(token, address)
        self._sessions = {
            name: kept for name, kept in self._sessions.items() if kept.until_t > self._now()
        }
        while len(self._sessions) >= MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        session = secrets.token_urlsafe(32)
        self._sessions[session] = who
        return session

    def sign_out(self, session: str | None) -> None:
        """End a session; nothing happens if there is none."""
        if session is not None:
            self._sessions.pop(session, None)

    def who(self, connection: Connection) -> Who | None:
        """Who asks: by bearer token, else by cookie. A wrong bearer raises like a wrong sign-in."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._by_token(token.strip(), address_of(connection))
        session = self._sessions.get(connection.cookies.get(COOKIE, ""))
        return session if session is not None and session.until_t > self._now() else None

    def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Litestar's guard: refuses whoever lacks the route's permission."""
        permission = handler.opt.get("permission", "sealed")
        writes = connection.scope.get("method") not in ("GET", "HEAD", "OPTIONS")
        bearer = connection.headers.get("authorization", "").lower().startswith("bearer ")
        if writes and not bearer:
            _same_origin(connection)
        if permission == "public":
            return
        who = self.who(connection)
        if who is None:
            raise NotAuthorizedException("sign in first")
        if permission not in PERMISSIONS[who.role]:
            raise PermissionDeniedException("your role does not allow this")
        connection.state.who = who

    def _by_token(self, token: str, address: str) -> Who:
        now = self._now()
        while self._failures and now - self._failures[0][0] > FAILURE_WINDOW_S:
            self._failures.popleft()
        mine = sum(1 for _, other in self._failures if other == address)
        if mine >= FAILURES_EACH or len(self._failures) >= FAILURES_ALL:
            raise TooManyRequestsException(
                "too many wrong tokens, wait a minute",
                headers={"Retry-After": str(round(FAILURE_WINDOW_S))},
            )
        if not token_matches(token, self._token_hash):
            self._failures.append((now, address))
            raise NotAuthorizedException("this token is not valid")
        return Who("admin", "admin", now + SESSION_S)


def address_of(connection: Connection) -> str:
    """The client's network address."""
    return connection.client.host if connection.client else "unknown"


def _same_origin(connection: Connection) -> None:
    origin = connection.headers.get("origin")
    expected = f"{connection.base_url.scheme}://{connection.base_url.netloc}"
    if origin is None and connection.headers.get("sec-fetch-site") == "same-origin":
        return
    if origin != expected:
        raise PermissionDeniedException("a write must come from the page itself")
