"""The sound of a scene at every microphone, second by second: who sounds, who listens, what blows.

Nothing is made before it is asked for, and little is kept: a night of sound costs no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from tocsin.simulate.air import MILD, Air
from tocsin.simulate.ambience import CALM, Noise, Weather, gusts
from tocsin.simulate.flight import F64, Flight
from tocsin.simulate.microphones import CHEAP, Microphone, wav
from tocsin.simulate.passage import F32, KNOT, RATE_HZ, Passage, Path, Voice, left_at
from tocsin.words import Frame

FAINTEST_DB = 20.0
"""A sound that arrives softer is left out: 16 dB below the quietest night and 10 dB below what a
cheap microphone hears of itself."""
_LOUDNESS_HZ = 500.0
_ASIDE_DEG = 30.0
_KNOTS = RATE_HZ // KNOT


@dataclass(frozen=True, eq=False)
class Sounding:
    """Something that sounds: its voice, its way, and its level at 1 m in dB SPL."""

    id: str
    voice: Voice
    path: Path
    source_db: float
    from_s: float = -1e9
    to_s: float = 1e9


@dataclass(frozen=True, eq=False)
class Listening:
    """One sensor: where its microphones are (n, 3), and when its second begins (`phase_s`)."""

    id: str
    places: F64
    phase_s: float = 0.0
    microphone: Microphone = CHEAP
    silent: tuple[tuple[float, float], ...] = ()

    @property
    def middle(self) -> F64:
        """Its place."""
        return np.asarray(self.places.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Block:
    """A second of one sensor: samples (microphones, RATE_HZ) of full scale 1, from `t` on."""

    sensor: str
    t: float
    samples: F32


@dataclass(frozen=True, eq=False)
class Soundscape:
    """Everything that sounds in a scene of `duration_s`, and everybody who listens."""

    seed: int
    duration_s: float
    soundings: tuple[Sounding, ...]
    listening: tuple[Listening, ...]
    air: Air = MILD
    weather: Weather = CALM

    def blocks(self) -> Iterator[Block]:
        """Every sensor's seconds in the order in which they are over."""
        wind = gusts(_stream(self.seed, 0), self.duration_s + 2.0)
        rigs = [
            _Rig(self, one, wind, _stream(self.seed, 1 + k)) for k, one in enumerate(self.listening)
        ]
        rigs.sort(key=lambda rig: rig.listening.phase_s)
        for second in range(int(self.duration_s)):
            for rig in rigs:
                block = rig.next(second)
                if block is not None and block.t + 1.0 <= self.duration_s:
                    yield block

    def frames(self, t0: float) -> Iterator[Frame]:
        """The same as frames of link "sound", one a second and sensor; a block is over a second
        after its time."""
        for block in self.blocks():
            t = round(t0 + block.t, 3)
            yield Frame(wav(block.samples), block.sensor, t, "sound", f"{block.sensor} at {t}")

    def level_db(self, sounding: Sounding, place: F64, t_s: float) -> float:
        """Roughly how loud it arrives at a place: spreading, and absorption at 500 Hz."""
        if not sounding.from_s <= t_s <= sounding.to_s:
            return -np.inf
        where = sounding.path(np.array([t_s]))[0]
        distance = np.sqrt(((where - place) ** 2).sum())
        return float(self.air.level_db(sounding.source_db, distance, _LOUDNESS_HZ))

    def behind(self, sensor: str, t_s: float, azimuth_deg: float | None) -> str | None:
        """What a statement is about: the loudest source at the sensor a little before `t_s`, if
        it lies where the statement points (within 30 degrees); None if nothing does."""
        place = next(one.middle for one in self.listening if one.id == sensor)
        now = np.array([t_s])
        loud: list[tuple[float, str]] = []
        for sounding in self.soundings:
            left = left_at(sounding.path, place[None], now, self.air.sound_mps).item()
            east, north, _ = sounding.path(np.array([left]))[0] - place
            aside = (np.degrees(np.arctan2(east, north)) - (azimuth_deg or 0.0) + 180.0) % 360.0
            if azimuth_deg is None or abs(aside - 180.0) <= _ASIDE_DEG:
                loud.append((self.level_db(sounding, place, left), sounding.id))
        level, name = max(loud, default=(-np.inf, None))
        return name if level >= FAINTEST_DB else None


@dataclass(eq=False)
class _Rig:
    """One sensor at work."""

    scape: Soundscape
    listening: Listening
    wind: F64
    rng: np.random.Generator
    noise: Noise = field(init=False)
    passages: dict[str, Passage] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # a gust needs its time from mast to mast: here each has its own moment of the same wind
        late = int(self.rng.integers(0, 8))
        self.noise = Noise(
            self.rng,
            self.listening.places,
            self.scape.weather,
            self.wind[late:],
            self_db=self.listening.microphone.self_db,
            sound_mps=self.scape.air.sound_mps,
        )

    def next(self, second: int) -> Block | None:
        """Its next second; None while it is out of order."""
        one = self.listening
        begin = second + one.phase_s
        heard = self.noise.next()
        if any(a <= begin + 0.5 < b for a, b in one.silent):
            self.passages.clear()
            return None
        knots: F64 = begin + np.arange(_KNOTS + 1, dtype=np.float64) * (KNOT / RATE_HZ)
        for sounding in self.scape.soundings:
            if self.scape.level_db(sounding, one.middle, begin) >= FAINTEST_DB:
                heard += self._passage(sounding).hear(knots)
            else:
                self.passages.pop(sounding.id, None)
        return Block(one.id, begin, one.microphone.samples(heard))

    def _passage(self, sounding: Sounding) -> Passage:
        found = self.passages.get(sounding.id)
        if found is None:
            found = self.passages[sounding.id] = Passage(
                sounding.voice,
                sounding.path,
                self.listening.places,
                self.scape.air,
                20e-6 * 10.0 ** (sounding.source_db / 20.0),
            )
        return found


def flown(flight: Flight) -> Path:
    """The way of a flight; before and after its time it stands where it began and ended."""

    def path(t: F64) -> F64:
        return flight.at(t)[0]

    return path


def standing(place: ArrayLike) -> Path:
    """The way of what stands still."""
    where = np.asarray(place, dtype=np.float64)

    def path(t: F64) -> F64:
        return np.broadcast_to(where, (*np.shape(t), 3))

    return path


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 7_000 + number])))
