"""What is said to TAK: to a server over a connection, or to everyone on the wire in datagrams.

Standard   Cursor on Target 2.0; TAK's protocol.txt: a connection begins in XML; where the server
           offers version 1 and we are to use it, we ask, fall silent, and change when it agrees
Repeats    every 20 s: a ping (t-x-c-t), each alert that stands, each that was withdrawn within the
           last minute; every 5 min, twice, and first of all: who we are, and the zones
Silence    a server that has answered pings and then says nothing for 60 s is given up
Pure       bytes in, bytes out: the doors of `share` carry them
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

import msgspec

from tocsin.decode.cot import CotSplitter, parse, read_cot
from tocsin.decode.tak import TakSplitter, read_tak
from tocsin.encode.cot import cot_xml
from tocsin.encode.cot_news import (
    Speaker,
    alert_event,
    gone_event,
    ping_event,
    presence_event,
    protocol_request,
    stands,
    track_event,
    zone_event,
)
from tocsin.encode.tak import tak_control, tak_event, tak_mesh, tak_stream
from tocsin.errors import DecodeError, Refused
from tocsin.words import Alert, Track, Zone
from tocsin.words.cot import CotEvent

Wire = Literal["xml", "tak1"]
_Kept = TypeVar("_Kept")

MOST_ALERTS = 200
MOST_TRACKS = 10_000
_EVERY_S = 20.0
"""TAK clients ping every 15 to 30 s; servers drop who is silent for longer."""
_ZONES_EVERY = 15
_ZONES_TIMES = 2
_WITHDRAWN_TIMES = 3
_AGREES_WITHIN_S = 60.0
_SILENT_S = 60.0

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(CotEvent).decode


class _Told:
    """Which tracks are on the neighbour's screens, and which alerts stand there."""

    def __init__(self, speaker: Speaker, zones: Sequence[Zone]) -> None:
        self._speaker = speaker
        self._zones = {zone.id: zone for zone in zones}
        self._tracks: OrderedDict[str, None] = OrderedDict()
        self._standing: OrderedDict[str, Alert] = OrderedDict()
        self._withdrawn: OrderedDict[str, tuple[Alert, int]] = OrderedDict()
        self._of_track: OrderedDict[str, Alert] = OrderedDict()

    def events(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Iterable[tuple[str, CotEvent]]:
        """(what it is about, event)."""
        for alert in alerts:
            if self._note(alert):
                yield f"alert {alert.alert}", self._alert(alert, now)
        for track in tracks:
            event = self._track(track, now)
            if event is not None:
                yield f"track {track.track}", event

    def again(self, now: float) -> Iterable[CotEvent]:
        """Alerts that stand, and those that stood a moment ago."""
        for alert in self._standing.values():
            yield self._alert(alert, now)
        for key, (alert, times) in list(self._withdrawn.items()):
            yield self._alert(alert, now)
            if times > 1:
                self._withdrawn[key] = (alert, times - 1)
            else:
                del self._withdrawn[key]

    def zones(self, now: float) -> Iterable[CotEvent]:
        """All of them."""
        return (zone_event(self._speaker, zone, now) for zone in self._zones.values())

    def _alert(self, alert: Alert, now: float) -> CotEvent:
        return alert_event(self._speaker, alert, self._zones.get(alert.zone), now)

    def _note(self, alert: Alert) -> bool:
        """Remember an alert; whether it concerns the neighbour."""
        over = alert.kind == "cancel" or alert.level == "all-clear"
        self._of_track.pop(alert.track, None)
        if not over:
            _remember(self._of_track, alert.track, alert, MOST_TRACKS)
        if stands(alert):
            self._withdrawn.pop(alert.alert, None)
            _remember(self._standing, alert.alert, alert, MOST_ALERTS)
            return True
        if self._standing.pop(alert.alert, None) is None:
            return False
        _remember(self._withdrawn, alert.alert, (alert, _WITHDRAWN_TIMES - 1), MOST_ALERTS)
        return True

    def _track(self, track: Track, now: float) -> CotEvent | None:
        if track.status == "tentative":
            return None
        event = None
        if track.status != "ended":
            event = track_event(self._speaker, track, self._of_track.get(track.track))
        if event is not None:
            _remember(self._tracks, track.track, None, MOST_TRACKS)
            return event
        self._of_track.pop(track.track, None)
        if track.track not in self._tracks:
            return None
        del self._tracks[track.track]
        return gone_event(self._speaker, track.track, now)


class CotWire:
    """Everyone on the wire: each event in one datagram, XML or TAK protocol version 1."""

    every_s = _EVERY_S

    def __init__(self, speaker: Speaker, zones: Sequence[Zone], wire: Wire = "xml") -> None:
        self._speaker, self._wire = speaker, wire
        self._told = _Told(speaker, zones)
        self._pulses = 0

    def hello(self, now: float) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing: there are no connections."""
        return ()

    def admitted(self) -> bool:
        """Nobody needs to let us in."""
        return True

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        """What changed."""
        told = self._told.events(now, tracks, alerts)
        return [(key, self._worded(event)) for key, event in told]

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:  # noqa: ARG002
        """Nothing is heard here: what people report comes in by a source."""
        return ()

    def pulse(self, now: float) -> Sequence[bytes]:
        """Alerts that stand; now and then the zones; and, in version 1, which versions we speak."""
        said = [self._worded(event) for event in self._told.again(now)]
        if self._pulses % _ZONES_EVERY < _ZONES_TIMES:
            said += [self._worded(event) for event in self._told.zones(now)]
        if self._wire == "tak1":
            said.append(tak_mesh(tak_control(self._speaker.uid)))
        self._pulses += 1
        return said

    def _worded(self, event: CotEvent) -> bytes:
        return tak_mesh(tak_event(event)) if self._wire == "tak1" else cot_xml(event)


class CotServer:
    """A TAK server at the end of a connection. News wait as events and are put into words only
    when they leave, for only then is it known which protocol this connection speaks."""

    every_s = _EVERY_S

    def __init__(
        self,
        speaker: Speaker,
        zones: Sequence[Zone],
        now: Callable[[], float],
        wire: Wire = "xml",
    ) -> None:
        self._speaker, self._wire, self._now = speaker, wire, now
        self._told = _Told(speaker, zones)
        self.refused: Counter[str] = Counter()
        """What the server said that could not be read, by rule."""
        self._begin(0.0)

    def _begin(self, now: float) -> None:
        self._splitter: CotSplitter | TakSplitter = CotSplitter()
        self._speaks: Wire = "xml"
        self._asked_t: float | None = None
        self._heard_t = now
        self._answers_pings = False
        self._pulses = 0

    def hello(self, now: float) -> Sequence[bytes]:
        """Who we are, and nothing with it: FreeTAKServer keeps only the first event of the first
        bytes. The rest comes with the first two pulses, of which the first follows at once."""
        self._begin(now)
        return (cot_xml(presence_event(self._speaker, now)),)

    def admitted(self) -> bool:
        """Not while it has been asked to change the protocol and has not answered. Raises Refused
        where it never does: then nobody knows which is spoken (protocol.txt, step 6)."""
        if self._asked_t is None:
            return True
        if self._now() - self._asked_t > _AGREES_WITHIN_S:
            raise Refused("protocol", "the server offered TAK protocol 1 and then said no more")
        return False

    def news(
        self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]
    ) -> Sequence[tuple[str, bytes]]:
        """What changed, not yet in words: see `worded`."""
        return [(key, _pack(event)) for key, event in self._told.events(now, tracks, alerts)]

    def worded(self, message: bytes) -> bytes:
        """One of the `news` as this connection speaks."""
        return self._word(_unpack(message))

    def pulse(self, now: float) -> Sequence[bytes]:
        """Are you there; alerts that stand; now and then who we are and the zones."""
        if self._answers_pings and now - self._heard_t > _SILENT_S:
            raise Refused("silence", f"nothing heard for {now - self._heard_t:.0f} s")
        events = [ping_event(self._speaker, now), *self._told.again(now)]
        if self._pulses % _ZONES_EVERY < _ZONES_TIMES:
            events += [presence_event(self._speaker, now), *self._told.zones(now)]
        self._pulses += 1
        return [self._word(event) for event in events]

    def answer(self, data: bytes, now: float) -> Sequence[bytes]:
        """Only the server's own small talk concerns us; what people report comes by a source."""
        self._heard_t = now
        answers: list[bytes] = []
        for message in self._splitter.feed(data):
            answers += self._hear(message, now)
        if self._speaks == "tak1" and isinstance(self._splitter, CotSplitter):
            rest, self._splitter = self._splitter.waiting, TakSplitter()
            for message in self._splitter.feed(rest):
                answers += self._hear(message, now)
        return answers

    def _hear(self, message: bytes, now: float) -> Sequence[bytes]:
        try:
            event = read_tak(message) if self._speaks == "tak1" else read_cot(message)
        except DecodeError as error:
            self.refused[error.rule] += 1
            return ()
        if event is None:
            return ()
        if event.type == "t-x-c-t-r":
            self._answers_pings = True
        elif event.type == "t-x-takp-v" and self._offers_version_1(event):
            self._asked_t = now
            return (cot_xml(protocol_request(event.uid, now)),)
        elif event.type == "t-x-takp-r" and self._asked_t is not None:
            self._asked_t = None
            if _said(event, "TakResponse", "status") == ["true"]:
                self._speaks = "tak1"
        return ()

    def _offers_version_1(self, event: CotEvent) -> bool:
        wanted = self._wire == "tak1" and self._speaks == "xml" and self._asked_t is None
        return wanted and "1" in _said(event, "TakProtocolSupport", "version")

    def _word(self, event: CotEvent) -> bytes:
        return tak_stream(tak_event(event)) if self._speaks == "tak1" else cot_xml(event)


def _said(event: CotEvent, tag: str, name: str) -> list[str]:
    """What the elements of this tag say in one attribute, anywhere in the detail."""
    detail = parse(f"<detail>{event.more}</detail>".encode())
    return [str(one.get(name, "")) for one in detail.iter(tag)]


def _remember(book: OrderedDict[str, _Kept], key: str, value: _Kept, most: int) -> None:
    """The newest last; the oldest goes when there are too many."""
    book.pop(key, None)
    book[key] = value
    if len(book) > most:
        book.popitem(last=False)
