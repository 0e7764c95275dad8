"""The shapes of the doors. A room depends on these, never on the one who stands behind them.

Built-in decoders, formats and channels register by the same entry points as outsiders':
`tocsin.decoders` (a `Decoder` factory without arguments; with a `Settings` struct on it, it takes
one, filled from `[decoder.NAME]`), `tocsin.formats` (a `Format`) and `tocsin.channels` (a factory
taking the channel's own table of `tocsin.toml`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from tocsin.words import (
    Alert,
    Detection,
    Envelope,
    Frame,
    HeardWindow,
    Link,
    PeerHealth,
    Receipt,
    SelfTest,
    Sensor,
    SensorHealth,
    SourceHealth,
    Topic,
    Track,
    Wording,
    Zone,
)


class Clock(Protocol):
    """Tells the time, and waits. Live it is the machine's, in replay the recording's."""

    def now(self) -> float:
        """Unix seconds, UTC."""
        ...

    async def sleep_until(self, t: float) -> None:
        """Return when `now()` has reached `t`."""
        ...


class Source(Protocol):
    """A live antenna, file or socket. It hears by itself, and keeps what it heard for a while."""

    name: str

    async def open(self) -> None:
        """Begin to hear. Raises SourceError for what will not mend itself, such as a taken port; a
        neighbour that is not there yet is waited for."""
        ...

    def drain(self) -> list[Frame]:
        """What came since it was last asked, in that order. Never waits."""
        ...

    def health(self) -> SourceHealth:
        """Whether it hears, and what became of what it heard."""
        ...

    async def close(self) -> None:
        """Let go of the device or socket."""
        ...


@runtime_checkable
class Decoder(Protocol):
    """Bytes to words for one protocol. May remember earlier frames; does no input or output.

    `heard` counts the messages of this protocol that were read, whether or not they told a
    detection; `overlooked`, by rule, unreadable parts of such messages.
    """

    name: str
    links: tuple[Link, ...]
    heard: int
    overlooked: Counter[str]

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The detections in one frame, none if it carries none.

        Raises DecodeError for a frame of this protocol that is broken.
        """
        ...


@runtime_checkable
class Listener(Protocol):
    """A decoder that tells, beside its detections, what it made of every window of sound: screens
    show it, and a microphone that is deaf is told from one that hears nothing."""

    def heard_windows(self) -> list[HeardWindow]:
        """The windows since it was last asked, in any order. Bounded: the oldest are let go."""
        ...


@runtime_checkable
class Tester(Protocol):
    """A decoder whose sensors try themselves and say so."""

    def self_tests(self) -> list[SelfTest]:
        """The results since it was last asked."""
        ...


class Splitter(Protocol):
    """Cuts a stream of bytes (TCP, serial) into messages; keeps what is unfinished, bounded."""

    dropped: int
    """Bytes given up: no message could begin or end in them."""

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        ...


@runtime_checkable
class Format(Protocol):
    """How the messages of one link lie in a file, in a datagram and in a stream."""

    name: str
    link: Link

    def sniff(self, start: bytes) -> bool:
        """Whether a file that starts like this (up to 4,096 bytes) is one of ours."""
        ...

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """The messages of a file in its order. `start`, Unix seconds, is when the recording began,
        for files that tell no time. Raises FormatError after what stands before the fault."""
        ...

    def datagram(self, data: bytes) -> list[bytes]:
        """The messages in one datagram."""
        ...

    def splitter(self) -> Splitter | None:
        """For streams of this link; None where it has none."""
        ...


class Channel(Protocol):
    """A way to tell people. Never raises for a failed delivery: the receipt says so."""

    name: str

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Tell; `texts` maps language to words, in the zone's order, and is never empty: with the
        language `und` (undetermined) where no catalogue could be read, for which no voice is
        needed, only the sound."""
        ...

    async def self_test(self) -> Receipt:
        """Prove that it works without alarming anybody."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Resuming(Protocol):
    """A channel that can find out what it did before Tocsin was killed, and carry it on."""

    async def resume(self, alert: Alert, began_t: float, *, told: bool) -> Receipt | None:
        """Called before anything else is delivered, for a statement begun at `began_t`.

        `told`: its receipt had come; what still sounds must end in time. Otherwise it is in doubt:
        a receipt says that it had been told, None that it had not, or that nobody can know, and
        it is delivered again.
        """
        ...


@runtime_checkable
class Showing(Protocol):
    """A channel that shows the site itself, as well as its alerts."""

    def introduce(self, site: str, zones: Sequence[Zone], sensors: Sequence[Sensor]) -> None:
        """The site's name and what it is made of; called once, in the running loop, before
        anything else."""
        ...

    def tell_health(self, health: Sequence[SensorHealth]) -> None:
        """How the sensors are now. Returns at once."""
        ...


class Store(Protocol):
    """Memory that only grows. An `append` that returned is on disk."""

    def append(self, t: float, entries: Iterable[tuple[Topic, bytes]]) -> int:
        """Write all or nothing; the last sequence number. Raises JournalFull, JournalError."""
        ...

    def read(self, after: int = 0, topics: Sequence[Topic] = ()) -> Iterable[Envelope]:
        """Envelopes with `seq` > `after`, in order."""
        ...

    def verify(self) -> int:
        """The number of records in an unbroken chain. Raises ChainBroken."""
        ...

    def close(self) -> None:
        """Flush and let go."""
        ...


class Peer(Protocol):
    """A neighbour to whom news is handed on: a TAK server, the fusion node above us."""

    name: str

    def tell(self, now: float, tracks: Sequence[Track], alerts: Sequence[Alert]) -> None:
        """What changed. Returns at once: the road never waits for a neighbour."""
        ...

    async def run(self) -> None:
        """Connect, hand on, and connect again, until cancelled."""
        ...

    def health(self) -> PeerHealth:
        """Whether it is there, and what it was handed."""
        ...
