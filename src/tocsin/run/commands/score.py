"""`tocsin score`: how good the tracks are against what really flew."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.errors import FormatError, InputError
from tocsin.listen.files import read_parts, read_recording
from tocsin.run.sensors_file import read_sensors
from tocsin.study import (
    Report,
    ReportMaker,
    Reports,
    Rules,
    Scene,
    Score,
    Trial,
    Truth,
    TruthMaker,
    TruthPoint,
    match_scene,
    score_scene,
    trial,
)
from tocsin.words import Detection, Identity, Sensor

_T = TypeVar("_T")


class Claimed(msgspec.Struct, frozen=True, gc=False):
    """The part of a detection that tells who it claims to be."""

    identity: Identity | None = None


_point = msgspec.json.Decoder(TruthPoint)
_report = msgspec.json.Decoder(Report)
_detection = msgspec.json.Decoder(Detection)
_label: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)
_claimed = msgspec.json.Decoder(Claimed)


_WIDTH_IN_A_PIPE = 120
_SIAP = (
    ("completeness", "  completeness (ideal 1)", ""),
    ("ambiguity", "  ambiguity (ideal 1)", ""),
    ("spuriousness", "  spuriousness (ideal 0)", ""),
    ("position_error_m", "  position error", "m"),
    ("velocity_error_mps", "  velocity error", "m/s"),
    ("track_changes_per_s", "  track number changes", "1/s"),
    ("longest_segment_share", "  longest track segment (ideal 1)", ""),
)

ROWS: tuple[tuple[str, str, str], ...] = (
    ("gospa_m", "GOSPA (p = 2, alpha = 2)", "m"),
    ("localisation_m", "  localisation part", "m"),
    ("missed_m", "  missed part", "m"),
    ("false_m", "  false part", "m"),
    ("ospa_m", "OSPA (p = 2)", "m"),
    ("ospa2_m", "OSPA(2), whole tracks over 10 s", "m"),
    ("rmse_m", "position error, RMS", "m"),
    ("covered_share", "share of truth tracked", ""),
    ("first_confirmation_s", "time to first confirmation, mean", "s"),
    ("never_confirmed", "drones never confirmed", ""),
    ("identity_switches", "identity switches", ""),
    ("track_segments_per_drone", "stretches a tracked drone", ""),
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
@click.option(
    "--truth",
    "truths",
    required=True,
    multiple=True,
    help="truth.ndjson, or a scene's folder; once for each TRACKS",
)
@click.argument("tracks", metavar="TRACKS…", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of a table")
@click.option("--html", "html_path", help="write the trial's report to this file, as one page")
@click.option("--plot", "plot_path", help="draw the scene to this file (.png or .svg)")
@click.option("--sensors", "sensors_path", help="sensors.json; the one beside the truth if there")
@click.option("--detections", "detections_path", help="detections.ndjson, to be drawn")
@click.option("--meta", "meta_path", help="meta.json; the one beside the truth is taken if there")
@click.option("--c", "c_m", type=float, help="GOSPA cut-off in metres (100)")
@click.option("--hold", "hold_s", type=float, help="seconds for which a report counts (2)")
def command(
    truths: Sequence[str],
    tracks: Sequence[str],
    as_json: bool,
    html_path: str | None,
    plot_path: str | None,
    sensors_path: str | None,
    detections_path: str | None,
    meta_path: str | None,
    c_m: float | None,
    hold_s: float | None,
) -> None:
    """Score TRACKS against the truth: GOSPA, OSPA, SIAP, continuity, delay, and a trial's report.

    Several scenes are pooled in one report: give --truth as often as TRACKS, in the same order. A
    folder stands for its truth.ndjson or tracks.ndjson. `-` is standard input.
    """
    _check(truths, tracks, plot_path, html_path)
    scenes: list[Scene] = []
    sensors: list[Sequence[Sensor] | None] = []
    names: list[str] = []
    for truth_path, tracks_path in zip(truths, tracks, strict=True):
        truth_file, tracks_file = _inside(truth_path, "truth"), _inside(tracks_path, "tracks")
        rules = _rules(truth_file, meta_path, c_m, hold_s)
        truth = _truth(truth_file, _serials(truth_file, rules))
        scenes.append(match_scene(truth, _tracks(tracks_file), rules))
        sensors.append(_sensors(truth_file, sensors_path))
        names.append(Path(truth_file).absolute().parent.name if truth_file != "-" else "scene")
    scores = [score_scene(scene) for scene in scenes]
    report = trial(scenes, sensors)
    found = [] if detections_path is None else list(_lines(detections_path, _detection))
    if plot_path is not None:
        from tocsin.study.picture import draw

        kind: Literal["png", "svg"] = "svg" if plot_path.endswith(".svg") else "png"
        drawn = draw(
            scenes[0], kind, title=names[0], detections=found, sensors=sensors[0] or ()
        )  # fmt: skip
        _write(plot_path, drawn)
    if html_path is not None:
        from tocsin.study.page import page

        shown = [found if k == 0 else [] for k in range(len(scenes))]
        html = page(
            names, scenes, scores, report, detections=shown, sensors=[s or () for s in sensors]
        )
        _write(html_path, html.encode())
    if as_json:
        sys.stdout.buffer.write(_json(scores, names, report))
    else:
        _print(scores, names, report)


def _check(
    truths: Sequence[str], tracks: Sequence[str], plot_path: str | None, html_path: str | None
) -> None:
    """Refuse what cannot be meant. Raises InputError."""
    if len(truths) != len(tracks):
        raise InputError(
            f"{len(truths)} truths for {len(tracks)} tracks", remedy="one --truth for each TRACKS"
        )
    if [*truths, *tracks].count("-") > 1:
        raise InputError("truth and tracks cannot both come from standard input")
    if plot_path is not None and not plot_path.endswith((".png", ".svg")):
        raise InputError("draws .png and .svg only", where=plot_path)
    if plot_path is not None and len(truths) > 1:
        raise InputError("--plot draws one scene", remedy="--html FILE draws several")
    if (plot_path or html_path) and find_spec("matplotlib") is None:
        raise InputError("drawing needs matplotlib", remedy="pip install 'tocsin[study]'")


def _inside(path: str, name: str) -> str:
    """The file itself, or the one of that name in a folder."""
    return str(Path(path) / f"{name}.ndjson") if path != "-" and Path(path).is_dir() else path


def _sensors(truth_file: str, sensors_path: str | None) -> Sequence[Sensor] | None:
    """Who listened: the file given, or the one beside the truth; None if there is none."""
    if sensors_path is not None:
        return read_sensors(Path(sensors_path))
    beside = Path(truth_file).with_name("sensors.json")
    return read_sensors(beside) if truth_file != "-" and beside.is_file() else None


def _write(path: str, data: bytes) -> None:
    try:
        Path(path).write_bytes(data)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=path) from error


def _json(scores: Sequence[Score], names: Sequence[str], report: Trial) -> bytes:
    """One scene: its figures and the report; several: the report and a list of the scenes'."""
    if len(scores) == 1:
        told = {**msgspec.structs.asdict(scores[0]), "trial": report}
    else:
        listed = [
            {"scene": name, **msgspec.structs.asdict(s)}
            for name, s in zip(names, scores, strict=True)
        ]
        told = {"scenes": listed, "trial": report}
    return msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"


def _print(scores: Sequence[Score], names: Sequence[str], report: Trial) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH_IN_A_PIPE
    if len(scores) == 1:
        console.print(_table(scores[0]))
    else:
        console.print(_many(scores, names))
    console.print(_trial_table(report))
    if report.confusion:
        console.print(_confusion_table(report))


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


def _lines(path: str, decoder: msgspec.json.Decoder[_T]) -> Iterator[_T]:
    """The lines of an NDJSON file as words. Raises FormatError at the first that is not one."""
    number = 0
    for part in read_parts(path):
        yield from _words(path, part, number, decoder)
        number += part.count(b"\n")


def _words(path: str, part: bytes, number: int, decoder: msgspec.json.Decoder[_T]) -> list[_T]:
    """The lines of a part that stands behind `number` others, as words."""
    try:
        return decoder.decode_lines(part)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = []
        for at, line in enumerate(part.splitlines(), number + 1):
            if line.strip():
                try:
                    found.append(decoder.decode(line))
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    raise FormatError(str(error), where=f"{path}:{at}") from error
        return found


def _truth(path: str, serials: dict[str, str]) -> Truth:
    """A file of truth in columns. Raises FormatError at the first line that is none."""
    maker, number = TruthMaker(serials), 0
    for part in read_parts(path):
        if not maker.read(part):
            maker.add(_words(path, part, number, _point))
        number += part.count(b"\n")
    truth = maker.done()
    if not len(truth.t):
        raise FormatError("holds no truth to score against", where=path)
    return truth


def _tracks(path: str) -> Reports:
    """A file of tracks in columns. Raises FormatError at the first line that is none."""
    maker, number = ReportMaker(), 0
    for part in read_parts(path):
        if not maker.read(part):
            told: list[Report] = _words(path, part, number, _report)
            maker.add(told)
        number += part.count(b"\n")
    return maker.done()


def _serials(truth_file: str, rules: Rules) -> dict[str, str]:
    """Which flight has which serial number, by the labels beside the truth: what the detections of
    each claim, known lies left out. None without labels, and none for a flight of two claims."""
    if truth_file == "-":
        return {}
    paths = [Path(truth_file).with_name(f"{name}.ndjson") for name in ("labels", "detections")]
    if not all(path.is_file() for path in paths):
        return {}
    labels, claims = _lines(str(paths[0]), _label), _lines(str(paths[1]), _claimed)
    found: dict[str, set[str]] = {}
    for label, detection in zip(labels, claims, strict=False):
        serial = None if detection.identity is None else detection.identity.serial
        if label is not None and serial is not None:
            found.setdefault(label, set()).add(serial)
    lies = set(rules.spoofed_serials)
    return {
        flight: next(iter(serials))
        for flight, serials in found.items()
        if len(serials) == 1 and not serials & lies
    }


def _shown(value: object) -> str:
    if value is None:
        return "not computable"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _table(figures: Score) -> Table:
    table = Table(title=f"{figures.frames} frames, cut-off {figures.gospa_c_m:g} m")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    values = msgspec.structs.asdict(figures)
    for name, title, unit in ROWS:
        table.add_row(title, _shown(values[name]), unit)
    table.add_row("single integrated air picture", "", "")
    picture = msgspec.structs.asdict(figures.siap)
    for name, title, unit in _SIAP:
        table.add_row(title, _shown(picture[name]), unit)
    for about, told in (("what", figures.siap.kind), ("who", figures.siap.identity)):
        why = told.why or ""
        for part, value in (
            ("said (ideal 1)", told.completeness),
            ("said rightly (ideal 1)", told.correctness),
            ("said in two ways (ideal 0)", told.ambiguity),
        ):
            row = f"  {about} it is, {part}"
            table.add_row(row, _shown(value), why if value is None else "")
    return table


def _many(scores: Sequence[Score], names: Sequence[str]) -> Table:
    table = Table(title="scene by scene")
    table.add_column("scene")
    chosen = ("gospa_m", "ospa_m", "ospa2_m", "covered_share", "first_confirmation_s",
              "identity_switches", "false_tracks", "sigma_honesty")  # fmt: skip
    for head in ("GOSPA", "OSPA", "OSPA(2)", "tracked", "first s", "switches", "false", "honesty"):
        table.add_column(head, justify="right")
    for name, figures in zip(names, scores, strict=True):
        values = msgspec.structs.asdict(figures)
        table.add_row(name, *(_shown(values[key]) for key in chosen))
    return table


def _trial_table(report: Trial) -> Table:
    title = f"trial: scenes {report.scenes}, flights {report.flights}, hours {report.hours:.2f}"
    table = Table(title=title)
    for head, side in (("figure", "left"), ("value", "right"), ("95 % interval", "right"),
                       ("unit", "left"), ("of", "right"), ("note", "left")):  # fmt: skip
        table.add_column(head, justify="right" if side == "right" else "left")
    for f in report.figures:
        table.add_row(f.name, f.value_text, f.span_text, f.unit, str(f.of), f.why or "")
    return table


def _confusion_table(report: Trial) -> Table:
    table = Table(title="seconds on each kind, by likeliest class")
    table.add_column("truth")
    for name in report.confusion[0].classes:
        table.add_column(name, justify="right")
    for line in report.confusion:
        table.add_row(line.truth, *(str(seconds) for seconds in line.seconds))
    return table
