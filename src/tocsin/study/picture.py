"""A picture of a scene for a report: what flew, what was told, where it was missed or invented.

Local metres, equal axes, scale bar and north arrow; nothing is fetched. Colours are Okabe and Ito's
(2008), which colour-blind readers can tell apart, and every mark also has its own shape or line.
Drawn with matplotlib, imported here and nowhere else.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import EllipseCollection, LineCollection
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredText
from matplotlib.ticker import MaxNLocator

from tocsin.earth import LocalFrame
from tocsin.study.columns import F64, KINDS
from tocsin.study.score import Scene
from tocsin.words import Detection, Sensor

BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE, GREY = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7", "#8a8a8a",
)  # fmt: skip
_ELLIPSES = 12
"""Error ellipses a track: enough to see, few enough to see through."""
_MOST_DETECTIONS = 20_000
SENSOR_MARKS = {
    "radar": "^", "rf": "v", "acoustic": "o", "camera": "s", "remote_id": "d", "adsb": "P",
    "human": "*",
}  # fmt: skip


def draw(
    scene: Scene,
    kind: Literal["png", "svg"],
    *,
    title: str = "",
    detections: Sequence[Detection] = (),
    sensors: Sequence[Sensor] = (),
) -> bytes:
    """The picture as the bytes of a file."""
    frame = _frame(scene, sensors)
    figure = Figure(figsize=(11.0, 10.2), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(3, 1, height_ratios=(6.2, 1.3, 0.9))
    plan = figure.add_subplot(grid[0])
    _draw_sensors(plan, frame, sensors)
    _draw_detections(plan, frame, detections, sensors)
    _draw_truth(plan, frame, scene)
    _draw_tracks(plan, frame, scene)
    _finish_map(plan, frame, scene)
    error = figure.add_subplot(grid[1])
    _draw_errors(error, scene)
    _draw_counts(figure.add_subplot(grid[2], sharex=error), scene)
    if title:
        figure.suptitle(title)
    out = io.BytesIO()
    figure.savefig(out, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return out.getvalue()


def _frame(scene: Scene, sensors: Sequence[Sensor]) -> LocalFrame:
    if len(scene.truth.t):
        return LocalFrame(*(float(v) for v in scene.truth.place.mean(axis=0)))
    return LocalFrame(sensors[0].lat, sensors[0].lon) if sensors else LocalFrame(0.0, 0.0)


def _flat(frame: LocalFrame, number: F64) -> tuple[F64, F64]:
    e, n, _ = frame.to_enu(number[:, 0], number[:, 1], np.zeros(len(number)))
    return e, n


def _draw_sensors(plan: Axes, frame: LocalFrame, sensors: Sequence[Sensor]) -> None:
    for kind, mark in SENSOR_MARKS.items():
        mine = [s for s in sensors if s.kind == kind]
        if mine:
            e, n = _flat(frame, np.array([(s.lat, s.lon) for s in mine]))
            size = 60.0 if len(mine) < 10 else 22.0 if len(mine) < 100 else 5.0
            plan.scatter(
                e, n, s=size, marker=mark, facecolor="white", edgecolor=BLACK, linewidth=0.9,
                zorder=6 if len(mine) < 100 else 2, label=kind.replace("_", " "),
            )  # fmt: skip


def _draw_detections(
    plan: Axes, frame: LocalFrame, detections: Sequence[Detection], sensors: Sequence[Sensor]
) -> None:
    """Places told or reckoned from range and azimuth; bearings alone have no place to draw."""
    sites = {s.id: s for s in sensors}
    flat = {s.id: frame.to_enu(s.lat, s.lon, 0.0)[:2] for s in sensors}
    where: list[tuple[float, float]] = []
    placed: list[tuple[float, float]] = []
    for d in detections[:_MOST_DETECTIONS]:
        b = d.bearing
        if b is not None and b.range_m is not None and b.azimuth_deg is not None:
            if d.sensor in sites:
                e, n = flat[d.sensor]
                ground = b.range_m * math.cos(math.radians(b.elevation_deg or 0.0))
                way = math.radians(b.azimuth_deg)
                where.append((float(e) + ground * math.sin(way), float(n) + ground * math.cos(way)))
        elif d.statement == "fix" and d.position is not None:
            placed.append((d.position.lat, d.position.lon))
    if placed:
        where += list(zip(*(side.tolist() for side in _flat(frame, np.array(placed))), strict=True))
    if where:
        e2, n2 = np.array(where).T
        plan.scatter(
            e2, n2, s=2.5, color=GREY, alpha=0.45, linewidth=0, zorder=1, label="detection"
        )


def _draw_truth(plan: Axes, frame: LocalFrame, scene: Scene) -> None:
    e, n = _flat(frame, scene.truth.place)
    styles = {0: (BLACK, 1.6, "-"), 1: (PURPLE, 0.8, ":"), 2: (BLUE, 1.2, "-.")}
    drawn: set[int] = set()
    for flight in range(len(scene.truth.names)):
        rows = np.flatnonzero(scene.truth.who == flight)
        kind = int(scene.truth.kind[rows[0]])
        colour, width, line = styles[kind]
        label = None if kind in drawn else f"true {KINDS[kind]}"
        drawn.add(kind)
        plan.plot(e[rows], n[rows], line, color=colour, lw=width, zorder=3, label=label)
        if kind == 0:
            plan.plot(e[rows[0]], n[rows[0]], "o", color=colour, ms=4, zorder=3)
    missed = np.setdiff1d(scene.matched.present[1], scene.matched.pairs.truth)
    if len(missed):
        plan.scatter(
            e[missed], n[missed], marker="x", s=16, color=RED, lw=1.0, zorder=5, label="missed"
        )


def _draw_tracks(plan: Axes, frame: LocalFrame, scene: Scene) -> None:
    reports, matched = scene.reports, scene.matched
    if not len(reports.t):
        return
    e, n = _flat(frame, reports.place)
    on = np.zeros(len(reports.t), np.bool_)
    on[matched.pairs.report] = True
    false = np.setdiff1d(matched.counted[1], matched.pairs.report)
    aside = np.unique(matched.bystanders.report)
    tentative = np.flatnonzero(~reports.counts)
    marks: tuple[tuple[np.ndarray, str, str, str, float], ...] = (
        (tentative, ".", GREEN, "tentative", 5.0),
        (aside, "+", SKY, "track on a don't-care", 3.0),
        (false, "D", RED, "false", 11.0),
    )
    first = True
    for track in np.unique(reports.who[reports.counts]).tolist():
        rows = np.flatnonzero((reports.who == track) & reports.counts)
        line = np.stack([e[rows], n[rows]], axis=1)
        pieces = np.stack([line[:-1], line[1:]], axis=1)
        colour, width = (ORANGE, 1.3) if on[rows].any() else (SKY, 0.7)
        plan.add_collection(LineCollection(list(pieces), colors=colour, linewidths=width, zorder=4))
        if on[rows].any():
            _draw_ellipses(plan, scene, rows, e, n, "1-sigma error" if first else None)
            first = False
    plan.plot([], [], color=ORANGE, lw=1.3, label="track")
    for rows, mark, colour, label, size in marks:
        if len(rows):
            plan.scatter(
                e[rows], n[rows], marker=mark, s=size, color=colour, lw=0.7, zorder=4,
                alpha=0.7, label=label,
            )  # fmt: skip


def _draw_ellipses(
    plan: Axes, scene: Scene, rows: np.ndarray, e: F64, n: F64, label: str | None
) -> None:
    """A circle of `sigma_m` where a line tells no ellipse. Azimuth is clockwise from north."""
    few = rows[np.unique(np.linspace(0, len(rows) - 1, min(_ELLIPSES, len(rows))).astype(int))]
    sigma, (major, minor, azimuth) = scene.reports.sigma_m[few], scene.reports.ellipse[few].T
    major, minor = (np.where(np.isnan(axis), sigma, axis) for axis in (major, minor))
    turned = 90.0 - np.nan_to_num(azimuth)
    plan.add_collection(
        EllipseCollection(
            list(2.0 * major), list(2.0 * minor), list(turned), units="xy",
            offsets=np.stack([e[few], n[few]], axis=1), transOffset=plan.transData,
            facecolors="none", edgecolors=BLUE, linewidths=0.9, zorder=5,
        )
    )  # fmt: skip
    if label:
        plan.plot([], [], "o", mfc="none", mec=BLUE, ms=8, label=label)


def _finish_map(plan: Axes, frame: LocalFrame, scene: Scene) -> None:
    """Shows where truth is and a quarter around it; bar and arrow inside."""
    drones = scene.truth.place[scene.truth.kind == 0]
    e, n = _flat(frame, drones if len(drones) else scene.truth.place)
    middle = np.array([(e.min() + e.max()) / 2.0, (n.min() + n.max()) / 2.0])
    wide, high = max(np.ptp(e), 200.0), max(np.ptp(n), 200.0)
    half_n = 0.62 * max(high, wide / 1.5)
    half_e = max(0.62 * wide, 1.3 * half_n)
    plan.set_xlim(middle[0] - half_e, middle[0] + half_e)
    plan.set_ylim(middle[1] - half_n, middle[1] + half_n)
    plan.set_aspect("equal")
    plan.set_xlabel("east, m")
    plan.set_ylabel("north, m")
    plan.grid(color="#e4e4e4", lw=0.5)
    plan.set_axisbelow(True)
    length = _round(0.4 * half_e)
    left, foot = middle[0] - 0.95 * half_e, middle[1] - 0.93 * half_n
    plan.plot(
        [left, left + length], [foot, foot], color=BLACK, lw=3, solid_capstyle="butt", zorder=8
    )
    told = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    plan.text(left + length / 2, foot + 0.02 * half_n, told, ha="center", va="bottom", zorder=8)
    plan.annotate(
        "N", xy=(0.965, 0.97), xytext=(0.965, 0.87), xycoords="axes fraction", ha="center",
        fontsize=12, fontweight="bold", arrowprops={"arrowstyle": "->", "lw": 1.6}, zorder=8,
    )  # fmt: skip
    plan.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=8.5, frameon=False)
    where = f"0, 0 is {frame.lat:.5f}°, {frame.lon:.5f}°"
    plan.add_artist(AnchoredText(where, loc="lower right", prop={"size": 8}, frameon=False))


def _round(length: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(length))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= length)


def _draw_errors(error: Axes, scene: Scene) -> None:
    matched = scene.matched
    t = matched.t[matched.pairs.frame] - (matched.t[0] if len(matched.t) else 0.0)
    sigma = scene.reports.sigma_m[matched.pairs.report]
    error.scatter(t, matched.pairs.metres, s=5, color=ORANGE, lw=0, label="horizontal error")
    frames = len(matched.t)
    count = np.bincount(matched.pairs.frame, minlength=frames)
    told = np.bincount(matched.pairs.frame, sigma, frames) / np.maximum(count, 1)
    seconds = matched.t - matched.t[0]
    stated = np.where(count > 0, math.sqrt(2.0) * told, np.nan)
    error.plot(seconds, stated, color=BLUE, lw=1.0, label="√2 × stated sigma, mean")
    error.set_ylabel("m")
    error.set_ylim(bottom=0.0)
    error.grid(color="#e4e4e4", lw=0.5)
    error.tick_params(labelbottom=False)
    error.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=8.5, frameon=False)


def _draw_counts(counts: Axes, scene: Scene) -> None:
    matched = scene.matched
    paired = np.bincount(matched.pairs.frame, minlength=len(matched.t))
    seconds = matched.t - matched.t[0]
    for value, colour, line, label in (
        (paired, ORANGE, "-", "tracked"),
        (matched.truths - paired, RED, "--", "missed"),
        (matched.tracks - paired, BLACK, ":", "false"),
    ):
        counts.step(seconds, value, line, where="post", color=colour, lw=1.3, label=label)
    counts.set_ylabel("number")
    counts.set_xlabel("seconds of the scene")
    counts.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    counts.grid(color="#e4e4e4", lw=0.5)
    counts.legend(loc="upper left", bbox_to_anchor=(1.01, 1.05), fontsize=8.5, frameon=False)
