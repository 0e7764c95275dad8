"""The doors of a house that runs: journal, channels, screens, and an eye on its sensors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tocsin.fuse import misalignments
from tocsin.ports import Clock, Peer, Showing, Source
from tocsin.run.acts import LiveDesk
from tocsin.run.authority import AuthorityDesk
from tocsin.run.config import ChannelSettings, SiteConfig
from tocsin.run.memory import JournalMemory
from tocsin.run.outbox import Outbox, read_outbox, tell_owed
from tocsin.run.peers import AllScreens, Neighbourhood
from tocsin.run.pipeline import House, Turn
from tocsin.run.publishing import CapPress
from tocsin.run.reading import with_registration
from tocsin.run.refill import refill
from tocsin.run.scribe import Message
from tocsin.run.site import Site
from tocsin.run.sources import source_health
from tocsin.serve.authority import ShownAuthority
from tocsin.serve.hub import NOT_THERE, Hub
from tocsin.serve.shown import Mode, SiteView
from tocsin.warn.cap_seal import CapSeal
from tocsin.warn.dispatch import Dispatcher
from tocsin.warn.registry import Post, find_kind, make_channel
from tocsin.words import Attempt, Order, Reason, Receipt

HEALTH_EVERY_S = 2.0
"""How often, by the world's clock, the sensors' proof of life is looked at."""


class HubScreens:
    """Stop 7: every change to the people's screens, the CAP file of an alert before the alert."""

    def __init__(self, hub: Hub, press: CapPress) -> None:
        self._hub, self._press = hub, press
        self.desk: LiveDesk | None = None

    def show(self, turn: Turn, messages: Sequence[Message]) -> None:
        """Tell the hub, and the desk that counts."""
        if self.desk is not None:
            self.desk.count(turn.notices)
        self._hub.tell_tracks(turn.now, turn.changes)
        self._hub.tell_standings(turn.now, turn.standings)
        for message in messages:
            alert = message.alert
            self._press.publish(alert.alert, alert.sequence, message.cap)
        drills = [notice for notice in turn.notices if notice.drill]
        self._hub.tell_alerts(turn.now, [*turn.alerts, *drills])
        self._hub.tell_hearing(turn.windows)


class DispatchBell:
    """Stop 6: what was ordered, to the channel that is to tell it."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._latest: dict[str, Message] = {}

    def know(self, message: Message) -> None:
        """The latest message of an alert: later orders are for it."""
        self._latest[message.alert.alert] = message

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:
        """Queue them; receipts come by themselves."""
        for message in messages:
            self.know(message)
        for order in orders:
            said = self._latest.get(order.alert)
            if said is None:
                continue  # it ended while the order was being journalled, and that is told
            self._dispatcher.tell(said.alert, (order.channel,), said.texts, said.cap.xml)
        for message in messages:
            if message.alert.level == "all-clear":
                self._latest.pop(message.alert.alert, None)


class AuthorityTelling:
    """Whom the desk for other people's warnings tells: channels, feed, screens."""

    def __init__(self, bell: DispatchBell, press: CapPress, hub: Hub) -> None:
        self._bell, self._press, self._hub = bell, press, hub

    def know(self, message: Message) -> None:
        """What orders from now on are for."""
        self._bell.know(message)

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:
        """The channels that are ordered to tell."""
        self._bell.ring(messages, orders)

    def publish(self, alert: str, sequence: int, message: Message) -> None:
        """The feed."""
        self._press.publish(alert, sequence, message.cap)

    def show(self, t: float, shown: Sequence[ShownAuthority]) -> None:
        """The screens."""
        self._hub.tell_authorities(t, shown)


class LiveDoors:
    """Opens and closes the doors of one running house. Make it inside the running loop."""

    def __init__(
        self,
        site: Site,
        config: SiteConfig,
        data_dir: Path,
        clock: Clock,
        *,
        mode: Mode,
        speed: float = 1.0,
        peers: Sequence[Peer] = (),
        sources: Sequence[Source] = (),
        seal: CapSeal | None = None,
    ) -> None:
        self._site, self._clock = site, clock
        self._sources = sources
        self._background: set[asyncio.Task[None]] = set()
        friends = {friend.serial: friend.label for friend in site.friends}
        view = SiteView(
            site.name,
            site.languages,
            site.zones,
            friends,
            site.sensors,
            cap_sender=site.sender,
        )
        self._desk: LiveDesk | None = None
        self.hub = Hub(
            view,
            mode=mode,
            speed=speed,
            on_acknowledge=self._acknowledge,
            on_relay=self._relay,
        )
        self._journal = data_dir / "journal.sqlite"
        self.memory = JournalMemory(self._journal, self._note)
        # a staged evening tells its times again and again: it has no former run
        live = mode == "live"
        posts = {c.id: _post(c, data_dir, clock, seal, live=live) for c in config.channels}
        self._showing = [
            post.channel for post in posts.values() if isinstance(post.channel, Showing)
        ]
        for channel in self._showing:
            channel.introduce(site.name, site.zones, site.sensors)
        self._outbox = read_outbox(self._journal, clock.now()) if live else Outbox()
        self.dispatcher = Dispatcher(
            posts,
            on_receipt=self._receipt,
            clock=clock,
            note_attempt=self._note_attempt,
            former=self._outbox.former,
        )
        self.bell = DispatchBell(self.dispatcher)
        self._neighbours = Neighbourhood(peers)
        self.press = CapPress(self.hub, seal, clock)
        self._shown = HubScreens(self.hub, self.press)
        self.screens = AllScreens(self._shown, self._neighbours)
        self._authorities = config.authorities if live else ()
        self._folder = config.folder
        self.authorities: AuthorityDesk | None = None

    def seat(self, house: House) -> LiveDesk:
        """The desk at which people's orders for this house are taken."""
        desk = LiveDesk(house, self.dispatcher, self._clock, self._take, self._outbox.rang_t)
        self._shown.desk = self._desk = desk
        return desk

    def listen_to_authorities(self, house: House) -> None:
        """The desk for other people's warnings, with what it knew before a restart."""
        desk = AuthorityDesk(
            self._authorities,
            self._folder,
            self._site.zones,
            house.ladder,
            self._clock,
            self.memory,
            AuthorityTelling(self.bell, self.press, self.hub),
        )
        desk.recall(self._journal)
        for alert in desk.standing():
            message = desk.repeat(alert)
            if message is not None:
                self.bell.know(message)
                if message.cap.xml:
                    self.press.publish(alert.alert, alert.sequence, message.cap)
        for one in self._outbox.owed:
            said = desk.repeat(one.alert) if one.alert.origin is not None else None
            if said is not None:
                self.dispatcher.tell_late(
                    one.channel, one.alert, said.texts, said.cap.xml, one.begun_t
                )
        self.authorities = desk

    async def watch_authorities(self) -> None:
        """Hear what others warn of until cancelled."""
        if self.authorities is not None:
            await self.authorities.run()

    def remember(self, house: House) -> None:
        """Tell the CAP book and the feed what was told before a restart, go on with the alerts that
        stood, and tell the channels what they are owed."""
        for alert, message in refill(house.scribe, self._journal, self._clock.now()):
            self.press.publish(alert.alert, alert.sequence, message)
        now = self._clock.now()
        house.casebook.reopen(self._outbox.standing, now)
        box = self._outbox
        own = [notice for notice in box.told if notice.origin is None]
        house.groups.reopen(own, box.standing)
        house.drills.reopen(own, now)
        house.ladder.reopen(box.told, box.orders, box.seen, box.approved, box.pauses, now)
        self.hub.tell_alerts(now, box.standing)
        for notice in own:
            said = house.scribe.repeat(notice)
            if said is not None:
                self.bell.know(said)
        tell_owed(box, house.scribe, self.dispatcher)

    async def watch_health(self, house: House) -> None:
        """Show the sensors' and the sources' proof of life until cancelled."""
        while True:
            alive = house.desk.health(self._site.sensors, self._clock.now())
            self.hub.tell_health(with_registration(alive, misalignments(house.tracks)))
            for channel in self._showing:
                channel.tell_health(alive)
            doors = source_health(self._sources, house.desk)
            others = [] if self.authorities is None else self.authorities.health()
            self.hub.tell_sources([*doors, *others])
            await asyncio.sleep(HEALTH_EVERY_S)

    async def close(self) -> None:
        """Finish what is being told and written, then let go."""
        await self.dispatcher.close()
        await self._neighbours.close()
        await self.press.close()
        await asyncio.gather(*self._background)
        await self.memory.close()
        self.hub.close()

    def note_sealed_read(self, who: str, what: str) -> None:
        """Somebody read something sealed: the journal remembers who and what."""
        self._remember(Reason("sealed-read", {"who": who, "what": what}))

    def _receipt(self, receipt: Receipt) -> None:
        self.hub.tell_receipt(receipt)
        self._remember(receipt)

    async def _note_attempt(self, attempt: Attempt) -> None:
        await self.memory.note(self._clock.now(), attempt)

    def _note(self, reason: Reason) -> None:
        self.hub.tell_note(self._clock.now(), reason)

    def _acknowledge(self, alert: str, who: str, t: float) -> None:  # noqa: ARG002  clock's own t
        if self._desk is not None:
            self._desk.acknowledge(alert, who)

    def _take(self, order: Reason) -> None:
        """An order of a person: on the screens and in the journal."""
        if order.code != "acknowledged":  # the hub has shown it already
            self._note(order)
        self._remember(order)

    async def _relay(self, shown: str, who: str) -> str | None:
        if self.authorities is None:
            return NOT_THERE
        why_not = await self.authorities.relay(shown, who)
        if why_not is None:
            reason = Reason("authority-relayed", {"who": who, "message": shown})
            self._note(reason)
            self._remember(reason)
        return why_not

    def _remember(self, word: Receipt | Reason) -> None:
        task = asyncio.create_task(self.memory.note(self._clock.now(), word))
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _post(
    channel: ChannelSettings,
    data_dir: Path,
    clock: Clock,
    seal: CapSeal | None,
    *,
    live: bool,
) -> Post:
    """The channel; a relative folder of its settings stands in the site's data folder. In a live
    site a channel that can keep marks of what it told does so."""
    settings = dict(channel.settings)
    fields = {
        field.name: field for field in msgspec.structs.fields(find_kind(channel.kind).settings)
    }
    if live and "folder" in fields and not fields["folder"].required:
        settings.setdefault("folder", f"told-{channel.id}")
    folder = settings.get("folder")
    if isinstance(folder, str):
        place = data_dir / folder
        place.parent.mkdir(parents=True, exist_ok=True)
        settings["folder"] = str(place)
    return make_channel(channel.id, channel.kind, settings, clock, seal)
