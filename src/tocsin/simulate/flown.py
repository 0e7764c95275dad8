"""Real flights before made-up sensors: a log's path, carried to the hill and flown again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.interpolate import PchipInterpolator

from tocsin.earth import LocalFrame
from tocsin.errors import InputError
from tocsin.simulate import instruments as tools
from tocsin.simulate.battery import Battery
from tocsin.simulate.flight import STEP_S, Flight, fly, smoothed
from tocsin.simulate.flightlog import (
    FASTEST_MPS,
    METRES_PER_DEGREE,
    SLACK_M,
    FlightLog,
    metres_between,
)
from tocsin.simulate.skies import LOUD
from tocsin.simulate.staged import Staged, stage
from tocsin.simulate.stages import (
    HILL,
    MICROPHONE_FADES_FROM,
    SCORING,
    SOUNDS,
    T0,
    radar_and_finders,
)

LONGEST_GAP_S = 20.0
_KNOT_S = 1.0
_LEAST_S = 5.0
_LOWEST_M = 30.0  # what a height of unknown datum is lifted to at its lowest
_LEAP = 0.9  # of the fastest: a splice shows as the first place that is not out of the question


def flight_of(log: FlightLog, flight_id: str, *, shift_m: float = 0.0) -> Flight:
    """The longest stretch of a log without a gap of 20 s or a splice, its middle over the hill
    (`shift_m` to the east), its shape and speed kept.

    Knots a second apart are joined by a monotone cubic Hermite curve, which does not swing beyond
    what was logged, and smoothed over 2 s; over as long as a drone at 10 m/s needs for ten steps of
    the log's own grid if that is longer (11 s for places written to 1e-4 degrees). Heights above
    take-off are kept; others are lifted so that the lowest is 30 m up, for their datum is not known
    well enough to stand on. Without heights it flies level at 60 m.
    """
    stretch = _longest(log)
    t, lat, lon, height = (c[stretch] for c in (log.t_s, log.lat, log.lon, log.height_m))
    knots = np.concatenate([[True], np.diff(np.floor((t - t[0]) / _KNOT_S)) > 0])
    knots[-1] = True
    t, lat, lon, height = t[knots] - t[0], lat[knots], lon[knots], height[knots]
    frame = LocalFrame(float((lat.min() + lat.max()) / 2), float((lon.min() + lon.max()) / 2), 0.0)
    east, north, _ = frame.to_enu(lat, lon, np.zeros(len(lat)))
    known = np.isfinite(height)
    up = np.interp(t, t[known], height[known]) if known.any() else np.full(len(t), 60.0)
    if log.datum != "take-off" and known.any():
        up = up - up.min() + _LOWEST_M
    marks = np.column_stack([east + shift_m, north, np.maximum(up, 1.0)])
    ticks = np.arange(math.floor(t[-1] / STEP_S) + 1) * STEP_S
    path = np.asarray(PchipInterpolator(t, marks, axis=0)(ticks), dtype=np.float64)
    smooth_s = max(2.0, 10.0 * log.grid_deg * METRES_PER_DEGREE / 10.0)
    path = smoothed(path, round(smooth_s / STEP_S))
    emits = ("adsb", "sound") if log.kind == "aircraft" else LOUD
    return fly(flight_id, log.kind, path, emits=emits)


def _longest(log: FlightLog) -> slice:
    gap_s = np.diff(log.t_s)
    leap_m = metres_between(log.lat[:-1], log.lon[:-1], log.lat[1:], log.lon[1:])
    spliced = leap_m > _LEAP * FASTEST_MPS[log.kind] * gap_s + SLACK_M
    cuts = np.flatnonzero((gap_s > LONGEST_GAP_S) | spliced) + 1
    ends = [0, *cuts.tolist(), len(log.t_s)]
    begin, end = max(pairwise(ends), key=lambda e: log.t_s[e[1] - 1] - log.t_s[e[0]])
    if log.t_s[end - 1] - log.t_s[begin] < _LEAST_S:
        raise InputError(
            f"has no {_LEAST_S:.0f} s without a gap of {LONGEST_GAP_S:.0f} s", where=log.name,
            remedy="choose a longer flight",
        )  # fmt: skip
    return slice(begin, end)


def stage_flown(seed: int, logs: Sequence[FlightLog], duration_s: float | None = None) -> Staged:
    """The logged flights, 300 m beside each other, before a radar, two direction finders, nine
    acoustic arrays and an ADS-B receiver; as long as the longest unless told otherwise."""
    if not logs:
        raise InputError("no flight to fly again", remedy="add --flight FILE")
    flights = [
        flight_of(log, f"F{k + 1}", shift_m=300.0 * (k - (len(logs) - 1) / 2.0))
        for k, log in enumerate(logs)
    ]
    places = [(350.0 * (k % 3 - 1), 350.0 * (k // 3 - 1), 13.0) for k in range(9)]
    arrays = Battery(
        tools.arrays(HILL, places), delayed=True, fade=0.3, fades_from=MICROPHONE_FADES_FROM,
        levels=False, false_rows=SOUNDS,
    )  # fmt: skip
    adsb = Battery((tools.adsb("adsb1", HILL, (5.0, 0.0, 30.0)),))
    lasts = duration_s or max(flight.end_s for flight in flights)
    meta: dict[str, object] = {
        **SCORING,
        "flights": {
            flight.id: {"log": log.name, "height_datum": log.datum, "left_out": log.left_out,
                        "records": len(log.t_s)}
            for flight, log in zip(flights, logs, strict=True)
        },
    }  # fmt: skip
    batteries = [*radar_and_finders(seed), arrays, adsb]
    return stage("flown", seed, T0, lasts, HILL, batteries, flights, meta)
