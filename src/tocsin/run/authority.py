"""The desk for other people's warnings: reads what the doors bring, keeps what stands, hands on.

A message is journalled before anybody is told of it, and a handing-on before the bell rings, like
the site's own alerts. After a restart the journal gives both back: nothing is believed anew that
was replaced, and nothing is handed on twice. The road never waits for this desk.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec.structs import replace

from tocsin.assess.ladder import Ladder
from tocsin.assess.relay import (
    concerned,
    first_statement,
    is_grave,
    is_over,
    next_statement,
)
from tocsin.decode.cap import Ledger, Policy, read_notice
from tocsin.errors import Refused
from tocsin.ports import Clock, Source
from tocsin.run.authority_doors import authority_door, authority_policy
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.refill import journalled
from tocsin.run.relay_message import relay_message
from tocsin.run.scribe import Message
from tocsin.serve.authority import Relayed, ShownAuthority, show_authority
from tocsin.serve.hub import NOT_THERE
from tocsin.words import Alert, Frame, Order, SourceHealth, Topic, Zone
from tocsin.words.authority import AuthorityNotice

LOOK_EVERY_S = 0.5
RECALL_S = 7 * 86_400.0
"""How far back the journal is read: a warning may stand for days."""

_log = logging.getLogger("tocsin.run")


class Memory(Protocol):
    """Where words are journalled."""

    async def file(self, now: float, words: Sequence[tuple[Topic, msgspec.Struct]]) -> None: ...


class Tell(Protocol):
    """Who is told: the channels, the feed, the screens."""

    def know(self, message: Message) -> None: ...

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None: ...

    def publish(self, alert: str, sequence: int, message: Message) -> None: ...

    def show(self, t: float, shown: Sequence[ShownAuthority]) -> None: ...


class _Service:
    """One authority: its door, whom to believe, and what stands."""

    def __init__(self, table: AuthorityTable, door: Source, policy: Policy) -> None:
        self.table, self.door, self.policy = table, door, policy
        self.ledger = Ledger()
        self.read = 0
        self.refused: Counter[str] = Counter()

    def refuse(self, refused: Refused) -> None:
        """Count it by its rule; the log names the rule and nothing that a stranger wrote."""
        self.refused[refused.rule] += 1
        _log.warning("authority %s: refused, %s", self.table.id, refused.rule)

    def health(self) -> SourceHealth:
        """The door's, with what became of its messages."""
        health = self.door.health()
        refused = Counter(health.refused) + self.refused
        return replace(health, decoded=self.read, refused=dict(refused))


class AuthorityDesk:
    """All authorities of a site. Make it inside the running loop."""

    def __init__(
        self,
        tables: Sequence[AuthorityTable],
        folder: Path,
        zones: Sequence[Zone],
        ladder: Ladder,
        clock: Clock,
        memory: Memory,
        tell: Tell,
    ) -> None:
        self._clock, self._memory, self._tell = clock, memory, tell
        self._ladder = ladder
        self._zones = {zone.id: zone for zone in zones}
        self._services = {
            table.id: _Service(
                table, authority_door(table, folder, clock), authority_policy(table, folder)
            )
            for table in tables
        }
        self._relays: dict[str, Alert] = {}
        self._shown: tuple[ShownAuthority, ...] = ()
        self._busy = asyncio.Lock()

    def recall(self, journal: Path) -> None:
        """What was received and handed on before a restart."""
        since_t = self._clock.now() - RECALL_S
        for envelope in journalled(journal, ("authority", "relay"), since_t):
            try:
                if envelope.topic == "relay":
                    told = msgspec.json.decode(envelope.body, type=Alert)
                    self._relays[told.alert] = told
                    continue
                notice = msgspec.json.decode(envelope.body, type=AuthorityNotice)
            except msgspec.MsgspecError:
                continue  # of a later version of Tocsin
            service = self._services.get(notice.authority)
            if service is not None:
                service.ledger.enter(notice)

    def standing(self) -> list[Alert]:
        """The last statement of each warning that is handed on and not over."""
        return [one for one in self._relays.values() if not is_over(one)]

    def repeat(self, statement: Alert) -> Message | None:
        """A statement as it was handed on before a restart; None where it is not remembered."""
        zone, notice = self._zones.get(statement.zone), self._notice_of(statement)
        if zone is None:
            return None
        return relay_message(statement, notice, zone)

    async def run(self) -> None:
        """Open the doors and look after them until cancelled."""
        for service in self._services.values():
            await service.door.open()
        try:
            while self._services:
                # a task of its own: a fault of one look is not the end of looking
                look = asyncio.create_task(self.look())
                await asyncio.wait({look})
                if look.exception() is not None:
                    _log.error("authorities: %r", look.exception())
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for service in self._services.values():
                await service.door.close()

    async def look(self) -> None:
        """Read what came, hand on what follows, show what stands."""
        async with self._busy:
            for service in self._services.values():
                for frame in service.door.drain():
                    await self._receive(service, frame)
                await self._hand_on_by_itself(service)
            await self._follow()
            self._show()

    def health(self) -> list[SourceHealth]:
        """How the doors are, and what was refused by which rule."""
        return [service.health() for service in self._services.values()]

    async def relay(self, shown: str, who: str) -> str | None:
        """Hand a message on, as a person wants it; None, or why not."""
        async with self._busy:
            found = self._find(shown)
            if found is None:
                return NOT_THERE
            service, notice = found
            why = self._why_not(service, notice)
            if why is None:
                _log.info("authority %s: handed on by %s", service.table.id, who)
                await self._hand_on(service, notice, automatic=False)
                self._show()
            return why

    async def _receive(self, service: _Service, frame: Frame) -> None:
        now = self._clock.now()
        # on a thread, so that nobody waits for it; a task of its own, whatever breaks in it
        reading = asyncio.create_task(
            asyncio.to_thread(read_notice, frame.data, service.policy, now)
        )
        await asyncio.wait({reading})
        error = reading.exception()
        if isinstance(error, Refused):
            service.refuse(error)
            return
        if error is not None:
            service.refuse(Refused("broken", f"{type(error).__name__}: {error}"))
            return
        notice = reading.result()
        try:
            if not service.ledger.admit(notice, now):
                return
        except Refused as refused:
            service.refuse(refused)
            return
        service.read += 1
        await self._memory.file(now, [("authority", notice)])
        _log.info("authority %s: %s", service.table.id, notice.alert.kind)

    async def _hand_on_by_itself(self, service: _Service) -> None:
        """Whatever stands and is grave enough: also what a former run no longer came to."""
        if service.table.relay != "automatic":
            return
        for notice in service.ledger.standing(self._clock.now()):
            grave = is_grave(notice.alert, service.table.automatic_from)
            if grave and self._why_not(service, notice) is None:
                await self._hand_on(service, notice, automatic=True)

    def _why_not(self, service: _Service, notice: AuthorityNotice) -> str | None:
        if service.table.relay == "never":
            return "the site hands nothing of it on"
        if not notice.verified:
            return "nobody vouches for it"
        zones = self._zones_of(service, notice)
        if not zones:
            return "it touches none of the zones"
        if all(self._is_told(zone, service, notice) for zone in zones):
            return "it is handed on already"
        return None

    async def _hand_on(
        self, service: _Service, notice: AuthorityNotice, *, automatic: bool
    ) -> None:
        """Tell those of its zones that were not told."""
        now = self._clock.now()
        for zone in self._zones_of(service, notice):
            if not self._is_told(zone, service, notice):
                said = first_statement(notice, zone, now, automatic=automatic)
                await self._say(said, notice, zone)

    def _is_told(self, zone: Zone, service: _Service, notice: AuthorityNotice) -> bool:
        """Whether a zone was told of this message or of one that it replaces; what is over for the
        zone begins anew with a later message."""
        return any(
            relay.zone == zone.id
            and self._is_about(relay, service, notice)
            and (not is_over(relay) or relay.origin == notice.alert.reference)
            for relay in self._relays.values()
        )

    async def _follow(self) -> None:
        """Say of what was handed on how it has gone on."""
        now = self._clock.now()
        for statement in list(self._relays.values()):
            zone = self._zones.get(statement.zone)
            if is_over(statement) and statement.t < now - RECALL_S:
                del self._relays[statement.alert]
            if zone is None or is_over(statement):
                continue
            latest = self._latest(statement)
            following = next_statement(statement, latest, zone, now)
            if following is not None:
                await self._say(following, latest, zone)

    async def _say(self, statement: Alert, notice: AuthorityNotice | None, zone: Zone) -> None:
        """Journal, then ring, then publish. The ladder says who is told and when; nobody here has
        to approve what an authority says."""
        now = self._clock.now()
        message = relay_message(statement, notice, zone)
        self._tell.know(message)  # the road may carry out the ladder's further orders first
        orders = self._ladder.direct([statement], now)
        self._ladder.approve(statement.alert)
        words: list[tuple[Topic, msgspec.Struct]] = [("relay", statement)]
        await self._memory.file(now, [*words, *(("order", order) for order in orders)])
        self._relays[statement.alert] = statement
        self._tell.ring([message], orders)
        if message.cap.xml:
            self._tell.publish(statement.alert, statement.sequence, message)

    def _show(self) -> None:
        now = self._clock.now()
        shown = tuple(
            show_authority(
                notice,
                name=_name(notice),
                relayed=self._relayed(service, notice),
                may_relay=self._why_not(service, notice) is None,
            )
            for service in self._services.values()
            for notice in service.ledger.standing(now)
        )
        if shown != self._shown:
            self._shown = shown
            self._tell.show(now, shown)

    def _relayed(self, service: _Service, notice: AuthorityNotice) -> tuple[Relayed, ...]:
        return tuple(
            Relayed(relay.zone, relay.level, relay.t, relay.automatic)
            for relay in self._relays.values()
            if self._is_about(relay, service, notice) and not is_over(relay)
        )

    def _is_about(self, relay: Alert, service: _Service, notice: AuthorityNotice) -> bool:
        latest = self._latest(relay)
        return latest is not None and (latest.authority, latest.alert.name) == (
            service.table.id,
            notice.alert.name,
        )

    def _zones_of(self, service: _Service, notice: AuthorityNotice) -> Sequence[Zone]:
        if service.table.zones:
            return [self._zones[name] for name in service.table.zones]
        return concerned(notice.alert, tuple(self._zones.values()))

    def _latest(self, statement: Alert) -> AuthorityNotice | None:
        name, ledger = _origin_name(statement), self._ledger_of(statement)
        return None if name is None or ledger is None else ledger.latest(name)

    def _notice_of(self, statement: Alert) -> AuthorityNotice | None:
        name, ledger = _origin_name(statement), self._ledger_of(statement)
        return None if name is None or ledger is None else ledger.find(name)

    def _ledger_of(self, statement: Alert) -> Ledger | None:
        """The statement's id holds its zone and its authority."""
        for service in self._services.values():
            if statement.alert.startswith(f"{statement.zone}-{service.table.id}-"):
                return service.ledger
        return None

    def _find(self, shown: str) -> tuple[_Service, AuthorityNotice] | None:
        for service in self._services.values():
            for notice in service.ledger.standing(self._clock.now()):
                if _name(notice) == shown:
                    return service, notice
        return None


def _name(notice: AuthorityNotice) -> str:
    """Sixteen hex digits: identifiers of strangers do not belong into addresses."""
    words = "\n".join((notice.authority, *notice.alert.name))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _origin_name(statement: Alert) -> tuple[str, str] | None:
    sender, _, rest = (statement.origin or "").partition(",")
    identifier, _, _ = rest.partition(",")
    return (sender, identifier) if identifier else None
