"""Many drones over one zone are one alert to people: "12 drones", and one all-clear.

Every track keeps its own alert in the record (`judge`); `Groups.gather` makes of them the
statements that people are told. A lone track's statements pass unchanged. In a group people hear of
every change of the highest level, and of its number when it has grown by half since they were
last told: so that a swarm does not ring at each of its members, and growth is never hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from tocsin.words import LEVEL_ORDER, Alert, Level

_GROWTH = 1.5


@dataclass
class _Group:
    """The open alert of one zone: `members` are the standing statements of its tracks."""

    alert: str
    first_t: float | None
    level: Level
    sequence: int = 0
    told_count: int = 0
    rang: bool = False
    seen: bool = False  # a member really left or ended: not all of it was a mistake
    members: dict[str, Alert] = field(default_factory=dict)


class Groups:
    """One group a zone. Times are those of the statements."""

    def __init__(self) -> None:
        self._open: dict[str, _Group] = {}

    def gather(self, alerts: Iterable[Alert]) -> list[Alert]:
        """What people are told of these statements, in order."""
        told = []
        for alert in alerts:
            said = self._end(alert) if alert.level == "all-clear" else self._take(alert)
            if said is not None:
                told.append(said)
        return told

    @property
    def zones(self) -> tuple[str, ...]:
        """Where an alert stands."""
        return tuple(self._open)

    def members(self, alert: str) -> tuple[str, ...]:
        """The tracks' alerts in the alert of that name, or in which that one is."""
        for group in self._open.values():
            if alert == group.alert or alert in group.members:
                return tuple(group.members)
        return (alert,)

    def name_of(self, alert: str) -> str:
        """The alert as people are told it, of a track's alert; itself where it is in no group."""
        return next((g.alert for g in self._open.values() if alert in g.members), alert)

    def reopen(self, told: Iterable[Alert], standing: Sequence[Alert]) -> None:
        """Go on after a restart: `told` are the last statements of groups without an all-clear,
        `standing` those of the tracks in them."""
        for said in told:
            if said.drill:
                continue
            members = {one.alert: one for one in standing if one.zone == said.zone}
            self._open[said.zone] = _Group(
                said.alert, said.first_t, said.level, said.sequence, said.count, said.public,
                members=members or {said.alert: said},
            )  # fmt: skip

    def _take(self, alert: Alert) -> Alert | None:
        group = self._open.get(alert.zone)
        if group is None:
            group = self._open[alert.zone] = _Group(alert.alert, alert.first_t, alert.level)
        group.members[alert.alert] = alert
        alone = len(group.members) == 1 and group.told_count <= 1
        return self._speak(group, alert, alert.kind) if alone else self._tell_change(group, alert)

    def _end(self, alert: Alert) -> Alert | None:
        group = self._open.get(alert.zone)
        if group is None or group.members.pop(alert.alert, None) is None:
            return alert
        group.seen = group.seen or alert.kind != "cancel"
        if group.members:
            return self._tell_change(group, alert)
        del self._open[alert.zone]
        group.level = "all-clear"
        return _statement(group, alert, alert, "update" if group.seen else "cancel", count=1)

    def _tell_change(self, group: _Group, cause: Alert) -> Alert | None:
        """A statement if the highest level has changed or the number has grown by half. The level
        of a group that has rung stays until its all-clear, as that of a track does."""
        highest = max((one.level for one in group.members.values()), key=LEVEL_ORDER.__getitem__)
        fell = LEVEL_ORDER[highest] < LEVEL_ORDER[group.level]
        grew = len(group.members) >= _GROWTH * group.told_count
        if (highest == group.level or (fell and group.rang)) and not grew:
            return None
        return self._speak(group, cause, "update")

    def _speak(self, group: _Group, cause: Alert, kind: str) -> Alert:
        urgent = min(group.members.values(), key=lambda one: _urgency(one, cause.t))
        if not (group.rang and LEVEL_ORDER[urgent.level] < LEVEL_ORDER[group.level]):
            group.level = urgent.level
        group.told_count = len(group.members)
        first = group.sequence == 0 and kind == "new"
        return _statement(
            group, urgent, cause, "new" if first else "update", count=len(group.members)
        )


def _statement(group: _Group, urgent: Alert, cause: Alert, kind: str, *, count: int) -> Alert:
    group.sequence += 1
    group.rang = group.rang or urgent.public
    return replace(
        urgent,
        t=cause.t,
        alert=group.alert,
        kind=kind,
        level=group.level,
        sequence=group.sequence,
        first_t=group.first_t,
        eta_s=_eta(urgent, cause.t),
        public=group.rang,
        count=count,
    )


def _urgency(alert: Alert, now: float) -> tuple[int, float, str]:
    eta_s = _eta(alert, now)
    return -LEVEL_ORDER[alert.level], float("inf") if eta_s is None else eta_s[1], alert.alert


def _eta(alert: Alert, now: float) -> tuple[float, float, float] | None:
    """Of a statement made a while ago, the time that is left."""
    if alert.eta_s is None or now <= alert.t:
        return alert.eta_s
    low, likely, high = (round(max(s - (now - alert.t), 0.0), 1) for s in alert.eta_s)
    return low, likely, high
