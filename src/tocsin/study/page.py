"""The trial's report as one page: nothing is fetched, it can be mailed and printed.

Figures with their intervals, the confusion of classes, every scene's scores, distributions of error
and delay with their steps, and the picture of each scene (the first six).
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tocsin.study.picture import BLUE, ORANGE, draw
from tocsin.study.score import Scene, Score, first_tracked
from tocsin.study.trial import Told, Trial
from tocsin.words import Detection, Sensor

MOST_PICTURES = 6
_STYLE = """
body{font:16px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;
color:#111;background:#fff}table{border-collapse:collapse;margin:1rem 0}caption{text-align:left;
font-weight:600;padding:.3rem 0}th,td{padding:.25rem .7rem;border-bottom:1px solid #ddd;
text-align:right}th:first-child,td:first-child{text-align:left}td.why{text-align:left;color:#555}
img{max-width:100%;height:auto}.bar{position:relative;display:inline-block;width:12rem;height:1rem;
background:#eee}.bar i{position:absolute;top:.2rem;height:.6rem;background:#56B4E9}
.bar b{position:absolute;top:0;width:2px;height:1rem;background:#111}
"""


def page(
    names: Sequence[str],
    scenes: Sequence[Scene],
    scores: Sequence[Score],
    report: Trial,
    *,
    detections: Sequence[Sequence[Detection]],
    sensors: Sequence[Sequence[Sensor]],
) -> str:
    """The whole page as text."""
    hours = f"{report.hours:.2f}"
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        "<meta name=viewport content='width=device-width,initial-scale=1'>",
        f"<title>Tocsin: trial report</title><style>{_STYLE}</style>",
        "<h1>Trial report</h1>",
        f"<p>Scenes: {report.scenes}. Drone flights under cover: {report.flights}. Hours: {hours}. "
        "In the manner of CWA 18150. Intervals are 95 %; bars show value and interval.</p>",
        _figures(report.figures),
        _confusion(report),
        _scores(names, scores),
        "<h2>Distributions</h2>",
        _image(_distributions(scenes), "Shares of horizontal errors and of times to detect"),
        "<h2>Scenes</h2>",
    ]
    for k, scene in enumerate(scenes[:MOST_PICTURES]):
        drawn = draw(scene, "png", title=names[k], detections=detections[k], sensors=sensors[k])
        parts.append(_image(drawn, f"Map of {names[k]}: truth, tracks, errors and numbers by time"))
    if len(scenes) > MOST_PICTURES:
        parts.append(f"<p>{len(scenes) - MOST_PICTURES} more scenes are not drawn.</p>")
    return "\n".join(parts) + "\n"


def _image(data: bytes, alt: str) -> str:
    told = base64.b64encode(data).decode()
    return f'<p><img alt="{html.escape(alt)}" src="data:image/png;base64,{told}"></p>'


def _figures(figures: Sequence[Told]) -> str:
    rows = ["<table><caption>Figures</caption><tr><th scope=col>figure<th scope=col>value"]
    rows.append("<th scope=col>95 % interval<th scope=col>unit<th scope=col>of<th><th>note")
    rows += [
        f"<tr><td>{html.escape(f.name)}<td>{f.value_text}<td>{f.span_text or '–'}"
        f"<td>{f.unit}<td>{f.of}<td>{_bar(f)}<td class=why>{html.escape(f.why or '')}"
        for f in figures
    ]
    return "\n".join(rows) + "</table>"


def _bar(f: Told) -> str:
    """Value and interval on a scale from 0 to 1, or to the interval's end."""
    if f.value is None or f.low is None or f.high is None:
        return ""
    top = max(f.high, f.value, 1.0 if f.unit == "" else 1e-9)
    left, wide, at = (100.0 * x / top for x in (f.low, f.high - f.low, f.value))
    return (
        f'<span class=bar aria-hidden=true><i style="left:{left:.1f}%;width:{wide:.1f}%"></i>'
        f'<b style="left:{at:.1f}%"></b></span>'
    )


def _confusion(report: Trial) -> str:
    if not report.confusion:
        return "<p>Confusion of classes: not computable, no track was on anything.</p>"
    heads = "".join(f"<th scope=col>{name}" for name in report.confusion[0].classes)
    rows = [f"<table><caption>Seconds on each kind, by likeliest class</caption><tr><th>{heads}"]
    for line in report.confusion:
        cells = "".join(f"<td>{seconds}" for seconds in line.seconds)
        rows.append(f"<tr><td>true {line.truth}{cells}")
    return "\n".join(rows) + "</table>"


def _scores(names: Sequence[str], scores: Sequence[Score]) -> str:
    heads = ("scene", "GOSPA, m", "OSPA, m", "OSPA(2), m", "tracked", "first, s", "switches")
    rows = ["<table><caption>Scene by scene</caption><tr>"]
    rows.append("".join(f"<th scope=col>{head}" for head in (*heads, "false tracks", "honesty")))
    for name, s in zip(names, scores, strict=True):
        values = (
            s.gospa_m, s.ospa_m, s.ospa2_m, s.covered_share, s.first_confirmation_s,
            float(s.identity_switches), float(s.false_tracks), s.sigma_honesty,
        )  # fmt: skip
        cells = "".join(f"<td>{'–' if v is None else f'{v:.3g}'}" for v in values)
        rows.append(f"<tr><td>{html.escape(name)}{cells}")
    return "\n".join(rows) + "</table>"


def _distributions(scenes: Sequence[Scene]) -> bytes:
    """Share of errors, and of delays, up to each value."""
    figure = Figure(figsize=(11.0, 3.6), layout="constrained", dpi=130)
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    errors = np.concatenate([scene.matched.pairs.metres for scene in scenes])
    delays = np.array([d for scene in scenes for d in first_tracked(scene)[0].values()])
    for axes, values, colour, title in (
        (left, errors, ORANGE, "horizontal error, m"), (right, delays, BLUE, "time to detect, s")
    ):  # fmt: skip
        if len(values):
            axes.ecdf(values, color=colour)
        else:
            axes.text(0.5, 0.5, "not computable", ha="center", transform=axes.transAxes)
        axes.set_xlabel(title)
        axes.set_ylabel("share")
        axes.set_ylim(0.0, 1.0)
        axes.grid(color="#e4e4e4", lw=0.5)
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()
