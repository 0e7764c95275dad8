"""The long tail of chat services (Telegram, Matrix, Signal gateways, XMPP …) through Apprise.

Kind        `apprise`; needs the extra `chat`
Library     Apprise (BSD-2-Clause), which knows some 130 services, each by an address of its own
Sends       title and text in the person's language, or all of the zone's
Proves      that the service took it, as far as its plug-in says; nothing more
Keeps       each address is an account with its password: they stand in a sealed file, and nothing
            of Apprise's own log is written anywhere
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence

import apprise
import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.people import (
    Letter,
    PeopleChannel,
    Person,
    Round,
    people_faults,
    people_reader,
)
from tocsin.words import Alert, Level

_KINDS: dict[Level, apprise.NotifyType] = {
    "alarm": apprise.NotifyType.FAILURE,
    "warning": apprise.NotifyType.WARNING,
    "watch": apprise.NotifyType.INFO,
    "all-clear": apprise.NotifyType.SUCCESS,
}
logging.getLogger("apprise").addHandler(logging.NullHandler())
logging.getLogger("apprise").propagate = False  # it writes addresses


class AppriseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`to_file` lists addresses of Apprise, one a line, then a language if it matters."""

    to_file: str


class Chat:
    """The carrier: each address on a thread of its own, since plug-ins wait for their service."""

    accepted = "accepted by the service"

    async def carry(
        self, alert: Alert, letters: Sequence[Letter], cap_xml: bytes, going: Round
    ) -> None:
        """All at once; nobody waits behind a slow service."""

        async def one(letter: Letter) -> None:
            if await asyncio.to_thread(_notify, alert, letter):
                going.note(letter, "accepted")
            else:
                going.note(letter, "failed", "the service did not take it")

        await asyncio.gather(*(one(letter) for letter in letters))

    async def probe(self, people: Sequence[Person], timeout_s: float) -> str | None:
        """Whether each address is one of Apprise's: no service can be tried without a message."""
        for person in people:
            if not _is_address(person.address):
                return f"{person!r}: Apprise knows no such service"
        return None

    async def close(self) -> None:
        """Nothing is held."""


def _notify(alert: Alert, letter: Letter) -> bool:
    carrier = apprise.Apprise()
    if not carrier.add(letter.person.address):
        return False
    first = letter.wordings[0]
    text = "\n\n".join(f"{w.description} {w.instruction}".strip() for w in letter.wordings)
    return bool(carrier.notify(body=text, title=first.headline, notify_type=_KINDS[alert.level]))


def _is_address(address: str) -> bool:
    return apprise.Apprise.instantiate(address, suppress_exceptions=True) is not None


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    return people_faults(values, _is_address, "json://192.168.1.20/bell")


def _make(name: str, settings: AppriseSettings, clock: Clock, timeout_s: float) -> Channel:
    return PeopleChannel(name, Chat(), people_reader((), settings.to_file), clock, timeout_s)


KIND = ChannelKind("apprise", AppriseSettings, _make, _faults)
