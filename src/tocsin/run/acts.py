"""Carries out what people on the screens order, and journals who ordered it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from tocsin.assess.load import alarm_load
from tocsin.ports import Clock
from tocsin.run.outbox import pause_note
from tocsin.run.pipeline import House
from tocsin.serve.acts import Bells, DrillOrder, PauseOrder
from tocsin.warn.dispatch import Dispatcher
from tocsin.words import Alert, Pause, Reason, Receipt


class LiveDesk:
    """The desk of one running house; `note` journals and shows an order."""

    def __init__(
        self,
        house: House,
        dispatcher: Dispatcher,
        clock: Clock,
        note: Callable[[Reason], None],
        rang_t: Iterable[float] = (),
    ) -> None:
        self._house, self._dispatcher, self._clock, self._note = house, dispatcher, clock, note
        self._rang_t = deque(rang_t, maxlen=10_000)

    def count(self, notices: Sequence[Alert]) -> None:
        """Notices of this tick, for the load of alarms."""
        self._rang_t.extend(n.t for n in notices if n.level != "all-clear" and not n.drill)

    def bells(self) -> Bells:
        """Channels, holds, pauses and the load, as they are now."""
        now = self._clock.now()
        ladder = self._house.ladder
        return Bells(
            channels=self._dispatcher.health(),
            held=ladder.held,
            pauses=tuple(pause for pause in ladder.pauses if pause.until_t > now),
            load=alarm_load(self._rang_t, now),
        )

    def acknowledge(self, alert: str, who: str) -> None:
        """Somebody has seen a track's alert, and so the one that people are told."""
        notice = self._house.groups.name_of(alert)
        self._house.ladder.acknowledge(notice)
        self._note(Reason("acknowledged", {"alert": alert, "notice": notice, "who": who}))

    def approve(self, alert: str, who: str) -> bool:
        """Let the public hear of it."""
        notice = self._house.groups.name_of(alert)
        stands = self._house.ladder.approve(notice)
        if stands:
            self._note(Reason("approved", {"alert": notice, "who": who}))
        return stands

    def end(self, alert: str, how: Literal["all-clear", "correction"], who: str) -> bool:
        """One press ends it on every channel: all tracks of the alert that people were told."""
        members = self._house.groups.members(alert)
        kind: Literal["update", "cancel"] = "cancel" if how == "correction" else "update"
        ended = self._house.casebook.end(members, kind) + self._house.people.end(members, kind)
        stands = ended > 0
        if stands:
            self._note(Reason("ended-order", {"alert": alert, "how": how, "who": who}))
        return stands

    def pause(self, order: PauseOrder, who: str) -> Pause:
        """Begin a pause that ends by itself."""
        now = self._clock.now()
        asked = Pause(
            now + 60.0 * order.minutes, order.zone, order.channel, order.alarms, order.why, who
        )
        begun = self._house.ladder.pause(asked, now)
        self._note(pause_note(begun))
        return begun

    def resume(self, zone: str | None, channel: str | None, who: str) -> None:
        """End a pause before its time."""
        self._house.ladder.resume(zone, channel)
        self._note(pause_note(Pause(0.0, zone, channel, who=who), over=True))

    def drill(self, order: DrillOrder, who: str) -> bool:
        """Hold a drill at the next tick."""
        if order.zone not in {zone.id for zone in self._house.drills.zones}:
            return False
        self._house.drills.call(order.zone, order.level, order.lasts_s)
        self._note(Reason("drill-called", {"zone": order.zone, "who": who}))
        return True

    async def self_test(self, channel: str) -> Receipt | None:
        """Have a channel prove itself; None where there is none of this name."""
        try:
            return await self._dispatcher.self_test(channel)
        except KeyError:
            return None
