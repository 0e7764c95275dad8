"""`tocsin decode`: recordings to detections.ndjson on standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tocsin.decode.ndjson import write_line
from tocsin.errors import DecodeError, InputError
from tocsin.listen.files import recorded_frames
from tocsin.ports import Decoder
from tocsin.run import recordings
from tocsin.run.plug_ins import left_out
from tocsin.run.reading import installed_decoders
from tocsin.words import Detection, Frame

_PROGRESS_EVERY = 2000  # frames; some hundredths of a second


class Tally:
    """What became of the frames: read, or refused by which rule, and where that was seen first."""

    def __init__(self) -> None:
        self.frames = 0
        self.detections = 0
        self.read = 0
        self.refused: Counter[str] = Counter()
        self.first: dict[str, DecodeError] = {}

    def refuse(self, error: DecodeError) -> None:
        """Count one refused frame."""
        rule = error.rule
        self.refused[rule] += 1
        self.first.setdefault(rule, error)


class _FormatName(click.ParamType[str]):
    """A format, or a decoder: then the format is looked for and nothing else is decoded."""

    name = "NAME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(value)
        formats = {one.name for one in recordings.installed_formats()}
        known = formats | {one.name for one in installed_decoders()} | {"auto"}
        if text not in known:
            self.fail(f"{text!r} is none of {', '.join(sorted(known))}", param, ctx)
        return text


class _Moment(click.ParamType[float]):
    """Unix seconds, or ISO 8601 with its offset (UTC where it has none)."""

    name = "TIME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value)
        try:
            return float(text)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"{text!r} is neither Unix seconds nor ISO 8601", param, ctx)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


@click.command("decode", short_help="recordings to detections.ndjson on standard output")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--format",
    "kind",
    type=_FormatName(),
    default="auto",
    help="what the files hold; auto looks at their content.",
)
@click.option("--sensor", help="id of the sensor; else the interface's name or the file's.")
@click.option(
    "--start",
    type=_Moment(),
    default=0.0,
    help="when the recording began, for formats that tell no date: Unix seconds or ISO 8601.",
)
def command(paths: Sequence[str], kind: str, sensor: str | None, start: float) -> None:
    """Recordings to detections, one JSON object a line, in the order of time.

    Reads captures of Wi-Fi (radiotap or bare 802.11) and Bluetooth (nRF sniffer or bare link
    layer) in pcap and pcapng, and NDJSON detections. A PATH of - is standard input. Frames that
    are malformed are counted on standard error by the rule they break, and skipped.
    """
    skipped: Counter[str] = Counter()
    tally = Tally()
    decoders: Sequence[Decoder] = installed_decoders()
    form = kind
    if kind != "auto" and kind not in {one.name for one in recordings.installed_formats()}:
        decoders, form = [d for d in decoders if d.name == kind], "auto"
    parse = partial(recordings.frames, kind=form, sensor=sensor, start=start, skipped=skipped)
    out = sys.stdout.buffer
    try:
        for detection in read(_shown(recorded_frames(paths, parse)), decoders, tally):
            out.write(write_line(detection) + b"\n")
        out.flush()
    finally:
        _report(tally, skipped, decoders)
    if tally.refused and not tally.read:
        rule, error = next(iter(tally.first.items()))
        raise InputError(
            f"every message was refused; first by rule {rule}: {error.what}", where=error.where
        )


def read(frames: Iterable[Frame], decoders: Sequence[Decoder], tally: Tally) -> Iterator[Detection]:
    """The detections of the frames; what is refused goes into the tally."""
    for frame in frames:
        tally.frames += 1
        for decoder in decoders:
            if frame.link not in decoder.links:
                continue
            try:
                found = decoder.decode(frame)
            except DecodeError as error:
                tally.refuse(error)
                continue
            tally.detections += len(found)
            yield from found
    # A message may be sound and yet tell no position: it was read all the same.
    tally.read += sum(decoder.heard for decoder in decoders)


def _report(tally: Tally, skipped: Counter[str], decoders: Sequence[Decoder]) -> None:
    """One line for each rule broken, none where all is well."""
    for plug in left_out():
        click.echo(f"tocsin: {plug}", err=True)
    for rule, count in sorted(tally.refused.items()):
        first = tally.first[rule]
        click.echo(f"tocsin: {count} refused, {rule}; first: {first}", err=True)
    for decoder in decoders:
        for rule, count in sorted(decoder.overlooked.items()):
            click.echo(f"tocsin: {count} read in part, {rule}", err=True)
    for what, count in sorted(skipped.items()):
        click.echo(f"tocsin: {count} skipped, {what} is not read here", err=True)


def _shown(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames, counted before the user's eyes on a terminal and silently in a pipe."""
    with ExitStack() as stack:
        if not sys.stderr.isatty():
            yield from frames
            return
        columns = (TextColumn("decode {task.completed:,.0f} frames"), TimeElapsedColumn())
        console = Console(stderr=True)
        progress = stack.enter_context(Progress(*columns, console=console, transient=True))
        bar = progress.add_task("decode", total=None)
        for number, frame in enumerate(frames):
            if number % _PROGRESS_EVERY == 0:
                progress.update(bar, completed=number)
            yield frame
