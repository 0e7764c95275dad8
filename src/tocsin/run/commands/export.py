"""`tocsin export`: what `track` and `replay --out` wrote, for other people's programs."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from tocsin.encode.account import Account
from tocsin.encode.courageous import Height, write_courageous
from tocsin.encode.csv_lines import write_alerts_csv, write_tracks_csv
from tocsin.encode.geojson import write_geojson
from tocsin.encode.kml import write_kml
from tocsin.encode.misp import write_misp
from tocsin.encode.stix import write_stix
from tocsin.errors import InputError
from tocsin.run.config import load_config
from tocsin.run.evening_files import EveningFiles, find_files, read_words
from tocsin.run.sensors_file import read_sensors
from tocsin.run.site import read_site
from tocsin.words import Alert, Detection, Track

Writer = Callable[[Account], Iterator[bytes]]
WRITERS: dict[str, Writer] = {
    "geojson": write_geojson,
    "kml": write_kml,
    "csv": write_tracks_csv,
    "stix": write_stix,
    "misp": write_misp,
}
FORMATS = ("geojson", "kml", "csv", "courageous", "stix", "misp")
_WITHOUT_DETECTIONS = {"kml", "csv", "stix", "misp"}
_PROGRESS_EVERY = 5000  # lines


class _Place(click.ParamType[Height]):
    name = "LAT,LON,HEIGHT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Height:
        if isinstance(value, Height):
            return value
        try:
            lat, lon, height = map(float, str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not LAT,LON,HEIGHT such as 15.12,-12.73,30", param, ctx)
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0 and -500.0 < height < 9000.0):
            self.fail(f"{value!r} is not on Earth", param, ctx)
        return Height(lat, lon, height)


@click.command("export", short_help="tracks and alerts for other people's programs")
@click.argument("paths", nargs=-1, required=True, metavar="DIR|FILE…")
@click.option("--format", "form", required=True, type=click.Choice(FORMATS))
@click.option("-o", "--out", "out_path", default="-", help="file to write; - for stdout (default)")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), help="tocsin.toml: zones and names"
)
@click.option("--track", "only", multiple=True, metavar="ID", help="only this track; repeatable")
@click.option("--table", type=click.Choice(("tracks", "alerts")), default="tracks", help="of csv")
@click.option("--at", type=_Place(), help="of courageous: the place you disclose, height over sea")
def command(
    paths: tuple[str, ...],
    form: str,
    out_path: str,
    config_file: Path | None,
    only: tuple[str, ...],
    table: str,
    at: Height | None,
) -> None:
    """Export an evening: the DIR of a replay, or its FILES, told apart by what is in them.

    Where operators, reporters and sensors are never leaves. The same input gives the same bytes.
    """
    files = find_files(paths)
    with _progress() as count:
        account = _account(files, form, config_file, frozenset(only), count)
        with _opened(out_path) as out:
            for part in _writer(form, table, at)(account):
                out.write(part)


def _writer(form: str, table: str, at: Height | None) -> Writer:
    if form == "courageous":
        if at is None:
            raise InputError(
                "this format demands a place for the whole system",
                remedy="give the one that you disclose: --at LAT,LON,HEIGHT_OVER_SEA",
            )
        return partial(write_courageous, place=at)
    return write_alerts_csv if form == "csv" and table == "alerts" else WRITERS[form]


def _account(
    files: EveningFiles,
    form: str,
    config_file: Path | None,
    only: frozenset[str],
    count: Callable[[], None],
) -> Account:
    site = None if config_file is None else read_site(load_config(config_file))
    sensors = read_sensors(files.sensors) if files.sensors else site.sensors if site else ()
    alerts = [a for path in files.alerts for a in read_words(path, Alert, count)]
    tracks = (t for path in files.tracks for t in read_words(path, Track, count))
    detections = (d for path in files.detections for d in read_words(path, Detection, count))
    if only:
        alerts = [alert for alert in alerts if alert.track in only]
        tracks = (track for track in tracks if track.track in only)
    return Account(
        name="Tocsin" if site is None else site.name,
        zones=() if site is None else site.zones,
        tracks=tracks,
        alerts=alerts,
        # A detection belongs to no track, so an export of some tracks has none.
        detections=() if only or form in _WITHOUT_DETECTIONS else detections,
        sensors=sensors,
    )


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[], None]]:
    """A function to call for each line: it shows their number on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    columns = (TextColumn("export {task.completed:,.0f} lines"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("export", total=None)
        lines = 0

        def count() -> None:
            nonlocal lines
            lines += 1
            if lines % _PROGRESS_EVERY == 0:
                progress.update(bar, completed=lines)

        yield count


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears under its name only when it is whole."""
    if path == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    final, part = Path(path), Path(f"{path}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(final)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=path) from error
    finally:
        part.unlink(missing_ok=True)
