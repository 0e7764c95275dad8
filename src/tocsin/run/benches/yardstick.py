"""Three trackers on the same scenes in the same run: Tocsin, Stone Soup, one told the association.

All three are given the same cut of each scene and scored on it by the same rules. Speed is
detections a second inside the tracker's own steps. Without Stone Soup (a development extra) the
other two are measured alone, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from time import perf_counter

import msgspec
import numpy as np

from tocsin.fuse import warm_up
from tocsin.run.benches import Figure
from tocsin.run.commands.track import weave
from tocsin.simulate import make_scene
from tocsin.study import Rules, Score, TruthPoint, score
from tocsin.study.told import tell
from tocsin.words import Detection, Sensor, Track
from tocsin.words.batch import to_batch

SCENES = ("S1", "S2", "S2d", "S3", "S4", "S5", "S6", "S7", "S8")
GOALS = {
    "S1": 10.8, "S2": 10.5, "S2d": 13.0, "S3": 35.5, "S4": 25.0, "S5": 17.0,
    "S6": 5500.0 / 10**0.5, "S7": 12.0, "S8": 15.0,
}  # fmt: skip
"""Mean GOSPA to reach, metres. S6 is asked for at full size, 50 drones; with 5 it is 1/sqrt(10)."""
CUT = 2000
"""Statements of a scene up to which Stone Soup is given time: it takes 100 to 600 a second."""
TOCSIN, SOUP, TOLD = "Tocsin", "Stone Soup", "told"


class Cut(msgspec.Struct, frozen=True):
    """The first seconds of a scene: what was said, by whom, and what it was about."""

    scene: str
    seed: int
    sensors: tuple[Sensor, ...]
    detections: tuple[Detection, ...]
    labels: tuple[str | None, ...]
    truth: tuple[TruthPoint, ...]
    rules: Rules
    hidden_bias: Mapping[str, Mapping[str, float]]
    sound_delayed: bool


class Beside(msgspec.Struct, frozen=True):
    """One tracker on one cut."""

    scene: str
    seed: int
    tracker: str
    detections: int
    spent_s: float
    score: Score


def compare(
    scenes: Sequence[str],
    seeds: int,
    *,
    full: bool = False,
    soup: bool = True,
    told: Callable[[str], None] = lambda _: None,
) -> list[Beside]:
    """Every tracker on every scene and seed; `told` is called with what is being measured."""
    warm_up()
    rows: list[Beside] = []
    for scene in scenes or SCENES:
        for seed in range(1, seeds + 1):
            cut = cut_scene(scene, seed, None if full else CUT)
            for tracker, run in _trackers(soup):
                told(f"{scene} seed {seed}: {tracker}")
                tracks, spent = run(cut)
                figures = score(cut.truth, tracks, cut.rules)
                rows.append(Beside(scene, seed, tracker, len(cut.detections), spent, figures))
    return rows


def have_soup() -> bool:
    """Whether Stone Soup is installed."""
    return find_spec("stonesoup") is not None


def cut_scene(scene: str, seed: int, most: int | None) -> Cut:
    """A made scene up to the whole second at which `most` statements have been received."""
    staged = make_scene(scene, seed)
    said = list(zip(staged.detections, staged.labels(), strict=True))
    said.sort(key=lambda pair: _arrived(pair[0]))
    truth = [msgspec.convert(line, TruthPoint, from_attributes=True) for line in staged.truth()]
    if most is not None and len(said) > most:
        end = float(int(_arrived(said[most][0])))
        said = [pair for pair in said if _arrived(pair[0]) <= end]
        truth = [point for point in truth if point.t <= end]
    return Cut(
        scene, seed, staged.sensors,
        tuple(d for d, _ in said), tuple(label for _, label in said), tuple(truth),
        msgspec.convert(staged.meta, Rules),
        msgspec.convert(staged.meta.get("hidden_bias", {}), dict[str, dict[str, float]]),
        any(placed.battery.delayed for placed in staged.placed),
    )  # fmt: skip


def _arrived(detection: Detection) -> float:
    return detection.t if detection.received is None else detection.received


Run = Callable[[Cut], tuple[list[Track], float]]


def _trackers(soup: bool) -> Iterator[tuple[str, Run]]:
    yield TOCSIN, run_tocsin
    yield TOLD, run_told
    if soup and have_soup():
        yield SOUP, run_soup


def run_tocsin(cut: Cut) -> tuple[list[Track], float]:
    """The loom's tracks as `tocsin track` makes them, and the seconds inside its steps."""
    tracks: list[Track] = []
    spent = 0.0
    for took, changes in weave(cut.sensors, to_batch(cut.detections)):
        spent += took
        tracks += changes.tracks()
    return tracks, spent


def run_told(cut: Cut) -> tuple[list[Track], float]:
    """The told tracker's tracks and seconds."""
    drones = {point.id for point in cut.truth if point.kind == "drone"}
    before = perf_counter()
    tracks = tell(
        cut.sensors, cut.detections, cut.labels, drones, cut.rules,
        hidden_bias=cut.hidden_bias, sound_delayed=cut.sound_delayed,
    )  # fmt: skip
    return tracks, perf_counter() - before


def run_soup(cut: Cut) -> tuple[list[Track], float]:
    """Stone Soup's tracks and seconds. Imported here: it is a development extra."""
    from tocsin.run.benches.soup import SoupScene

    return SoupScene(cut.sensors, cut.detections).run()


MEASURES: tuple[tuple[str, str], ...] = (
    ("GOSPA", "m"),
    ("false tracks an hour", "1/h"),
    ("identity switches", ""),
    ("first confirmation", "s"),
    ("sigma honesty", ""),
    ("detections a second", "1/s"),
)


def measured(rows: Sequence[Beside]) -> dict[str, float | None]:
    """Mean figures of one tracker on one scene over its seeds; None where no seed tells one."""

    def mean(values: Sequence[float | None]) -> float | None:
        told = [value for value in values if value is not None]
        return float(np.mean(told)) if told else None

    scores = [row.score for row in rows]
    spent = sum(row.spent_s for row in rows)
    return {
        "GOSPA": mean([s.gospa_m for s in scores]),
        "false tracks an hour": mean([s.false_tracks_per_hour for s in scores]),
        "identity switches": mean([float(s.identity_switches) for s in scores]),
        "first confirmation": mean([s.first_confirmation_s for s in scores]),
        "sigma honesty": mean([s.sigma_honesty for s in scores]),
        "detections a second": sum(row.detections for row in rows) / spent if spent else None,
    }


def grouped(rows: Sequence[Beside]) -> dict[tuple[str, str], list[Beside]]:
    """The rows of each (scene, tracker), in the order measured."""
    found: dict[tuple[str, str], list[Beside]] = {}
    for row in rows:
        found.setdefault((row.scene, row.tracker), []).append(row)
    return found


def figures(rows: Sequence[Beside]) -> list[Figure]:
    """The means as figures of `tocsin bench`; ours beside Stone Soup's with the ratio."""
    groups = {key: measured(group) for key, group in grouped(rows).items()}
    found = []
    for (scene, tracker), means in groups.items():
        theirs = groups.get((scene, SOUP), {}) if tracker == TOCSIN else {}
        for name, unit in MEASURES:
            value, other = means[name], theirs.get(name)
            if value is None:
                continue
            found.append(
                Figure(
                    "fuse", f"{scene}, {tracker}: {name}", value, unit,
                    goal=f"<= {GOALS[scene]:.4g}" if name == "GOSPA" and tracker == TOCSIN
                    and scene in GOALS else None,
                    against=None if other is None else f"{SOUP} {other:.4g} {unit}".rstrip(),
                    ratio=value / other if other else None,
                    note=_by_seed(name, rows, scene, tracker),
                )
            )  # fmt: skip
    return found


def _by_seed(name: str, rows: Sequence[Beside], scene: str, tracker: str) -> str | None:
    if name != "GOSPA":
        return None
    mine = [row for row in rows if (row.scene, row.tracker) == (scene, tracker)]
    if len(mine) < 2:
        return None
    each = ["-" if row.score.gospa_m is None else f"{row.score.gospa_m:.1f}" for row in mine]
    return "by seed " + " ".join(each)
