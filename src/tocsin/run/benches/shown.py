"""The trackers' figures as tables for a terminal: a row a scene and tracker, and seed by seed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from tocsin.run.benches.yardstick import (
    GOALS,
    MEASURES,
    SOUP,
    TOCSIN,
    Beside,
    grouped,
    measured,
)


def beside_table(rows: Sequence[Beside]) -> Table:
    """Means over the seeds, and how many times faster than Stone Soup we are."""
    table = Table(title="means over the seeds", box=None, pad_edge=False)
    table.add_column("scene")
    table.add_column("tracker")
    for name, _ in MEASURES:
        table.add_column(name, justify="right")
    table.add_column("× Stone Soup", justify="right")
    table.add_column("goal", justify="right")
    groups = {key: measured(group) for key, group in grouped(rows).items()}
    for (scene, tracker), means in groups.items():
        slow = groups.get((scene, SOUP), {}).get("detections a second")
        fast = means["detections a second"]
        times = "" if slow is None or fast is None or tracker == SOUP else f"{fast / slow:,.0f}"
        goal = f"{GOALS[scene]:.4g}" if tracker == TOCSIN and scene in GOALS else ""
        shown = [_number(means[name]) for name, _ in MEASURES]
        table.add_row(scene if tracker == TOCSIN else "", tracker, *shown, times, goal)
    return table


def seed_table(rows: Sequence[Beside]) -> Table:
    """GOSPA seed by seed, a column a tracker."""
    trackers = list(dict.fromkeys(row.tracker for row in rows))
    table = Table(title="GOSPA, m, seed by seed", box=None, pad_edge=False)
    for head in ("scene", "seed"):
        table.add_column(head, justify="left" if head == "scene" else "right")
    for tracker in trackers:
        table.add_column(tracker, justify="right")
    by_seed: dict[tuple[str, int], dict[str, float | None]] = {}
    for row in rows:
        by_seed.setdefault((row.scene, row.seed), {})[row.tracker] = row.score.gospa_m
    for (scene, seed), values in by_seed.items():
        table.add_row(scene, str(seed), *(_number(values.get(tracker)) for tracker in trackers))
    return table


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
