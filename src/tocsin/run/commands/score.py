"""`tocsin score`: how good the tracks are against what really flew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.errors import FormatError, InputError
from tocsin.listen.files import read_recording
from tocsin.study import Rules, Score, TruthPoint, score
from tocsin.words import Track

_T = TypeVar("_T")

ROWS: tuple[tuple[str, str, str], ...] = (
    ("gospa_m", "GOSPA (p = 2, alpha = 2)", "m"),
    ("localisation_m", "  localisation part", "m"),
    ("missed_m", "  missed part", "m"),
    ("false_m", "  false part", "m"),
    ("ospa_m", "OSPA (p = 2)", "m"),
    ("rmse_m", "position error, RMS", "m"),
    ("covered_share", "share of truth tracked", ""),
    ("first_confirmation_s", "time to first confirmation, mean", "s"),
    ("never_confirmed", "drones never confirmed", ""),
    ("identity_switches", "identity switches", ""),
    ("false_tracks", "false tracks", ""),
    ("false_tracks_per_hour", "false tracks an hour", "1/h"),
    ("ambiguity", "tracks a tracked drone", ""),
    ("sigma_honesty", "sigma honesty, mean d2/2s2 (ideal 1)", ""),
    ("bird_called_drone_s", "seconds in which a bird was called a drone", "s"),
    ("liars_found", "lying identities found", ""),
    ("liar_found_after_s", "found after", "s"),
    ("honest_called_liar_share", "honest identities called liars", ""),
)


@click.command("score", short_help="how good are the tracks")
@click.option("--truth", "truth_path", required=True, help="truth.ndjson: what really flew")
@click.argument("tracks_path", metavar="TRACKS")
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of a table")
@click.option("--meta", "meta_path", help="meta.json; the one beside the truth is taken if there")
@click.option("--c", "c_m", type=float, help="GOSPA cut-off in metres (100)")
@click.option("--hold", "hold_s", type=float, help="seconds for which a report counts (2)")
def command(
    truth_path: str,
    tracks_path: str,
    as_json: bool,
    meta_path: str | None,
    c_m: float | None,
    hold_s: float | None,
) -> None:
    """GOSPA, OSPA, continuity, delay, false tracks. `-` is standard input."""
    if truth_path == "-" and tracks_path == "-":
        raise InputError("truth and tracks cannot both come from standard input")
    truth = _lines(truth_path, TruthPoint)
    if not truth:
        raise FormatError("holds no truth to score against", where=truth_path)
    rules = _rules(truth_path, meta_path, c_m, hold_s)
    figures = score(truth, _lines(tracks_path, Track), rules)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    else:
        Console().print(_table(figures))


def _rules(
    truth_path: str, meta_path: str | None, c_m: float | None, hold_s: float | None
) -> Rules:
    """The scene's rules: options first, then meta.json, then the defaults of DESIGN 5."""
    rules = Rules()
    beside = Path(truth_path).with_name("meta.json") if truth_path != "-" else None
    if meta_path is not None or (beside is not None and beside.is_file()):
        path = meta_path if meta_path is not None else str(beside)
        try:
            rules = msgspec.json.decode(read_recording(path)[0], type=Rules)
        except msgspec.DecodeError as error:
            raise FormatError(f"not a scene's meta.json: {error}", where=path) from error
    c = rules.gospa_c_m if c_m is None else c_m
    hold = rules.hold_s if hold_s is None else hold_s
    if c <= 0.0 or hold < 0.0:
        raise InputError(f"cut-off {c} m and hold {hold} s: both must be positive")
    return msgspec.structs.replace(rules, gospa_c_m=c, hold_s=hold)


def _lines(path: str, kind: type[_T]) -> list[_T]:
    """All lines of an NDJSON file as words. Raises FormatError at the first that is not one."""
    decoder = msgspec.json.Decoder(kind)
    found = []
    for number, line in enumerate(read_recording(path)[0].splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise FormatError(str(error), where=f"{path}:{number}") from error
    return found


def _table(figures: Score) -> Table:
    table = Table(title=f"{figures.frames} frames, cut-off {figures.gospa_c_m:g} m")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    values = msgspec.structs.asdict(figures)
    for name, title, unit in ROWS:
        value = values[name]
        if value is None:
            shown = "not computable"
        else:
            shown = f"{value:.3f}" if isinstance(value, float) else str(value)
        table.add_row(title, shown, unit)
    return table
