"""What the screens see now, and the one place that tells them of a change.

The pipeline calls `tell_*` from the event loop; each call becomes one numbered envelope on the
stream, whose body is a list of shown words. Ended tracks stay for a while, so that people see that
they ended. Exact sensor sites never enter an envelope or a snapshot.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec

from tocsin.encode.cap_book import CapMessage
from tocsin.serve.authority import ShownAuthority
from tocsin.serve.hearing import Heard, LastMinute, heard_now
from tocsin.serve.shown import (
    Acknowledgement,
    AlertFolder,
    ClockState,
    Mode,
    ShownAssessment,
    ShownNote,
    ShownTrack,
    Site,
    SiteView,
    Snapshot,
    place_of,
    show_alert,
    show_assessment,
    show_note,
    show_track,
)
from tocsin.serve.stream import Stream, sse_frame
from tocsin.words import (
    Alert,
    Assessment,
    Envelope,
    HeardWindow,
    Reason,
    Receipt,
    SensorHealth,
    SourceHealth,
    Topic,
    Track,
)

ENDED_KEEP_S = 10.0
STALE_KEEP_S = 120.0
"""A track of which nothing was heard for so long is dropped even if nobody said that it ended."""

TAIL_POINTS = 90
TAIL_STEP_S = 1.0
KEPT_ALERTS = 500
KEPT_NOTES = 100
KEPT_RECEIPTS = 500
MESSAGE_KEEP_S = 86_400.0

NOT_THERE = "no such message stands"
"""Why a warning of others cannot be handed on: it is not there, or not any more."""

TROUBLES = frozenset({"journal-full", "journal-broken", "cap-unsigned"})
ENDS = {
    "journal-works": frozenset({"journal-full", "journal-broken"}),
    "cap-signed": frozenset({"cap-unsigned"}),
}
"""Notes that make the house degraded, and those that say it is over."""

_encode = msgspec.json.Encoder().encode


def _ignore_acknowledgement(alert: str, who: str, t: float) -> None:
    """Where nobody has asked to be told."""


async def _no_authorities(_shown: str, _who: str) -> str | None:
    """Where there is nobody whose warnings could be handed on."""
    return NOT_THERE


class Hub:
    """The screens' picture of a site. Not thread-safe: it belongs to the event loop."""

    def __init__(
        self,
        site: SiteView,
        *,
        mode: Mode = "live",
        speed: float = 1.0,
        on_acknowledge: Callable[[str, str, float], None] = _ignore_acknowledgement,
        on_relay: Callable[[str, str], Awaitable[str | None]] = _no_authorities,
    ) -> None:
        self.site = site
        self.on_relay = on_relay
        self.on_acknowledge = on_acknowledge
        self.clock = ClockState(0.0, speed, mode)
        self.stream = Stream(secrets.token_hex(4))
        self._zones = {zone.id: zone for zone in site.zones}
        self.tracks: dict[str, ShownTrack] = {}
        self._tails: dict[str, deque[tuple[float, float]]] = {}
        self._tail_t: dict[str, float] = {}
        self.standings: dict[tuple[str, str], ShownAssessment] = {}
        self.alerts: dict[str, AlertFolder] = {}
        self.caps: dict[tuple[str, int], bytes] = {}
        self.messages: dict[str, CapMessage] = {}
        self.health: dict[str, SensorHealth] = {}
        self.sources: dict[str, SourceHealth] = {}
        self._minute = LastMinute({sensor.id for sensor in site.sensors})
        self.authorities: tuple[ShownAuthority, ...] = ()
        self._receipts: deque[Receipt] = deque(maxlen=KEPT_RECEIPTS)
        self._notes: deque[ShownNote] = deque(maxlen=KEPT_NOTES)
        self.troubles: set[str] = set()

    def tell_tracks(self, t: float, tracks: Sequence[Track]) -> None:
        """Tracks that changed. Call it every tick, also with none: it keeps the clock."""
        self._keep_time(t)
        shown = [show_track(track) for track in tracks]
        for track in shown:
            self.tracks[track.track] = track
            self._lengthen_tail(track)
            for witness in track.witnesses:
                self.tell_data(witness.t)
        self._forget_tracks(t)
        if shown:
            self._publish(t, "track", shown)

    def tell_standings(self, t: float, standings: Sequence[Assessment]) -> None:
        """How tracks stand to zones, as the watch judged them at this tick."""
        self._keep_time(t)
        shown = [show_assessment(one) for one in standings]
        self.standings.update({(one.track, one.zone): one for one in shown})
        if shown:
            self._publish(t, "assessment", shown)

    def tell_alerts(self, t: float, alerts: Sequence[Alert]) -> None:
        """New statements of alerts."""
        self._keep_time(t)
        shown = [show_alert(alert, self._zones.get(alert.zone)) for alert in alerts]
        for alert in shown:
            folder = self.alerts.get(alert.alert, AlertFolder(alert.alert, ()))
            self.alerts[alert.alert] = msgspec.structs.replace(
                folder, statements=(*folder.statements, alert)
            )
        self._forget_alerts()
        if shown:
            self._publish(t, "alert", shown)

    def tell_cap(
        self, alert: str, sequence: int, xml: bytes, message: CapMessage | None = None
    ) -> None:
        """Keep a statement's CAP bytes for its link; with `message` it stands in the feed too."""
        self.caps[alert, sequence] = xml
        former = self.messages.get(alert)
        if message is not None and (former is None or former.sent_t <= message.sent_t):
            self.messages[alert] = message
            self._forget_messages()

    def tell_receipt(self, receipt: Receipt) -> None:
        """A channel says what became of a statement."""
        self._receipts.append(receipt)
        self._publish(receipt.t_done or receipt.t_sent, "receipt", [receipt])

    def tell_health(self, health: Sequence[SensorHealth]) -> None:
        """How the sensors are."""
        changed = [one for one in health if self.health.get(one.sensor) != one]
        self.health.update({one.sensor: one for one in health})
        heard = [one.last_data_t for one in health if one.last_data_t is not None]
        if heard:
            self.tell_data(max(heard))
        if changed:
            self._publish(self.clock.t, "health", changed)

    def tell_sources(self, sources: Sequence[SourceHealth]) -> None:
        """How the doors are."""
        changed = [one for one in sources if self.sources.get(one.source) != one]
        self.sources.update({one.source: one for one in sources})
        if changed:
            self._publish(self.clock.t, "source", changed)

    def tell_hearing(self, windows: Sequence[HeardWindow]) -> None:
        """What microphones made of their sound: kept for a minute, told to whoever looks at one."""
        for sensor, kept in self._minute.note(windows).items():
            if self.stream.wanted(sensor):
                self.stream.tell_aside(sensor, "hearing", _encode(heard_now(sensor, kept)))

    def heard(self, sensor: str) -> Heard | None:
        """The last minute at a sensor; None if the site has no such sensor."""
        return self._minute.heard(sensor) if self._minute.knows(sensor) else None

    def tell_authorities(self, t: float, authorities: Sequence[ShownAuthority]) -> None:
        """Which warnings of others stand: all of them, each time that one changes."""
        self.authorities = tuple(authorities)
        self._publish(t, "authority", authorities)

    def tell_data(self, t: float) -> None:
        """A sensor said something at `t`: the screens' proof of life."""
        if self.clock.last_data_t is None or t > self.clock.last_data_t:
            self.clock = msgspec.structs.replace(self.clock, last_data_t=t)

    def tell_note(self, t: float, reason: Reason) -> None:
        """Something about the house itself, such as a full disk."""
        note = show_note(t, reason)
        self._notes.append(note)
        self.troubles -= ENDS.get(reason.code, frozenset())
        if reason.code in TROUBLES:
            self.troubles.add(reason.code)
        self._publish(t, "note", [note])

    def set_speed(self, speed: float) -> None:
        """The stage or the replay runs faster or slower from now on."""
        self.clock = msgspec.structs.replace(self.clock, speed=speed)

    def acknowledge(self, alert: str, who: str) -> Acknowledgement | None:
        """Somebody has seen the alert's latest statement. None if there is no such alert."""
        folder = self.alerts.get(alert)
        if folder is None:
            return None
        seen = Acknowledgement(alert, folder.statements[-1].sequence, who, self.clock.t)
        self.alerts[alert] = msgspec.structs.replace(
            folder, acknowledged=(*folder.acknowledged, seen)
        )
        self.on_acknowledge(alert, who, seen.t)
        values: dict[str, str | float | int] = {
            "who": who,
            "alert": alert,
            "sequence": seen.sequence,
        }
        self.tell_note(seen.t, Reason("acknowledged", values))
        return seen

    def snapshot(self) -> Snapshot:
        """Everything, for a screen that comes new."""
        site = self.site
        shown = Site(site.name, site.languages, site.zones, site.friends, site.borders)
        return Snapshot(
            boot=self.stream.boot,
            seq=self.stream.seq,
            clock=self.clock,
            site=shown,
            tracks=tuple(self.tracks.values()),
            tails={name: tuple(tail) for name, tail in self._tails.items()},
            standings=tuple(self.standings.values()),
            alerts=tuple(self.alerts.values()),
            health=tuple(self.health.values()),
            sources=tuple(self.sources.values()),
            receipts=tuple(self._receipts),
            notes=tuple(self._notes),
            authorities=self.authorities,
        )

    def feed(self) -> list[CapMessage]:
        """The latest CAP message of every alert that has not expired, newest first."""
        standing = [m for m in self.messages.values() if m.expires_t > self.clock.t]
        return sorted(standing, key=lambda m: (-m.sent_t, m.identifier))

    def follow(self, last_event_id: str | None, hearing: str | None = None) -> AsyncIterator[bytes]:
        """The stream for one screen, as server-sent events; with what one sensor is `hearing`,
        if it asked for that."""
        heard = None if hearing is None else self.heard(hearing)
        return self.stream.follow(
            last_event_id,
            lambda: _encode(self.snapshot()),
            lambda: _encode(self.clock),
            aside=hearing,
            before=lambda: b"" if heard is None else sse_frame("hearing", _encode(heard)),
        )

    def close(self) -> None:
        """Let every screen go."""
        self.stream.close()

    def _publish(self, t: float, topic: Topic, body: Sequence[object]) -> None:
        raw = msgspec.Raw(_encode(body))
        self.stream.publish(topic, lambda seq: _encode(Envelope(seq, t, topic, raw)))

    def _keep_time(self, t: float) -> None:
        if t > self.clock.t:
            self.clock = msgspec.structs.replace(self.clock, t=t)

    def _lengthen_tail(self, track: ShownTrack) -> None:
        if track.t - self._tail_t.get(track.track, float("-inf")) >= TAIL_STEP_S:
            tail = self._tails.setdefault(track.track, deque(maxlen=TAIL_POINTS))
            tail.append(place_of(track))
            self._tail_t[track.track] = track.t

    def _forget_tracks(self, t: float) -> None:
        gone = [
            name
            for name, track in self.tracks.items()
            if t - track.t > (ENDED_KEEP_S if track.status == "ended" else STALE_KEEP_S)
        ]
        for name in gone:
            del self.tracks[name]
            self._tails.pop(name, None)
            self._tail_t.pop(name, None)
        if gone:
            known = self.tracks.keys()
            self.standings = {key: s for key, s in self.standings.items() if key[0] in known}

    def _forget_messages(self) -> None:
        """Those that ended long ago, of alerts that no screen shows any more."""
        ended_t = self.clock.t - MESSAGE_KEEP_S
        for name, message in list(self.messages.items()):
            if message.expires_t < ended_t and name not in self.alerts:
                del self.messages[name]
                self.caps = {key: xml for key, xml in self.caps.items() if key[0] != name}

    def _forget_alerts(self) -> None:
        """Oldest finished alerts go first; an open one is never forgotten."""
        spare = len(self.alerts) - KEPT_ALERTS
        if spare <= 0:
            return
        finished = [name for name, folder in self.alerts.items() if not is_open(folder)]
        for name in finished[:spare]:
            for statement in self.alerts.pop(name).statements:
                self.caps.pop((name, statement.sequence), None)
            self.messages.pop(name, None)


def is_open(folder: AlertFolder) -> bool:
    """Whether the alert's last word was neither all-clear nor withdrawn."""
    last = folder.statements[-1]
    return last.level != "all-clear" and last.kind != "cancel"
