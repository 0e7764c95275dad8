"""What people on the screens may order: approve, end, pause, call a drill, test a channel."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, runtime_checkable

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct

from tocsin.serve.gate import Who
from tocsin.serve.routes import NO_STORE, Asked
from tocsin.words import AlarmLoad, ChannelHealth, HeldBack, Level, Pause, Receipt

LONGEST_PAUSE_MIN = 240


class Bells(Struct, frozen=True):
    """The state of the warning: each channel's backlog and last proof of life, what is held back
    and why, the pauses, and the load of alarms."""

    channels: tuple[ChannelHealth, ...]
    held: tuple[HeldBack, ...]
    pauses: tuple[Pause, ...]
    load: AlarmLoad


class Ending(Struct, frozen=True):
    """How a person ends an alert: the danger is over, or there was none."""

    how: Literal["all-clear", "correction"]


class PauseOrder(Struct, frozen=True):
    """A pause of a zone, a channel, or everything; alarms break it unless they are meant too."""

    minutes: Annotated[int, Meta(ge=1, le=LONGEST_PAUSE_MIN)]
    zone: str | None = None
    channel: str | None = None
    alarms: bool = False
    why: Annotated[str, Meta(max_length=200)] = ""


class DrillOrder(Struct, frozen=True):
    """A drill, now."""

    zone: str
    level: Level = "alarm"
    lasts_s: Annotated[float, Meta(ge=5, le=600)] = 60.0


@runtime_checkable
class Desk(Protocol):
    """Who carries the orders out. `who` is journaled with each."""

    def bells(self) -> Bells: ...

    def approve(self, alert: str, who: str) -> bool: ...

    def end(self, alert: str, how: Literal["all-clear", "correction"], who: str) -> bool: ...

    def pause(self, order: PauseOrder, who: str) -> Pause: ...

    def resume(self, zone: str | None, channel: str | None, who: str) -> None: ...

    def drill(self, order: DrillOrder, who: str) -> bool: ...

    async def self_test(self, channel: str) -> Receipt | None: ...


TheDesk = NamedDependency[Desk]
_ACT = {"permission": "act"}


@get("/api/v1/bells", opt={"permission": "see"}, summary="Channels, holds, pauses, alarm load")
async def show_bells(desk: TheDesk) -> Response[Bells]:
    return Response(desk.bells(), headers=NO_STORE)


@post(
    "/api/v1/alerts/{alert:str}/approve",
    opt=_ACT,
    summary="Release an alert to the channels that wait for a person",
    status_code=204,
)
async def approve(alert: FromPath[str], request: Asked, desk: TheDesk) -> None:
    if not desk.approve(alert, _who(request)):
        raise NotFoundException("no such alert stands")


@post(
    "/api/v1/alerts/{alert:str}/end",
    opt=_ACT,
    summary="All-clear or correction, on every channel that was told",
    status_code=204,
)
async def end(alert: FromPath[str], data: JSONBody[Ending], request: Asked, desk: TheDesk) -> None:
    if not desk.end(alert, data.how, _who(request)):
        raise NotFoundException("no such alert stands")


@post("/api/v1/pauses", opt=_ACT, summary="Pause warnings for a while; it ends by itself")
async def pause(data: JSONBody[PauseOrder], request: Asked, desk: TheDesk) -> Response[Pause]:
    return Response(desk.pause(data, _who(request)), headers=NO_STORE, status_code=201)


@delete("/api/v1/pauses", opt=_ACT, summary="End a pause before its time")
async def resume(
    request: Asked,
    desk: TheDesk,
    zone: FromQuery[str | None] = None,
    channel: FromQuery[str | None] = None,
) -> None:
    desk.resume(zone, channel, _who(request))


@post("/api/v1/drills", opt=_ACT, summary="A drill that really rings, now", status_code=204)
async def drill(data: JSONBody[DrillOrder], request: Asked, desk: TheDesk) -> None:
    if not desk.drill(data, _who(request)):
        raise NotFoundException("no such zone")


@post("/api/v1/channels/{channel:str}/test", opt=_ACT, summary="Have a channel prove itself")
async def self_test(channel: FromPath[str], desk: TheDesk) -> Response[Receipt]:
    receipt = await desk.self_test(channel)
    if receipt is None:
        raise NotFoundException("no such channel")
    return Response(receipt, headers=NO_STORE, status_code=200)


def _who(request: Asked) -> str:
    who: Who = request.state.who
    return who.name


ACT_ROUTES: list[HTTPRouteHandler] = [show_bells, approve, end, pause, resume, drill, self_test]
