"""`tocsin hear`: sound files → the probability of a drone in each window, and the events."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import click
import msgspec

from tocsin.errors import FormatError, InputError
from tocsin.hear.format import is_sound
from tocsin.hear.listener import Heard, Listener
from tocsin.hear.sound import Layout, blocks, read_layout
from tocsin.run.heard_directions import Towards, read_array, towards
from tocsin.run.heard_files import FileAccount, show

if TYPE_CHECKING:
    from tocsin.hear.pointing import Pointing
    from tocsin.study.listening import Sonogram

STANDARD_INPUT = "-"
_encode = msgspec.json.Encoder().encode


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One window as `--json` tells it (DESIGN 5); `t` is seconds from the start of the file."""

    file: str
    t: float
    dur: float
    p_drone: float | None
    level_dbfs: float | None
    bpf_hz: float | msgspec.UnsetType = msgspec.UNSET
    deaf: str | msgspec.UnsetType = msgspec.UNSET
    directions: list[Towards] | msgspec.UnsetType = msgspec.UNSET


class _Raw(click.ParamType[Layout]):
    name = "ENCODING:RATE:CHANNELS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Layout:
        if isinstance(value, Layout):
            return value
        try:
            return read_layout(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)


@click.command("hear", short_help="sound files to drone probability per window, events")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--json", "as_json", is_flag=True, help="one window a line, NDJSON.")
@click.option("--raw", type=_Raw(), help="files without a head: how their samples lie.")
@click.option("--plot", "plot_path", metavar="OUT.png|svg", help="draw one file, with its events.")
@click.option("--array", "array_path", metavar="FILE.toml", help="show where from, too.")
def command(
    paths: Sequence[str],
    as_json: bool,
    raw: Layout | None,
    plot_path: str | None,
    array_path: str | None,
) -> None:
    """Listen to sound files for drones: a table of events, or one window a line with --json.

    Reads WAV, AIFF, AU, CAF, FLAC and Ogg of any rate from 4 to 384 kHz and up to 64 channels,
    and with --raw bare samples, such as s16le:48000:2. A folder stands for the sound files in it
    and below; a PATH of - is standard input. A file that is damaged is heard up to the damage. A
    window in which nothing could have been heard is deaf, which is not the same as no drone.

    FILE.toml of --array says where the microphones of the channels stand, with the settings of
    [decoder.ear.array.SENSOR]; directions are told during events.
    """
    _check(paths, plot_path)
    faults: list[FormatError] = []
    accounts: list[FileAccount] = []
    sonogram = _sonogram(plot_path)
    files = list(_files(paths, raw))
    tell = _json_line if as_json else _nothing
    array = None if array_path is None else read_array(array_path)
    with _progress(files) as moved:
        for path in files:
            account = FileAccount(path)
            accounts.append(account)
            try:
                _hear_file(path, raw, account, tell, sonogram, moved, array)
            except FormatError as fault:
                faults.append(fault)
    if plot_path is not None and sonogram is not None:
        _draw(plot_path, sonogram, accounts)
    if as_json:
        sys.stdout.buffer.flush()
    else:
        show(accounts)
    for later in faults[1:]:
        click.echo(f"tocsin: {later}", err=True)
    if faults:
        raise faults[0]


def _check(paths: Sequence[str], plot_path: str | None) -> None:
    if list(paths).count(STANDARD_INPUT) > 1:
        raise InputError("standard input can be read once only")
    if plot_path is None:
        return
    if not plot_path.endswith((".png", ".svg")):
        raise InputError("draws .png and .svg only", where=plot_path)
    if find_spec("matplotlib") is None:
        raise InputError("drawing needs matplotlib", remedy="pip install 'tocsin[study]'")
    if len(paths) > 1 or Path(paths[0]).is_dir():
        raise InputError("--plot draws one file")


def _files(paths: Sequence[str], raw: Layout | None) -> Iterator[str]:
    """The files themselves; of a folder, those that start like sound, in the order of names."""
    for path in paths:
        if path == STANDARD_INPUT or not Path(path).is_dir():
            yield path
            continue
        found = [str(one) for one in sorted(Path(path).rglob("*")) if _is_heard(one, raw)]
        if not found:
            raise InputError("holds no sound file", where=path)
        yield from found


def _is_heard(path: Path, raw: Layout | None) -> bool:
    if not path.is_file():
        return False
    if raw is not None:
        return True
    try:
        with path.open("rb") as file:
            return is_sound(file.read(16))
    except OSError:
        return True  # it is told of when it comes to its turn


def _opened(path: str) -> BinaryIO:
    """A file, or standard input put into one: libsndfile goes to and fro. Raises InputError."""
    try:
        if path != STANDARD_INPUT:
            return Path(path).open("rb")
        kept = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  closed by the reader
        shutil.copyfileobj(sys.stdin.buffer, kept)
        kept.seek(0)
        return kept
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None


def _hear_file(
    path: str,
    raw: Layout | None,
    account: FileAccount,
    tell: Callable[[str, Sequence[Heard], Sequence[list[Towards]]], None],
    sonogram: Sonogram | None,
    moved: Callable[[int], None],
    array: Pointing | None,
) -> None:
    """Everything that can be heard in one file. Raises FormatError after that."""
    listener = Listener(path)

    def note(heard: Sequence[Heard]) -> None:
        pointed = [] if array is None else [towards(array, one, path) for one in heard]
        tell(path, heard, pointed)
        account.note(heard, pointed)
        if sonogram is not None:
            for one in heard:
                sonogram.add(one)

    with _opened(path) as stream:
        try:
            for sound in blocks(stream, path, raw=raw):
                note(listener.hear(sound))
                moved(stream.tell())
        finally:
            heard, event = listener.finish()
            note(heard)
            account.close(listener.heard_to, event)
            moved(-1)


def _json_line(path: str, heard: Sequence[Heard], pointed: Sequence[list[Towards]]) -> None:
    out = sys.stdout.buffer
    for k, one in enumerate(heard):
        w = one.judged
        line = Line(
            file=path,
            t=w.t,
            dur=w.dur_s,
            p_drone=w.p_drone,
            level_dbfs=w.level_dbfs,
            bpf_hz=msgspec.UNSET if w.bpf_hz is None else w.bpf_hz,
            deaf=msgspec.UNSET if w.deaf is None else w.deaf,
            directions=pointed[k] if pointed and pointed[k] else msgspec.UNSET,
        )
        out.write(_encode(line) + b"\n")


def _nothing(path: str, heard: Sequence[Heard], pointed: Sequence[list[Towards]]) -> None:
    """For those who want the table only."""


@contextmanager
def _progress(files: Sequence[str]) -> Iterator[Callable[[int], None]]:
    """A function that is told how far the present file was read, -1 at its end: it shows a bar on
    a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    sizes = [Path(path).stat().st_size if Path(path).is_file() else 0 for path in files]
    done, at = 0, iter(sizes)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("hear", total=sum(sizes) or None)

        def moved(byte: int) -> None:
            nonlocal done
            if byte < 0:
                done += next(at, 0)
                byte = 0
            progress.update(bar, completed=done + byte)

        yield moved


def _sonogram(plot_path: str | None) -> Sonogram | None:
    if plot_path is None:
        return None
    from tocsin.study.listening import Sonogram

    return Sonogram()


def _draw(plot_path: str, sonogram: Sonogram, accounts: Sequence[FileAccount]) -> None:
    from tocsin.study.listening import draw

    (account,) = accounts
    sonogram.close()
    drawn = draw(
        sonogram,
        account.events,
        "svg" if plot_path.endswith(".svg") else "png",
        title=Path(account.path).name,
        duration_s=account.duration_s,
    )
    try:
        Path(plot_path).write_bytes(drawn)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=plot_path) from error
