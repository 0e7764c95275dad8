"""Columns to words: the changed tracks as people and other rooms read them."""

from __future__ import annotations

import math
from typing import Protocol, cast

import numpy as np

from tocsin.earth.compile import gate, kernel
from tocsin.earth.geodetic import axes_at, frame_at, out_of_frame
from tocsin.fuse.columns import (
    ACOUSTIC,
    ADSB,
    HUMAN,
    REMOTE_ID,
    RF,
    Floats,
    Ints,
    ReportRow,
    Reports,
    Rows,
)
from tocsin.fuse.suspicion import claimed
from tocsin.fuse.table import Array, Table
from tocsin.words import ClaimedIdentity
from tocsin.words.batch import KINDS, TRACK, WITNESSES, TrackBatch

WITNESS_MEMORY_S = 10.0
HEIGHT_SIGMA_M = 150.0  # a height less sure than this is not told
PRIOR = np.log(np.array([0.40, 0.40, 0.12, 0.08]))
"""Before anything is known: drone, bird, aircraft, other."""
KIND_SAYS = np.zeros((len(KINDS), 4))
"""Log-odds that being heard by a kind of sensor adds to each class, once a track."""
KIND_SAYS[RF] = 3.0, -2.0, 0.0, 0.0  # birds do not transmit
KIND_SAYS[ACOUSTIC] = 2.5, -2.0, 0.0, 0.5  # it was set to listen for propellers
KIND_SAYS[REMOTE_ID] = 5.0, -3.0, -2.0, 0.0
KIND_SAYS[ADSB] = -3.0, -5.0, 4.0, 0.0  # less than a sensor's scores for a drone (8) undo
KIND_SAYS[HUMAN] = 1.5, 0.0, 0.0, 0.5
SCORED_DOUBT = 1.0  # nats a drone must earn where scores are told: most that radars see are birds
FAST_MPS, VERY_FAST_MPS = 60.0, 90.0
SLOW_MPS = 18.0  # few aircraft with people in them fly as slowly: helicopters, seldom


class ToldRow(Protocol):
    """One report as words.batch has it, seen by compiled code."""

    t: float
    lat: float
    lon: float
    alt_m: float
    ve: float
    vn: float
    vu: float
    sigma_m: float
    sigma_mps: float
    sigma_alt_m: float
    drone: float
    bird: float
    aircraft: float
    other: float
    major_m: float
    minor_m: float
    azimuth_deg: float
    first_t: float
    witness_t: Floats
    uid: int
    status: int
    claim: int
    witnesses: int
    witness: Ints


def to_tracks(table: Table) -> Array:
    """The reports waiting in the table as rows of words, in the order they were made; `claim` is
    still the table's."""
    count = int(table.state["reports"][0])
    told = np.empty(count, TRACK)
    if count:
        assert table.epoch is not None
        frame = frame_at(table.frame.lat, table.frame.lon)
        _tell(cast(Reports, table.reports[:count]), table.epoch, frame, cast(Rows[ToldRow], told))
    return told


def in_a_batch(table: Table, told: list[Array], said: list[ClaimedIdentity]) -> TrackBatch:
    """Reports as one batch, with the claims they name."""
    rows = told[0] if len(told) == 1 else np.concatenate(told)
    return TrackBatch(
        rows, table.prefix, table.sensor_ids, [KINDS[k] for k in table.sensors["kind"].tolist()],
        said,
    )  # fmt: skip


def to_identities(table: Table, told: Array, before: int) -> list[ClaimedIdentity]:
    """The claimed identities of reports waiting in the table, each once; `told` gets their places
    in a list in which `before` stand already."""
    rows = np.flatnonzero(told["claim"] >= 0)
    found: list[ClaimedIdentity] = []
    if rows.size == 0:
        return found
    places: dict[tuple[int, bytes, bytes], int] = {}
    for row in rows.tolist():
        report = table.reports[row]
        facts = int(report["claim"]), report["doubt"].tobytes(), report["figure"].tobytes()
        place = places.get(facts)
        if place is None:
            who = claimed(table, report)
            assert who is not None
            place = places[facts] = before + len(found)
            found.append(who)
        told["claim"][row] = place
    return found


@gate
def _tell(reports: Reports, epoch: float, frame: Floats, told: Rows[ToldRow]) -> None:
    """Reports into the rows of words."""
    place, axes, logs = np.empty(3), np.empty(9), np.empty(4)
    for k in range(reports.shape[0]):
        r, w = reports[k], told[k]
        w.t, w.first_t = cut(r.t + epoch, 1e3), cut(r.first + epoch, 1e3)
        w.uid, w.status, w.claim = r.uid, r.status, r.claim
        out_of_frame(frame, r.place, place)
        w.lat, w.lon = cut(place[0], 1e7), cut(place[1], 1e7)
        axes_at(place[0], place[1], axes)
        v = r.motion
        x = frame[0] * v[0] + frame[3] * v[1] + frame[6] * v[2]
        y = frame[1] * v[0] + frame[4] * v[1] + frame[7] * v[2]
        z = frame[2] * v[0] + frame[5] * v[1] + frame[8] * v[2]
        w.ve = cut(axes[0] * x + axes[1] * y + axes[2] * z, 1e3)
        w.vn = cut(axes[3] * x + axes[4] * y + axes[5] * z, 1e3)
        w.sigma_m = cut(math.sqrt(max(0.5 * (r.ee + r.nn), 0.0)), 1e2)
        w.sigma_mps = cut(math.sqrt(max(0.5 * r.vv, 0.0)), 1e3)
        sigma_up = math.sqrt(max(r.uu, 0.0))
        w.alt_m = w.vu = w.sigma_alt_m = math.nan
        if r.height == 1 and sigma_up < HEIGHT_SIGMA_M:
            w.alt_m, w.sigma_alt_m = cut(place[2], 1e2), cut(sigma_up, 1e2)
            w.vu = cut(axes[6] * x + axes[7] * y + axes[8] * z, 1e3)
        _classes(r, logs)
        w.drone, w.bird = cut(logs[0], 1e4), cut(logs[1], 1e4)
        w.aircraft, w.other = cut(logs[2], 1e4), cut(logs[3], 1e4)
        _ellipse(r, w)
        _witnesses(r, w, epoch)


@kernel
def cut(value: float, scale: float) -> float:
    """Rounded to one part in `scale`, half to even; never minus nought."""
    return float(np.rint(value * scale) / scale + 0.0)


@kernel
def _classes(r: ReportRow, p: Floats) -> None:
    """Class probabilities from the prior, the kinds of sensor, their scores, and the speed."""
    scored = False
    for c in range(4):
        p[c] = PRIOR[c] + r.likely[c]
        scored = scored or r.likely[c] != 0.0
        for kind in range(KIND_SAYS.shape[0]):
            if (r.kinds >> kind) & 1:
                p[c] += KIND_SAYS[kind, c]
    if scored:
        p[0] -= SCORED_DOUBT + r.flock
    speed = math.hypot(r.motion[0], r.motion[1])
    if speed + 2.0 * math.sqrt(max(0.5 * r.vv, 0.0)) < SLOW_MPS:
        p[2] -= 2.0
    if speed > FAST_MPS:
        p[0] -= 2.0
        p[1] -= 6.0
        p[2] += 1.0
    if speed > VERY_FAST_MPS:
        p[0] -= 4.0
        p[1] -= 6.0
        p[2] += 1.0
    top = max(max(p[0], p[1]), max(p[2], p[3]))
    total = 0.0
    for c in range(4):
        p[c] = math.exp(p[c] - top)
        total += p[c]
    for c in range(4):
        p[c] /= total


@kernel
def _ellipse(r: ReportRow, w: ToldRow) -> None:
    """Semi-axes and azimuth of the major axis of the horizontal covariance."""
    middle, half = 0.5 * (r.ee + r.nn), math.hypot(0.5 * (r.ee - r.nn), r.en)
    w.major_m = cut(math.sqrt(max(middle + half, 0.0)), 1e2)
    w.minor_m = cut(math.sqrt(max(middle - half, 0.0)), 1e2)
    azimuth = math.degrees(0.5 * math.atan2(2.0 * r.en, r.nn - r.ee))
    w.azimuth_deg = cut(azimuth + 180.0 if azimuth < 0.0 else azimuth, 1e2)


@kernel
def _witnesses(r: ReportRow, w: ToldRow, epoch: float) -> None:
    """The sensors that agreed in the last seconds, in the order of the sensors' list."""
    count = 0
    for k in range(WITNESSES):
        w.witness[k], w.witness_t[k] = -1, math.nan
        if r.witness[k] < 0 or r.witness_t[k] < r.t - WITNESS_MEMORY_S:
            continue
        s, t, p = r.witness[k], cut(r.witness_t[k] + epoch, 1e3), count
        while p > 0 and w.witness[p - 1] > s:
            w.witness[p], w.witness_t[p] = w.witness[p - 1], w.witness_t[p - 1]
            p -= 1
        w.witness[p], w.witness_t[p] = s, t
        count += 1
    w.witnesses = count
