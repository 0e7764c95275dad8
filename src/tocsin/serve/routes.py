"""The API's routes: the picture, the live stream, alerts with their CAP, sign-in.

Each states its permission in `opt`; the guard of `gate.py` refuses what is not stated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from litestar.exceptions import (
    ClientException,
    NotFoundException,
    PermissionDeniedException,
)
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, HeaderParameter, JSONBody
from litestar.response import Stream
from msgspec import Meta, Struct

from tocsin.encode.cap_feed import CAP_MEDIA_TYPE, cap_feed
from tocsin.serve.authority import ShownAuthority
from tocsin.serve.gate import COOKIE, PERMISSIONS, SESSION_S, Gate, Who, address_of
from tocsin.serve.hearing import Heard
from tocsin.serve.hub import NOT_THERE, Hub, is_open
from tocsin.serve.public import Health, PublicState, health, public_state
from tocsin.serve.shown import Acknowledgement, AlertFolder, Snapshot
from tocsin.words import Sensor, SensorHealth, SourceHealth, Zone

Asked = Request[Any, Any, State]
NO_STORE = {"Cache-Control": "no-store"}


class SignIn(Struct, frozen=True):
    """The token that was printed at the first start."""

    token: Annotated[str, Meta(min_length=1, max_length=200)]


class SignedIn(Struct, frozen=True):
    """Who you are now, and for how many seconds."""

    name: str
    role: str
    seconds: int


class SensorView(Struct, frozen=True):
    """A sensor's exact site and reach, sealed, with its proof of life."""

    sensor: Sensor
    health: SensorHealth | None = None


SealedRead = Callable[[str, str], None]
"""Called with (who, what) each time that something sealed is read."""

TheHub = NamedDependency[Hub]
TheGate = NamedDependency[Gate]
TheSealedRead = NamedDependency[SealedRead]


@get("/health", opt={"permission": "public"}, summary="Is the house alive, by its data")
async def show_health(hub: TheHub) -> Response[Health]:
    return Response(health(hub), headers=NO_STORE)


@get("/warn/state.json", opt={"permission": "public"}, summary="Alarm or not, for everybody")
async def show_public_state(hub: TheHub) -> Response[PublicState]:
    return Response(public_state(hub), headers=NO_STORE)


@post("/api/v1/session", opt={"permission": "public"}, summary="Sign in with the token")
async def sign_in(data: JSONBody[SignIn], request: Asked, gate: TheGate) -> Response[SignedIn]:
    session = gate.sign_in(data.token, address_of(request))
    cookie = Cookie(
        key=COOKIE,
        value=session,
        httponly=True,
        samesite="strict",
        secure=gate.secure_cookie,
        max_age=round(SESSION_S),
    )
    signed_in = SignedIn("admin", "admin", round(SESSION_S))
    return Response(signed_in, cookies=[cookie], headers=NO_STORE)


@get("/api/v1/session", opt={"permission": "see"}, summary="Who am I")
async def show_session(request: Asked) -> Response[SignedIn]:
    who: Who = request.state.who
    return Response(SignedIn(who.name, who.role, round(SESSION_S)), headers=NO_STORE)


@delete("/api/v1/session", opt={"permission": "public"}, summary="Sign out")
async def sign_out(request: Asked, gate: TheGate) -> Response[None]:
    gate.sign_out(request.cookies.get(COOKIE))
    gone = Cookie(key=COOKIE, value="", max_age=0, httponly=True, samesite="strict")
    return Response(None, status_code=204, cookies=[gone], headers=NO_STORE)


@get("/api/v1/state", opt={"permission": "see"}, summary="Everything the Now screen shows")
async def show_state(hub: TheHub) -> Response[Snapshot]:
    return Response(hub.snapshot(), headers=NO_STORE)


@get(
    "/api/v1/stream",
    opt={"permission": "see"},
    media_type="text/event-stream",
    summary="Server-sent events; resumes by Last-Event-ID, else begins with a snapshot",
)
async def follow_stream(
    request: Asked,
    hub: TheHub,
    sealed_read: TheSealedRead,
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
    after: FromQuery[str | None] = None,
    hearing: FromQuery[str | None] = None,
) -> Stream:
    """`after` stands in for the header where a page opens its stream anew; `hearing` names a
    sensor, what it heard in the last minute and hears from now on comes as events of that name."""
    if hearing is not None:
        _read_hearing(hearing, request, hub, sealed_read)
    headers = {**NO_STORE, "X-Accel-Buffering": "no"}
    frames = hub.follow(last_event_id or after, hearing)
    return Stream(frames, media_type="text/event-stream", headers=headers)


@get("/api/v1/alerts", opt={"permission": "see"}, summary="Alerts, newest first")
async def list_alerts(
    hub: TheHub, open_only: FromQuery[bool] = False
) -> Response[list[AlertFolder]]:
    folders = [one for one in hub.alerts.values() if is_open(one) or not open_only]
    folders.sort(key=lambda one: -one.statements[-1].t)
    return Response(folders, headers=NO_STORE)


@get("/api/v1/alerts/{alert:str}", opt={"permission": "see"}, summary="One alert, every statement")
async def show_alert(alert: FromPath[str], hub: TheHub) -> Response[AlertFolder]:
    return Response(_folder(hub, alert), headers=NO_STORE)


@get(
    "/api/v1/alerts/{alert:str}/{sequence:int}/cap.xml",
    opt={"permission": "see"},
    media_type=CAP_MEDIA_TYPE,
    summary="One statement as Common Alerting Protocol 1.2",
)
async def show_cap(alert: FromPath[str], sequence: FromPath[int], hub: TheHub) -> Response[bytes]:
    xml = hub.caps.get((alert, sequence))
    if xml is None:
        raise NotFoundException("no such statement")
    return Response(xml, media_type=CAP_MEDIA_TYPE, headers=NO_STORE)


@post(
    "/api/v1/alerts/{alert:str}/acknowledge",
    opt={"permission": "act"},
    summary="The desk has seen it; the bell on the pages is quiet until it worsens",
)
async def acknowledge(
    alert: FromPath[str], request: Asked, hub: TheHub
) -> Response[Acknowledgement]:
    who: Who = request.state.who
    seen = hub.acknowledge(alert, who.name)
    if seen is None:
        raise NotFoundException("no such alert")
    return Response(seen, headers=NO_STORE)


@get(
    "/cap/feed.xml",
    opt={"permission": "public"},
    media_type="application/atom+xml",
    summary="Current CAP messages as Atom; those of scope Public for whoever is not signed in",
)
async def show_feed(request: Asked, hub: TheHub, gate: TheGate) -> Response[bytes]:
    sender = hub.site.cap_sender
    if sender is None:
        raise NotFoundException("this site publishes no feed")
    base = f"{str(request.base_url).rstrip('/')}/cap"
    everything = gate.who(request) is not None
    messages = [one for one in hub.feed() if one.public or everything]
    xml = cap_feed(messages, sender, base_url=base, updated_t=hub.clock.t)
    return Response(xml, media_type="application/atom+xml", headers=NO_STORE)


@get(
    "/cap/{file_name:str}",
    opt={"permission": "public"},
    media_type=CAP_MEDIA_TYPE,
    summary="A message that stands in the feed",
)
async def show_message(
    file_name: FromPath[str], request: Asked, hub: TheHub, gate: TheGate
) -> Response[bytes]:
    for message in hub.messages.values():
        if message.file_name != file_name:
            continue
        if message.public or gate.who(request) is not None:
            return Response(message.xml, media_type=CAP_MEDIA_TYPE, headers=NO_STORE)
    raise NotFoundException("no such message")


@get(
    "/api/v1/authorities",
    opt={"permission": "see"},
    summary="Warnings of others that stand, newest first",
)
async def list_authorities(hub: TheHub) -> Response[tuple[ShownAuthority, ...]]:
    return Response(hub.authorities, headers=NO_STORE)


@post(
    "/api/v1/authorities/{shown:str}/relay",
    opt={"permission": "act"},
    summary="Hand a warning of others on through the site's channels",
)
async def relay_authority(
    shown: FromPath[str], request: Asked, hub: TheHub
) -> Response[tuple[ShownAuthority, ...]]:
    who: Who = request.state.who
    why_not = await hub.on_relay(shown, who.name)
    if why_not == NOT_THERE:
        raise NotFoundException(why_not)
    if why_not is not None:
        raise ClientException(why_not, status_code=409)
    return Response(hub.authorities, headers=NO_STORE)


@get("/api/v1/zones", opt={"permission": "see"}, summary="The protected zones")
async def list_zones(hub: TheHub) -> Response[tuple[Zone, ...]]:
    return Response(hub.site.zones, headers=NO_STORE)


@get("/api/v1/sensors", opt={"permission": "sealed"}, summary="Exact sensor sites; logged")
async def list_sensors(
    request: Asked, hub: TheHub, sealed_read: TheSealedRead
) -> Response[list[SensorView]]:
    who: Who = request.state.who
    sealed_read(who.name, "sensor sites")
    views = [SensorView(one, hub.health.get(one.id)) for one in hub.site.sensors]
    return Response(views, headers=NO_STORE)


@get(
    "/api/v1/sensors/{sensor:str}/hearing",
    opt={"permission": "sealed"},
    summary="What a microphone heard in the last minute, as features; logged",
)
async def show_hearing(
    sensor: FromPath[str], request: Asked, hub: TheHub, sealed_read: TheSealedRead
) -> Response[Heard]:
    return Response(_read_hearing(sensor, request, hub, sealed_read), headers=NO_STORE)


@get("/api/v1/sources", opt={"permission": "see"}, summary="The doors and what came through them")
async def list_sources(hub: TheHub) -> Response[list[SourceHealth]]:
    return Response(list(hub.sources.values()), headers=NO_STORE)


def _read_hearing(sensor: str, request: Asked, hub: Hub, sealed_read: SealedRead) -> Heard:
    """The last minute; the reading is noted. Raises 403 for a role that may not, 404."""
    who: Who = request.state.who
    if "sealed" not in PERMISSIONS[who.role]:
        raise PermissionDeniedException("your role does not allow this")
    heard = hub.heard(sensor)
    if heard is None:
        raise NotFoundException("no such sensor")
    sealed_read(who.name, f"hearing of {sensor}")
    return heard


def _folder(hub: Hub, alert: str) -> AlertFolder:
    folder = hub.alerts.get(alert)
    if folder is None:
        raise NotFoundException("no such alert")
    return folder


ROUTES: list[HTTPRouteHandler] = [
    show_health,
    show_public_state,
    sign_in,
    show_session,
    sign_out,
    show_state,
    follow_stream,
    list_alerts,
    show_alert,
    show_cap,
    acknowledge,
    show_feed,
    show_message,
    list_authorities,
    relay_authority,
    list_zones,
    list_sensors,
    show_hearing,
    list_sources,
]
