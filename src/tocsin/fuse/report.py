"""Columns to words: the changed tracks as people and other rooms read them."""

from __future__ import annotations

import numpy as np

from tocsin.fuse.columns import (
    ACOUSTIC,
    ADSB,
    CAMERA,
    HUMAN,
    KINDS,
    RADAR,
    REMOTE_ID,
    RF,
    STATUSES,
    Floats,
)
from tocsin.fuse.suspicion import claimed
from tocsin.fuse.table import Array, Table
from tocsin.words import ClaimedIdentity, ClassScores, Ellipse, Track, Witness

WITNESS_MEMORY_S = 10.0
HEIGHT_SIGMA_M = 150.0  # a height less sure than this is not told
PRIOR = np.log(np.array([0.40, 0.40, 0.12, 0.08]))
"""Before anything is known: drone, bird, aircraft, other."""
KIND_SAYS = {
    RADAR: (0.0, 0.0, 0.0, 0.0),
    RF: (3.0, -2.0, 0.0, 0.0),  # birds do not transmit
    ACOUSTIC: (2.5, -2.0, 0.0, 0.5),  # it was set to listen for propellers
    CAMERA: (0.0, 0.0, 0.0, 0.0),
    REMOTE_ID: (5.0, -3.0, -2.0, 0.0),
    ADSB: (-3.0, -5.0, 6.0, 0.0),
    HUMAN: (1.5, 0.0, 0.0, 0.5),
}
"""Log-odds that being heard by a kind of sensor adds to each class, once a track."""
SCORED_DOUBT = 1.0  # nats a drone must earn where scores are told: most that radars see are birds
FAST_MPS, VERY_FAST_MPS = 60.0, 90.0


def to_tracks(table: Table) -> list[Track]:
    """The reports waiting in the table, as words, in the order they were made."""
    count = int(table.state["reports"][0])
    if count == 0:
        return []
    told = table.reports[:count]
    lat, lon, alt = table.frame.to_wgs84(*told["place"].T)
    velocity = _local_velocity(table, told, lat, lon)
    sigma = np.sqrt(np.maximum(0.5 * (told["ee"] + told["nn"]), 0.0))
    sigma_v = np.sqrt(np.maximum(0.5 * told["vv"], 0.0))
    assert table.epoch is not None
    sigma_u = np.sqrt(np.maximum(told["uu"], 0.0))
    high = ((told["height"] == 1) & (sigma_u < HEIGHT_SIGMA_M)).tolist()
    told_at = zip(
        told["t"].tolist(), told["uid"].tolist(), told["status"].tolist(), told["first"].tolist(),
        lat.tolist(), lon.tolist(), alt.tolist(), velocity.tolist(), sigma.tolist(),
        sigma_v.tolist(), sigma_u.tolist(), high, _classes(told).tolist(),
        _ellipses(told).tolist(), _witnesses(table, told), _identities(table, told), strict=True,
    )  # fmt: skip
    epoch = table.epoch
    tracks = [
        Track(
            t=round(t + epoch, 3),
            track=f"{table.prefix}{uid}",
            status=STATUSES[status],
            lat=round(y, 7),
            lon=round(x, 7),
            ve=round(v[0], 3),
            vn=round(v[1], 3),
            sigma_m=round(sm, 2),
            alt_m=round(z, 2) if up else None,
            vu=round(v[2], 3) if up else None,
            class_=ClassScores(*[round(p, 4) for p in classes]),
            identity=identity,
            sensors=tuple([w.sensor for w in witnesses]),
            sigma_mps=round(sv, 3),
            sigma_alt_m=round(su, 2) if up else None,
            ellipse=Ellipse(*[round(axis, 2) for axis in shape]),
            witnesses=witnesses,
            first_t=round(first + epoch, 3),
        )
        for (
            t, uid, status, first, y, x, z, v, sm, sv, su, up, classes, shape, witnesses, identity,
        ) in told_at
    ]  # fmt: skip
    table.state["reports"] = 0
    return tracks


def _identities(table: Table, told: Array) -> list[ClaimedIdentity | None]:
    """The claimed identity of each report; None for most, which claim nothing."""
    claims = told["claim"].tolist()
    return [None if c < 0 else claimed(table, told[k]) for k, c in enumerate(claims)]


def _local_velocity(table: Table, told: Array, lat: Floats, lon: Floats) -> Floats:
    """Velocities turned from the frame into east, north, up where the track is."""
    from_frame = np.radians([table.frame.lat, table.frame.lon])
    a0, b0 = from_frame
    v = told["motion"]
    x = (
        -np.sin(b0) * v[:, 0]
        - np.sin(a0) * np.cos(b0) * v[:, 1]
        + np.cos(a0) * np.cos(b0) * v[:, 2]
    )
    y = np.cos(b0) * v[:, 0] - np.sin(a0) * np.sin(b0) * v[:, 1] + np.cos(a0) * np.sin(b0) * v[:, 2]
    z = np.cos(a0) * v[:, 1] + np.sin(a0) * v[:, 2]
    a, b = np.radians(lat), np.radians(lon)
    east = -np.sin(b) * x + np.cos(b) * y
    north = -np.sin(a) * np.cos(b) * x - np.sin(a) * np.sin(b) * y + np.cos(a) * z
    up = np.cos(a) * np.cos(b) * x + np.cos(a) * np.sin(b) * y + np.sin(a) * z
    return np.column_stack([east, north, up])


def _classes(told: Array) -> Floats:
    """Class probabilities from the prior, the kinds of sensor, their scores, and the speed."""
    logs = PRIOR + told["likely"]
    for kind, says in KIND_SAYS.items():
        heard = ((told["kinds"] >> kind) & 1) == 1
        logs[heard] += np.array(says)
    logs[(told["likely"] != 0.0).any(axis=1), 0] -= SCORED_DOUBT
    speed = np.hypot(told["motion"][:, 0], told["motion"][:, 1])
    logs[speed > FAST_MPS] += np.array([-2.0, -6.0, 1.0, 0.0])
    logs[speed > VERY_FAST_MPS] += np.array([-4.0, -6.0, 1.0, 0.0])
    p = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _ellipses(told: Array) -> Floats:
    """Semi-axes and azimuth of the major axis of each horizontal covariance."""
    a, b, c = told["ee"], told["en"], told["nn"]
    middle, half = 0.5 * (a + c), np.hypot(0.5 * (a - c), b)
    azimuth = np.degrees(0.5 * np.arctan2(2.0 * b, c - a)) % 180.0
    major, minor = np.sqrt(np.maximum(middle + half, 0.0)), np.sqrt(np.maximum(middle - half, 0.0))
    return np.column_stack([major, minor, azimuth])


def _witnesses(table: Table, told: Array) -> list[tuple[Witness, ...]]:
    """The sensors that agreed in the last seconds, in the order of the sensors' list."""
    assert table.epoch is not None
    kinds, epoch = table.sensors["kind"].tolist(), table.epoch
    recent = (told["witness"] >= 0) & (
        told["witness_t"] >= told["t"][:, np.newaxis] - WITNESS_MEMORY_S
    )
    found = []
    for sensors, times, agreed in zip(
        told["witness"].tolist(), told["witness_t"].tolist(), recent.tolist(), strict=True
    ):
        heard = sorted((s, t) for s, t, yes in zip(sensors, times, agreed, strict=True) if yes)
        found.append(
            tuple(
                [
                    Witness(table.sensor_ids[s], KINDS[kinds[s]], round(t + epoch, 3))
                    for s, t in heard
                ]
            )
        )
    return found
