"""The page on which people report, and the doors for text messages: nothing here knows who.

`POST /report`            what was noticed, a direction, a post or a rounded cell
`POST /report/sms`        a gateway hands on a text message; with the gateway's own token
`GET /api/v1/reports`     the last hour by cell, for the desk

No cookie is read or set, no address is kept, and nothing that was sent is logged: the door of the
people hashes the sender and forgets it within the day.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Annotated, Literal, Protocol, runtime_checkable

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from msgspec import Meta, Struct

from tocsin.encode.phrasebook import Voice
from tocsin.serve.gate import address_of
from tocsin.serve.routes import NO_STORE, Asked
from tocsin.words import Said

Answer = Literal["thanks", "unclear", "many"]
SMS_EXAMPLE = "D N 2"


class PageReport(Struct, frozen=True):
    """One press. `post` is the number of the sticker; else `lat`, `lon` rounded on the phone to the
    corner of its cell. `age_s`: how long it waited there for the network."""

    said: Said
    post: Annotated[int, Meta(ge=1, le=9999)] | None = None
    lat: Annotated[float, Meta(ge=-90, lt=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, lt=180)] | None = None
    azimuth_deg: Annotated[float, Meta(ge=0, le=360)] | None = None
    compass: bool = False
    age_s: Annotated[float, Meta(ge=0, le=604_800)] = 0.0


class TextMessage(Struct, frozen=True):
    """A received message as a gateway hands it on."""

    sender: Annotated[str, Meta(min_length=1, max_length=40)]
    text: Annotated[str, Meta(max_length=1000)]
    language: str = ""


class Taken(Struct, frozen=True):
    """What became of a report, and the sentence for its sender; `reply` empty: send none."""

    answer: Answer
    reply: str = ""


class CellRow(Protocol):
    """A cell of the last hour."""

    cell: str
    reports: int
    weight: float


@runtime_checkable
class People(Protocol):
    """Who takes the reports."""

    languages: tuple[str, ...]

    def take_page(self, report: PageReport, sender: str) -> Answer: ...

    def take_text(self, text: str, sender: str) -> Answer: ...

    def cells(self) -> Sequence[Struct]: ...

    @property
    def gateway_hash(self) -> str: ...

    @property
    def acknowledges(self) -> bool: ...


ThePeople = NamedDependency[People]


def reply_to(answer: Answer, language: str) -> str:
    """The sentence of an answer in a language of the warning catalogue."""
    values = {"example": SMS_EXAMPLE} if answer == "unclear" else None
    return Voice(language, short=True).say(f"report.{answer}", values)


@post("/report", opt={"permission": "public"}, summary="A person reports a drone", status_code=202)
async def take_report(
    data: JSONBody[PageReport], request: Asked, people: ThePeople
) -> Response[Taken]:
    answer = people.take_page(data, address_of(request))
    return Response(Taken(answer), headers=NO_STORE, status_code=202)


@post(
    "/report/sms",
    opt={"permission": "public"},
    summary="A gateway hands on a text message",
    status_code=202,
)
async def take_sms(
    data: JSONBody[TextMessage], request: Asked, people: ThePeople
) -> Response[Taken]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = hashlib.sha256(token.strip().encode()).hexdigest()
    wanted = people.gateway_hash
    if not wanted or scheme.lower() != "bearer" or not hmac.compare_digest(given, wanted):
        raise NotAuthorizedException("this gateway is not known")
    answer = people.take_text(data.text, data.sender)
    known = people.languages
    language = data.language if data.language in known else known[0]
    reply = reply_to(answer, language) if people.acknowledges else ""
    return Response(Taken(answer, reply), headers=NO_STORE, status_code=202)


@get("/api/v1/reports", opt={"permission": "see"}, summary="Reports of the last hour, by cell")
async def list_reports(people: ThePeople) -> Response[list[Struct]]:
    return Response(list(people.cells()), headers=NO_STORE)


REPORT_ROUTES: list[HTTPRouteHandler] = [take_report, take_sms, list_reports]
