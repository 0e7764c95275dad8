"""One decoder or format under fire, held to what is promised of it.

Promised: only DecodeError (FormatError of a file) comes out; every detection can be written as a
line that is read again; a stream gives the same messages however it is cut; no input takes over
50 ms of processor time; what is remembered stays bounded, so that resident memory grows by less
than 16 MiB.
"""

from __future__ import annotations

import contextlib
import os
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import process_time
from types import FrameType

from tests.fuzz.made import SETTINGS
from tests.fuzz.mutate import Mutator
from tests.fuzz.repair import REPAIRS
from tests.fuzz.seeds import T0, seeds

from tocsin.decode.ndjson import read_line, write_line
from tocsin.errors import DecodeError, FormatError, Refused
from tocsin.ports import Decoder, Format, Splitter
from tocsin.run.reading import installed_decoders
from tocsin.run.recordings import installed_formats
from tocsin.words import Detection, Frame

LONGEST_MS = 50.0
MOST_GROWTH_MIB = 16.0
_HANGS_S = 30.0
_WARM_FRAMES = 1000
_MEMORY_EVERY = 20_000
_LEARNT_KEPT = 400
_FILE_BYTES = 4096
_PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass(frozen=True)
class Fault:
    """An input that broke a promise. `what` is the same for the same fault."""

    target: str
    what: str
    link: str
    data: bytes
    detail: str = ""


@dataclass
class Outcome:
    """What became of all inputs to one target."""

    target: str
    frames: int = 0
    heard: int = 0
    detections: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    growth_mib: float = 0.0
    cpu_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)

    def blame(self, fault: Fault) -> None:
        """Keep the first input of each fault."""
        if all(fault.what != known.what for known in self.faults):
            self.faults.append(fault)


class _Stopwatch:
    """Processor time of one input; what seems slow is asked again, and the least counts."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def run(
        self, work: Callable[[], None], again: Callable[[], None], link: str, data: bytes
    ) -> None:
        start = process_time()
        signal.setitimer(signal.ITIMER_REAL, _HANGS_S)
        try:
            work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        took_ms = (process_time() - start) * 1e3
        if took_ms > self._outcome.slowest_ms and took_ms > LONGEST_MS:
            for _ in range(3):
                start = process_time()
                again()
                took_ms = min(took_ms, (process_time() - start) * 1e3)
        self._outcome.slowest_ms = max(self._outcome.slowest_ms, took_ms)
        if took_ms > LONGEST_MS:
            self._outcome.blame(
                Fault(self._outcome.target, "slow", link, data, f"{took_ms:.0f} ms")
            )


def targets() -> list[str]:
    """Every installed decoder and format that has a seed, found by entry point."""
    return [f"decoder:{one.name}" for one in installed_decoders(SETTINGS)] + [
        f"format:{one.name}" for one in installed_formats()
    ]


def try_target(target: str, frames: int, seed: int, *, shared: bool) -> Outcome:
    """Fire at least `frames` broken inputs at one target."""
    kind, _, name = target.partition(":")
    outcome = Outcome(target)
    start = process_time()
    before = signal.signal(signal.SIGALRM, _give_up)
    chance = Mutator(f"{seed} {target}")
    if kind == "decoder":
        decoder = next(one for one in installed_decoders(SETTINGS) if one.name == name)
        _try_decoder(decoder, frames, chance, outcome, shared=shared)
    else:
        form = next(one for one in installed_formats() if one.name == name)
        _try_format(form, frames, chance, outcome, shared=shared)
    signal.signal(signal.SIGALRM, before)
    outcome.cpu_s = process_time() - start
    return outcome


def _give_up(number: int, at: FrameType | None) -> None:
    raise TimeoutError(f"more than {_HANGS_S} s for one input")


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_MIB


class _Pool:
    """True frames, and some broken ones that were read all the same, which lead further."""

    def __init__(self, frames: Sequence[Frame]) -> None:
        self._true = list(frames)
        self._learnt: list[Frame] = []
        self.pieces = [frame.data for frame in frames]

    def pick(self, chance: Mutator) -> Frame:
        pool = self._learnt if self._learnt and chance.below(4) == 0 else self._true
        return pool[chance.below(len(pool))]

    def learn(self, frame: Frame, chance: Mutator) -> None:
        if len(frame.data) > _FILE_BYTES or chance.below(50):
            return
        if len(self._learnt) < _LEARNT_KEPT:
            self._learnt.append(frame)
        else:
            self._learnt[chance.below(_LEARNT_KEPT)] = frame


def _try_decoder(
    decoder: Decoder, count: int, chance: Mutator, outcome: Outcome, *, shared: bool
) -> None:
    found = seeds(shared=shared).frames
    own = _own_frames(decoder.name, shared)
    pools = [_Pool(some) for some in own.values()]
    pools += pools and [_Pool(found[link]) for link in decoder.links if link in found][:1]
    pools = pools or [_Pool(found[link]) for link in decoder.links if link in found]
    shooter = Shooter(decoder, outcome)
    base = 0.0
    for number in range(count if pools else 0):
        pool = pools[chance.below(len(pools))]
        true = pool.pick(chance)
        if chance.below(8) == 0:  # what a decoder remembers must come from somewhere
            shooter.fire(true, counted=False)
        data = chance.break_(true.data, pool.pieces)
        mend = REPAIRS.get(true.link)
        if mend is not None and chance.below(4):
            data = mend(data)
        # clocks run on, jump and run back
        t = T0 + number * 0.001 if chance.below(200) else true.t + chance.below(10**6) - 500_000
        frame = Frame(data, "s" if chance.below(8) else f"s{chance.below(10**6)}", t, true.link)
        if shooter.fire(frame):
            pool.learn(frame, chance)
        if number == _WARM_FRAMES:
            base = _resident_mib()
        elif number % _MEMORY_EVERY == 0 and number:
            outcome.growth_mib = max(outcome.growth_mib, _resident_mib() - base)
    if outcome.frames > _WARM_FRAMES:
        outcome.growth_mib = max(outcome.growth_mib, _resident_mib() - base)


def _own_frames(name: str, shared: bool) -> dict[str, list[Frame]]:
    """The seeds that this decoder reads, by link: others may share its links."""
    decoder = next(one for one in installed_decoders(SETTINGS) if one.name == name)
    own: dict[str, list[Frame]] = {}
    for link in decoder.links:
        for frame in seeds(shared=shared).frames.get(link, []):
            heard = decoder.heard
            with contextlib.suppress(DecodeError):
                decoder.decode(frame)
            if decoder.heard > heard:
                own.setdefault(link, []).append(frame)
    return own


class Shooter:
    """One decoder, its stopwatch and its judge."""

    def __init__(self, decoder: Decoder, outcome: Outcome) -> None:
        self._decoder = decoder
        self._outcome = outcome
        self._watch = _Stopwatch(outcome)

    def fire(self, frame: Frame, *, counted: bool = True) -> bool:
        """Whether the frame was read."""
        outcome, decoder = self._outcome, self._decoder
        heard = decoder.heard
        said: list[Detection] = []
        read = False

        def decode() -> None:
            nonlocal read
            try:
                said.extend(decoder.decode(frame))
                read = decoder.heard > heard
            except DecodeError as error:
                outcome.refused[error.rule if isinstance(error, Refused) else "truncated"] += 1
            except Exception as error:  # noqa: BLE001  the very thing that is looked for
                outcome.blame(fault_of(outcome.target, frame.link, frame.data, error))

        def again() -> None:
            with contextlib.suppress(DecodeError):
                decoder.decode(frame)

        self._watch.run(decode, again, frame.link, frame.data)
        if counted:
            outcome.frames += 1
            outcome.heard += decoder.heard - heard
            outcome.detections += len(said)
        for detection in said:
            self._judge(detection, frame)
        return read

    def _judge(self, detection: Detection, frame: Frame) -> None:
        outcome = self._outcome
        try:
            line = write_line(detection)
            read_line(line)
        except Refused as error:
            what = f"a detection that no line can hold: {error.rule}"
            outcome.blame(Fault(outcome.target, what, frame.link, frame.data, str(error)))
        except Exception as error:  # noqa: BLE001  the very thing that is looked for
            outcome.blame(fault_of(outcome.target, frame.link, frame.data, error))


def fault_of(target: str, link: str, data: bytes, error: Exception) -> Fault:
    """Told apart by the kind of error and the line it came from."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
    return Fault(target, what, link, data, "".join(traceback.format_exception(error)[-4:]))


def _try_format(
    form: Format, count: int, chance: Mutator, outcome: Outcome, *, shared: bool
) -> None:
    found = seeds(shared=shared)
    files = found.files.get(form.name, [])
    messages = [frame.data for frame in found.frames.get(form.link, [])]
    if not files and not messages:
        return
    splitter = form.splitter()
    watch = _Stopwatch(outcome)
    base, number = 0.0, 0
    while outcome.frames < count:
        data = chance.break_(_piece(files, messages, chance), messages or files)
        outcome.frames += 1
        try:
            _try_bytes(form, splitter, data, chance, outcome, watch)
        except FormatError:
            outcome.refused["format-error"] += 1
        except Exception as error:  # noqa: BLE001  the very thing that is looked for
            outcome.blame(fault_of(outcome.target, f"format:{form.name}", data, error))
        number += 1
        if number == _WARM_FRAMES:
            base = _resident_mib()
        elif number > _WARM_FRAMES and number % (_MEMORY_EVERY // 4) == 0:
            outcome.growth_mib = max(outcome.growth_mib, _resident_mib() - base)
    if number > _WARM_FRAMES:
        outcome.growth_mib = max(outcome.growth_mib, _resident_mib() - base)


def _piece(files: Sequence[bytes], messages: Sequence[bytes], chance: Mutator) -> bytes:
    """The start of a file, a stretch of it, or some messages one after the other."""
    kind = chance.below(4)
    if files and (kind < 3 or not messages):
        whole = files[chance.below(len(files))]
        size = min(len(whole), 64 << chance.below(7))
        at = chance.below(len(whole) - size + 1) if kind == 2 else 0
        return whole[at : at + size]
    between = b"\n" if chance.below(2) else b""
    return between.join(messages[chance.below(len(messages))] for _ in range(1 + chance.below(3)))


def _try_bytes(
    form: Format,
    splitter: Splitter | None,
    data: bytes,
    chance: Mutator,
    outcome: Outcome,
    watch: _Stopwatch,
) -> None:
    """The same bytes as a datagram, as a stream cut in two ways, and as a file."""
    link = f"format:{form.name}"

    def file() -> None:
        for _ in form.frames(data, "f", sensor="s", start=T0, skipped=Counter()):
            outcome.heard += 1

    def again() -> None:
        with contextlib.suppress(FormatError):
            file()

    form.sniff(data[:4096])
    watch.run(lambda: _drop(form.datagram(data)), lambda: _drop(form.datagram(data)), link, data)
    if splitter is not None:
        whole, cut = form.splitter(), form.splitter()
        assert whole is not None
        assert cut is not None
        at_once = whole.feed(data)
        in_pieces = [one for piece in chance.cuts(data) for one in cut.feed(piece)]
        if at_once != in_pieces and _read(form, at_once) != _read(form, in_pieces):
            outcome.blame(Fault(outcome.target, "other messages when cut", link, data))
        for piece in chance.cuts(data):  # the long stream, whose memory is watched
            watch.run(lambda p=piece: _drop(splitter.feed(p)), lambda: None, link, data)  # type: ignore[misc]
    watch.run(file, again, link, data)


@cache
def _readers(link: str) -> tuple[Decoder, ...]:
    return tuple(one for one in installed_decoders(SETTINGS) if link in one.links)


def _read(form: Format, messages: Sequence[bytes]) -> list[bytes]:
    """Those that some decoder reads: garbage may come in pieces, messages may not."""
    kept = []
    for message in messages:
        for decoder in _readers(form.link):
            heard = decoder.heard
            with contextlib.suppress(DecodeError):
                decoder.decode(Frame(message, "s", T0, form.link))
            if decoder.heard > heard:
                kept.append(message)
    return kept


def _drop(_: object) -> None:
    """What comes out is not needed."""
