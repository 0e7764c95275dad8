"""A picture of a recording for a report: its spectrogram with the events on it, the probability of
a drone and the level beneath, all on one axis of time.

Colours are Okabe and Ito's (2008) and matplotlib's viridis, which colour-blind readers can tell
apart; what is deaf is hatched, not only grey. Drawn with matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from tocsin.hear.bands import spectrogram
from tocsin.hear.events import Event
from tocsin.hear.listener import Heard
from tocsin.hear.resample import HALF, RATE_HZ
from tocsin.hear.windows import HOP_S
from tocsin.words.hearing import HeardWindow

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

_MOST_COLUMNS = 4_000
"""More than a picture has pixels; longer recordings are averaged."""
_RANGE_DB = 70.0
_ORANGE, _BLUE, _RED, _GREY = "#E69F00", "#0072B2", "#D55E00", "#8a8a8a"


class Sonogram:
    """The spectra of a recording, half second by half second, bounded; and its windows."""

    def __init__(self) -> None:
        self.windows: list[HeardWindow] = []
        self._columns: list[F64] = []
        self._spans: list[tuple[float, float]] = []
        self._pool = 1
        self._waiting: list[F64] = []
        self._waiting_from = self._told_to = 0.0
        self._last: Heard | None = None

    def add(self, one: Heard) -> None:
        """One more window: the half second before the next one."""
        self.windows.append(one.judged)
        self._last = one
        if one.window.dur_s > HOP_S:
            self._put_half(one.window.samples[:HALF], one.window.t_s, HOP_S)

    def close(self) -> None:
        """The recording has ended: the second half of its last window, or all of a short one."""
        if self._last is None:
            return
        window = self._last.window
        if window.dur_s > HOP_S:
            self._put_half(window.samples[HALF:], window.t_s + HOP_S, window.dur_s - HOP_S)
        else:
            self._put_half(window.samples[:HALF], window.t_s, window.dur_s)

    def _put_half(self, samples: F32, t: float, span_s: float) -> None:
        frames = spectrogram(samples)
        step = HOP_S / len(frames)
        for k, column in enumerate(frames):
            # the last window begins between two others, and only its end is new
            if k * step < span_s and t + k * step > self._told_to - step / 2.0:
                self._put(column, t + k * step, step)

    def _put(self, column: F64, t: float, step: float) -> None:
        if not self._waiting:
            self._waiting_from = t
        self._waiting.append(column)
        self._told_to = t + step
        if len(self._waiting) >= self._pool:
            self._columns.append(np.mean(self._waiting, axis=0))
            self._spans.append((self._waiting_from, t + step))
            self._waiting = []
        if len(self._columns) > _MOST_COLUMNS:
            pairs = zip(self._columns[::2], self._columns[1::2], strict=False)
            self._columns = [(a + b) / 2.0 for a, b in pairs]
            ends = zip(self._spans[::2], self._spans[1::2], strict=False)
            self._spans = [(a[0], b[1]) for a, b in ends]
            self._pool *= 2

    def picture(self) -> tuple[F64, F64]:
        """(bins, columns) in dB against full scale, and the columns' edges in seconds."""
        power = np.array(self._columns).T
        edges = np.array([*(start for start, _ in self._spans), self._spans[-1][1]])
        return 10.0 * np.log10(np.maximum(power, 1e-14)), edges


def draw(
    sonogram: Sonogram,
    events: Sequence[Event],
    kind: Literal["png", "svg"],
    *,
    title: str = "",
    duration_s: float,
) -> bytes:
    """The picture as the bytes of a file."""
    figure = Figure(figsize=(11.0, 7.6), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(3, 1, height_ratios=(4.2, 1.5, 1.2))
    top = figure.add_subplot(grid[0])
    middle = figure.add_subplot(grid[1], sharex=top)
    bottom = figure.add_subplot(grid[2], sharex=top)
    if sonogram.windows:
        _draw_spectra(figure, top, sonogram)
        _draw_probability(middle, sonogram.windows)
        _draw_level(bottom, sonogram.windows)
    for axes in (top, middle, bottom):
        _mark(axes, events, sonogram.windows)
    _name(top, events)
    top.tick_params(labelbottom=False)
    middle.tick_params(labelbottom=False)
    bottom.set_xlim(0.0, max(duration_s, 0.1))
    bottom.set_xlabel("time from the start of the file, minutes:seconds")
    bottom.xaxis.set_major_formatter(FuncFormatter(lambda t, _: _clock(t)))
    bottom.xaxis.set_major_locator(MaxNLocator(12, steps=[1, 2, 3, 5, 6, 10]))
    if title:
        figure.suptitle(title)
    out = io.BytesIO()
    figure.savefig(out, format=kind, metadata={"Date": None} if kind == "svg" else None)
    return out.getvalue()


def _draw_spectra(figure: Figure, axes: Axes, sonogram: Sonogram) -> None:
    level, edges = sonogram.picture()
    loud = float(np.percentile(level, 99.7))
    hertz = np.linspace(0.0, RATE_HZ / 2, level.shape[0])
    half = float(hertz[1]) / 2.0
    mesh = axes.pcolormesh(
        edges,
        np.maximum(0.0, np.append(hertz - half, hertz[-1] + half)),
        level,
        vmin=loud - _RANGE_DB,
        vmax=loud,
        cmap="viridis",
        rasterized=True,
    )
    axes.set_yscale("function", functions=(_to_mel, _from_mel))
    axes.set_ylim(0.0, RATE_HZ / 2)
    axes.set_yticks([0, 100, 250, 500, 1000, 1500, 2000, 3000, 4000, 6000, 8000])
    axes.set_ylabel("frequency, kHz, even in mel")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda f, _: f"{f / 1000:g}"))
    figure.colorbar(mesh, ax=axes, label="dBFS a bin of 16 Hz", pad=0.01, aspect=30)


def _draw_probability(axes: Axes, windows: Sequence[HeardWindow]) -> None:
    t = [w.t + w.dur_s / 2.0 for w in windows]
    p = [np.nan if w.p_drone is None else w.p_drone for w in windows]
    axes.plot(t, p, color=_BLUE, lw=1.2, marker="." if len(t) < 200 else "", ms=4)
    threshold = windows[0].threshold
    if threshold is not None:
        axes.axhline(threshold, color=_RED, lw=0.9, ls="--")
        axes.text(
            0.004, threshold + 0.02, f"{threshold:g}: speaks for a drone", color=_RED, fontsize=7,
            va="bottom", transform=axes.get_yaxis_transform(),
        )  # fmt: skip
    axes.set_ylim(-0.03, 1.03)
    axes.set_ylabel("probability\nof a drone")
    axes.grid(alpha=0.3, lw=0.5)


def _draw_level(axes: Axes, windows: Sequence[HeardWindow]) -> None:
    t = [w.t + w.dur_s / 2.0 for w in windows]
    level = [np.nan if w.level_dbfs is None else w.level_dbfs for w in windows]
    axes.plot(t, level, color=_GREY, lw=1.2)
    axes.set_ylabel("level, dBFS")
    axes.grid(alpha=0.3, lw=0.5)


def _mark(axes: Axes, events: Sequence[Event], windows: Sequence[HeardWindow]) -> None:
    for event in events:
        axes.axvspan(event.start, event.end, facecolor=_ORANGE, alpha=0.13, lw=0)
        for edge in (event.start, event.end):
            axes.axvline(edge, color=_ORANGE, lw=1.4)
    for w in windows:
        if w.deaf is not None:
            axes.axvspan(
                w.t, w.t + w.dur_s, facecolor="none", edgecolor=_GREY, hatch="////", lw=0.0
            )


def _name(axes: Axes, events: Sequence[Event]) -> None:
    """Each event's number and figures along the top of the spectrogram."""
    for number, event in enumerate(events, start=1):
        told = [f"drone {number}", f"p {event.p_peak:.2f}"]
        if event.bpf_hz is not None:
            told.append(f"blades {event.bpf_hz:.0f} Hz")
        axes.annotate(
            ", ".join(told), (event.start, RATE_HZ / 2), xytext=(3, -4), fontsize=8, color="black",
            textcoords="offset points", va="top", annotation_clip=True,
            bbox={"facecolor": _ORANGE, "alpha": 0.9, "lw": 0, "boxstyle": "round,pad=0.2"},
        )  # fmt: skip


def _to_mel(hertz: F64) -> F64:
    """Rotors sound low: a scale that gives them room."""
    return np.asarray(np.log1p(np.maximum(hertz, 0.0) / 700.0))


def _from_mel(mel: F64) -> F64:
    return np.asarray(700.0 * np.expm1(mel))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 1), 60.0)
    text = f"{rest:04.1f}".removesuffix(".0")
    return f"{minutes:.0f}:{text}"
