"""Whom to tell now, whom later, and whom not yet: nobody twice, and never less than the threat.

Pure: notices and the time in, orders to channels out. An alert reaches the channels of its zone at
once and those of each step when nobody has acknowledged in time; a worsening begins the ladder
anew. A channel may be held back (approval, pause, quiet hours, cool-down): each hold ends by
itself, and then the channel gets the latest statement. What worsens goes through a cool-down, an
alarm through quiet hours, an all-clear through everything, to each channel that was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from tocsin.assess.hours import within
from tocsin.words import LEVEL_ORDER, Alert, Held, HeldBack, Manners, Order, Pause, Zone

LONGEST_PAUSE_S = 4 * 3600.0
"""A pause that outlives a shift is one that somebody has forgotten."""


@dataclass
class _Told:
    """What became of one alert: `told` maps a channel to the sequence and rank it was last told."""

    notice: Alert
    rank: int
    risen_t: float
    seen: bool = False
    approved: bool = False
    told: dict[str, tuple[int, int]] = field(default_factory=dict)


class Ladder:
    """The orders of one site. `manners` are those of its channels."""

    def __init__(self, zones: Sequence[Zone], manners: Mapping[str, Manners] | None = None) -> None:
        self._zones = {zone.id: zone for zone in zones}
        self._manners = dict(manners or {})
        self._standing: dict[str, _Told] = {}
        self._last: dict[tuple[str, str], tuple[float, int, str]] = {}
        self.pauses: list[Pause] = []
        self.held: tuple[HeldBack, ...] = ()

    def direct(self, notices: Iterable[Alert], now: float) -> list[Order]:
        """The orders of this tick: for its notices, and for steps and holds that are over."""
        self.pauses = [pause for pause in self.pauses if pause.until_t > now]
        orders: list[Order] = []
        for notice in notices:
            if notice.level == "all-clear":
                orders += self._end(notice, now)
            else:
                self._note(notice, now)
        held: list[HeldBack] = []
        for told in self._standing.values():
            orders += self._tell(told, held, now)
        self.held = tuple(held)
        return orders

    def acknowledge(self, alert: str) -> None:
        """Somebody has seen it: no further step, until it worsens."""
        if alert in self._standing:
            self._standing[alert].seen = True

    def approve(self, alert: str) -> bool:
        """A person lets the public hear of it; whether there is such an alert."""
        told = self._standing.get(alert)
        if told is not None:
            told.approved = True
        return told is not None

    def pause(self, pause: Pause, now: float) -> Pause:
        """Begin a pause, four hours at most; the pause as it stands."""
        until_t = min(pause.until_t, now + LONGEST_PAUSE_S)
        begun = replace(pause, until_t=until_t)
        self.pauses.append(begun)
        return begun

    def resume(self, zone: str | None, channel: str | None) -> None:
        """End the pauses of just this zone and channel before their time."""
        self.pauses = [p for p in self.pauses if (p.zone, p.channel) != (zone, channel)]

    def reopen(
        self,
        notices: Iterable[Alert],
        orders: Iterable[Order],
        seen: Iterable[str],
        approved: Iterable[str],
        pauses: Iterable[Pause],
        now: float,
    ) -> None:
        """Go on after a restart with the last notices of alerts that stand and what was ordered.
        The time for further steps begins anew."""
        for notice in notices:
            self._standing[notice.alert] = _Told(notice, LEVEL_ORDER[notice.level], now)
        for order in orders:
            told = self._standing.get(order.alert)
            if told is not None:
                rank = told.rank if order.sequence == told.notice.sequence else 0
                told.told[order.channel] = (order.sequence, rank)
        for alert in seen:
            self.acknowledge(alert)
        for alert in approved:
            self.approve(alert)
        self.pauses = [pause for pause in pauses if pause.until_t > now]

    def _note(self, notice: Alert, now: float) -> None:
        rank = LEVEL_ORDER[notice.level]
        told = self._standing.get(notice.alert)
        if told is None:
            self._standing[notice.alert] = _Told(notice, rank, now)
            return
        if rank > told.rank:
            told.risen_t, told.seen = now, False
        told.notice, told.rank = notice, rank

    def _end(self, notice: Alert, now: float) -> list[Order]:
        """The all-clear or correction to all who were told, or to the zone where nobody knows."""
        told = self._standing.pop(notice.alert, None)
        zone = self._zones.get(notice.zone)
        channels = tuple(told.told) if told else zone.tell if zone else ()
        for channel in channels:
            self._last.pop((notice.zone, channel), None)
        return [_order(channel, notice, now) for channel in channels]

    def _tell(self, told: _Told, held: list[HeldBack], now: float) -> list[Order]:
        orders = []
        for channel in self._due(told, now):
            sequence, rank = told.told.get(channel, (0, 0))
            if sequence >= told.notice.sequence:
                continue
            why = self._why_held(told, channel, now)
            if why is not None and told.rank > rank:
                held.append(HeldBack(told.notice.alert, channel, why))
            if why is not None:
                continue
            told.told[channel] = (told.notice.sequence, told.rank)
            self._last[told.notice.zone, channel] = (now, told.rank, told.notice.alert)
            orders.append(_order(channel, told.notice, now))
        return orders

    def _due(self, told: _Told, now: float) -> dict[str, None]:
        """Channels that should know by now: the zone's, those of the steps reached, and whoever
        was told before, so that nobody is left with an old statement."""
        zone = self._zones.get(told.notice.zone)
        due = dict.fromkeys(zone.tell if zone else ())
        for step in zone.ladder if zone and not told.seen else ():
            if told.notice.level in step.levels and now >= told.risen_t + step.after_s:
                due |= dict.fromkeys(step.tell)
        return due | dict.fromkeys(told.told)

    def _why_held(self, told: _Told, channel: str, now: float) -> Held | None:
        if told.notice.drill:
            return None  # a drill proves the channels: it really rings
        alarm = told.notice.level == "alarm"
        manners = self._manners.get(channel, Manners())
        if self._needs_approval(told, channel, now):
            return "approval"
        if any(_covers(pause, told.notice, channel) for pause in self.pauses):
            return "pause"
        if not alarm and within(manners.quiet, now):
            return "quiet-hours"
        last = self._last.get((told.notice.zone, channel))
        if last is not None:
            last_t, last_rank, last_alert = last
            cooling = now < last_t + manners.cool_down_s
            if cooling and last_alert != told.notice.alert and told.rank <= last_rank:
                return "cool-down"
        return None

    def _needs_approval(self, told: _Told, channel: str, now: float) -> bool:
        zone = self._zones.get(told.notice.zone)
        asked = None if zone is None else zone.approval
        if asked is None or told.approved or channel not in asked.channels:
            return False
        if told.notice.level not in asked.levels:
            return False
        if asked.wait_s is not None and now >= told.risen_t + asked.wait_s:
            return False
        eta_s = told.notice.eta_s
        if eta_s is None or asked.release_eta_s is None:
            return True
        return eta_s[1] - (now - told.notice.t) > asked.release_eta_s


def _covers(pause: Pause, notice: Alert, channel: str) -> bool:
    if notice.level == "alarm" and not pause.alarms:
        return False
    return pause.zone in (None, notice.zone) and pause.channel in (None, channel)


def _order(channel: str, notice: Alert, now: float) -> Order:
    return Order(channel, notice.alert, notice.sequence, round(now, 3))
