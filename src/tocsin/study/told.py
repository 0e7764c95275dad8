"""The yardstick: a tracker that is told which statement is about which drone, and only filters.

Filter   interacting cubature Kalman filters (Arasaratnam, Haykin 2009; mixing as Bar-Shalom, Li,
         Kirubarajan 2001, 11.6.6), constant velocity with white acceleration, six states
Prior    one steady and one turning mode; what it is not told: place, speed, manoeuvres
Told     the truth behind each statement, which serials lie (their claims are left out), and how
         sensors are turned and late where the scene hides it
Reports  each whole second while its own 1-sigma is below half the cut-off: above that a report
         costs GOSPA more than silence (2 sigma^2 > c^2 / 2)

It is a yardstick and no bound: a tracker that smooths, uses the silence of sensors or the level of
sound may do better. Statements are taken in the order of their own time, as if none came late.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tocsin.earth import LocalFrame
from tocsin.simulate.ground import turn_into
from tocsin.study.truth import Rules
from tocsin.words import ClassScores, Detection, Sensor, Track

F64 = NDArray[np.float64]

SOUND_MPS = 340.0
MODES_Q = (0.03, 12.0)
"""m2/s3, power of the white acceleration of the steady and of the turning mode."""
DWELL_S = (25.0, 5.0)
"""Mean seconds in a mode before the other takes over."""
VERTICAL_SHARE = 0.12
"""Of the acceleration's power: climbs are gentler than turns."""
SPEED_MPS = 15.0
"""1-sigma of each component of an unknown velocity; three times as much for bare presences, which
are of long-range fixed wings."""
GUESSED_UP_M, GUESSED_UP_SIGMA_M = 120.0, 80.0
"""Height over the sensor where nothing tells it."""
CROSS_WITHIN_S = 2.5
LEAST_CROSSING = math.sin(math.radians(15.0))
"""Two azimuths that meet at less than 15 degrees tell no distance."""


@dataclass
class Filtered:
    """One drone's filter: x (modes, 6) metres and metres a second, P (modes, 6, 6), mu (modes)."""

    t: float
    x: F64
    P: F64
    mu: F64
    heard: set[str] = field(default_factory=set)

    def mean(self) -> tuple[F64, F64]:
        """The one Gaussian of all modes: mean (6) and covariance (6, 6)."""
        x = self.mu @ self.x
        d = self.x - x
        return x, np.einsum("m,mij->ij", self.mu, self.P + d[:, :, None] * d[:, None, :])


@dataclass(frozen=True)
class Statement:
    """A statement in the scene's frame: what was measured, with variances, and from where.

    `rows` names what `z` (n) holds: "azimuth", "elevation", "range", "rate" in the sensor's own
    axes (radians, metres, metres a second), or "east", "north", "up" of a place in its own axes.
    """

    t: float
    sensor: str
    rows: tuple[str, ...]
    z: F64
    variance: F64
    place: F64
    turn: F64
    delayed: bool
    max_range_m: float


def tell(
    sensors: Sequence[Sensor],
    detections: Sequence[Detection],
    labels: Sequence[str | None],
    drones: Iterable[str],
    rules: Rules,
    *,
    hidden_bias: Mapping[str, Mapping[str, float]] | None = None,
    sound_delayed: bool = True,
) -> list[Track]:
    """Tracks of the named drones from the statements that the labels give to each."""
    frame = LocalFrame(
        float(np.mean([s.lat for s in sensors])), float(np.mean([s.lon for s in sensors]))
    )
    setting = _Setting(frame, {s.id: s for s in sensors}, dict(hidden_bias or {}), sound_delayed)
    whose: dict[str, list[Statement]] = {name: [] for name in drones}
    for detection, label in zip(detections, labels, strict=True):
        if label not in whose or _lies(detection, rules):
            continue
        statement = setting.read(detection)
        if statement is not None:
            whose[label].append(statement)
    if not detections:
        return []
    last = math.floor(max(d.t for d in detections))
    found = [
        report
        for name in sorted(whose)
        for report in _follow(name, whose[name], setting.frame, rules, last)
    ]
    return sorted(found, key=lambda report: (report.t, report.track))


def _lies(detection: Detection, rules: Rules) -> bool:
    return detection.identity is not None and detection.identity.serial in rules.spoofed_serials


def _follow(
    name: str, statements: list[Statement], frame: LocalFrame, rules: Rules, last: int
) -> list[Track]:
    """One drone's reports, each whole second from its first to where its sigma grows too large."""
    statements.sort(key=lambda s: s.t)
    reports: list[Track] = []
    state: Filtered | None = None
    waiting: list[Statement] = []
    at = 0
    first = math.ceil(statements[0].t) if statements else last + 1
    for second in range(first, last + 1):
        while at < len(statements) and statements[at].t <= second:
            statement = statements[at]
            at += 1
            if state is None or _width(state, statement.t) > 2.0 * rules.gospa_c_m:
                state = _begin(statement, waiting)
            else:
                update(state, statement)
                state.heard.add(statement.sensor)
        if state is not None:
            told = _report(name, state, float(second), frame)
            if told.sigma_m < 0.5 * rules.gospa_c_m:
                reports.append(told)
    return reports


def _width(state: Filtered, t: float) -> float:
    _, P = ahead(state, t).mean()
    return math.sqrt(0.5 * (P[0, 0] + P[1, 1]))


def _report(name: str, state: Filtered, t: float, frame: LocalFrame) -> Track:
    x, P = ahead(state, t).mean()
    lat, lon, alt = frame.to_wgs84(x[0], x[1], x[2])
    turn = turn_into(float(lat), float(lon), frame.lat, frame.lon)
    speed = turn @ x[3:]
    return Track(
        t=t, track=name, status="confirmed", lat=float(lat), lon=float(lon), alt_m=float(alt),
        ve=float(speed[0]), vn=float(speed[1]), vu=float(speed[2]),
        sigma_m=math.sqrt(0.5 * (P[0, 0] + P[1, 1])), sigma_alt_m=math.sqrt(P[2, 2]),
        sigma_mps=math.sqrt(0.5 * (P[3, 3] + P[4, 4])),
        class_=ClassScores(drone=1.0), sensors=tuple(sorted(state.heard)),
    )  # fmt: skip


def ahead(state: Filtered, t: float) -> Filtered:
    """The filter at a later time; a time before its own changes nothing."""
    dt = t - state.t
    if dt <= 0.0:
        return state
    mu, x, P = state.mu, state.x, state.P
    if len(mu) == 2:
        stay = np.exp(-dt / np.array(DWELL_S))
        switch = np.array([[stay[0], 1.0 - stay[0]], [1.0 - stay[1], stay[1]]])
        joint = switch * mu[:, None]
        mu = joint.sum(axis=0)
        share = joint / mu
        mixed = share.T @ x
        d = x[:, None, :] - mixed[None, :, :]
        spread = P[:, None] + d[..., :, None] * d[..., None, :]
        x, P = mixed, np.einsum("ij,ijab->jab", share, spread)
    F = np.eye(6)
    F[:3, 3:] = dt * np.eye(3)
    axes = np.diag([1.0, 1.0, VERTICAL_SHARE])
    one = np.block([[dt**3 / 3.0 * axes, dt**2 / 2.0 * axes], [dt**2 / 2.0 * axes, dt * axes]])
    q = np.array(MODES_Q[-len(mu) :])
    P = F @ P @ F.T + q[:, None, None] * one
    return Filtered(t, x @ F.T, P, mu, state.heard)


def update(state: Filtered, statement: Statement) -> None:
    """Predict to the statement and learn from it, in place (a statement a little older than the
    state is taken as of now: sensors with corrected clocks cross by less than a scan)."""
    now = ahead(state, statement.t)
    likelihood = np.empty(len(now.mu))
    x, P = now.x.copy(), now.P.copy()
    for mode in range(len(now.mu)):
        root = np.linalg.cholesky(P[mode]) * math.sqrt(6.0)
        points = x[mode] + np.concatenate([root.T, -root.T])
        seen = expected(statement, points)
        about = expected(statement, x[mode][None, :])[0]
        away = _wrapped(statement.rows, seen - about)
        mean = away.mean(axis=0)
        d = away - mean
        S = d.T @ d / 12.0 + np.diag(statement.variance)
        cross = (points - x[mode]).T @ d / 12.0
        K = np.linalg.solve(S, cross.T).T
        nu = _wrapped(statement.rows, statement.z - about) - mean
        nu = _wrapped(statement.rows, nu)
        x[mode] = x[mode] + K @ nu
        P[mode] = P[mode] - K @ S @ K.T
        P[mode] = 0.5 * (P[mode] + P[mode].T) + 1e-9 * np.eye(6)
        _, logdet = np.linalg.slogdet(S)
        likelihood[mode] = -0.5 * (nu @ np.linalg.solve(S, nu) + logdet)
    mu = now.mu * np.exp(likelihood - likelihood.max())
    state.t, state.x, state.P, state.mu = now.t, x, P, mu / mu.sum()


def expected(statement: Statement, points: F64) -> F64:
    """What the sensor should say of each of the states (k, 6): (k, rows)."""
    p, v = points[:, :3] - statement.place, points[:, 3:]
    if statement.delayed:  # it is heard where it was when the sound left it
        lag = np.linalg.norm(p, axis=1) / SOUND_MPS
        for _ in range(3):
            lag = np.linalg.norm(p - lag[:, None] * v, axis=1) / SOUND_MPS
        p = p - lag[:, None] * v
    e, n, u = (p @ statement.turn.T).T
    ground = np.maximum(np.hypot(e, n), 1.0)
    r = np.hypot(ground, u)
    said = {
        "azimuth": lambda: np.arctan2(e, n),
        "elevation": lambda: np.arctan2(u, ground),
        "range": lambda: r,
        "rate": lambda: np.einsum("ki,ki->k", p, v) / r,
        "east": lambda: e,
        "north": lambda: n,
        "up": lambda: u,
    }
    return np.stack([said[row]() for row in statement.rows], axis=1)


def _wrapped(rows: tuple[str, ...], difference: F64) -> F64:
    """Differences with azimuths brought to (-pi, pi]."""
    if "azimuth" not in rows:
        return difference
    out = difference.copy()
    k = rows.index("azimuth")
    out[..., k] = (out[..., k] + math.pi) % (2.0 * math.pi) - math.pi
    return out


def _begin(statement: Statement, waiting: list[Statement]) -> Filtered | None:
    """A new filter from a place, from azimuth and range, or where two azimuths cross."""
    x, P = np.zeros(6), np.zeros((6, 6))
    back = statement.turn.T
    rows = dict(zip(statement.rows, zip(statement.z, statement.variance, strict=True), strict=True))
    speed = SPEED_MPS
    if "east" in rows:
        east, north = rows["east"], rows["north"]
        up = rows.get("up", (GUESSED_UP_M, GUESSED_UP_SIGMA_M**2))
        local, variance = np.array([east[0], north[0], up[0]]), [east[1], north[1], up[1]]
        x[:3] = statement.place + back @ local
        P[:3, :3] = back @ np.diag(variance) @ back.T
        speed *= 3.0 if statement.delayed else 1.0
    elif "range" in rows:
        _from_range(x, P, statement, rows)
    else:
        waiting[:] = [w for w in waiting if statement.t - w.t <= CROSS_WITHIN_S]
        crossed = [
            w for w in waiting if w.sensor != statement.sensor and _cross(x, P, w, statement)
        ]
        waiting.append(statement)
        if not crossed:
            return None
    P[3:, 3:] = np.diag([speed**2, speed**2, (0.2 * speed) ** 2])
    modes = len(MODES_Q)
    return Filtered(
        statement.t,
        np.tile(x, (modes, 1)),
        np.tile(P, (modes, 1, 1)),
        np.full(modes, 1.0 / modes),
        {statement.sensor},
    )


def _from_range(
    x: F64, P: F64, statement: Statement, rows: Mapping[str, tuple[float, float]]
) -> None:
    """Place and its covariance from azimuth, range and, if told, elevation; into x and P."""
    azimuth, s2_azimuth = rows["azimuth"]
    r, s2_range = rows["range"]
    elevation, s2_elevation = rows.get("elevation", (math.asin(min(1.0, GUESSED_UP_M / r)), 0.04))
    ground = r * math.cos(elevation)
    local = np.array(
        [ground * math.sin(azimuth), ground * math.cos(azimuth), r * math.sin(elevation)]
    )
    along = local / r
    across = np.array([math.cos(azimuth), -math.sin(azimuth), 0.0])
    over = np.cross(across, along)
    axes = np.stack([along, across, over], axis=1)
    spread = np.diag([s2_range, ground**2 * s2_azimuth, r * r * s2_elevation])
    back = statement.turn.T
    x[:3] = statement.place + back @ local
    P[:3, :3] = back @ axes @ spread @ axes.T @ back.T


def _cross(x: F64, P: F64, one: Statement, two: Statement) -> bool:
    """Where two azimuths meet, into x and P; False if they do not, or tell no distance."""
    az = [s.z[s.rows.index("azimuth")] for s in (one, two)]
    ways = np.array(
        [s.turn.T @ [math.sin(a), math.cos(a), 0.0] for s, a in zip((one, two), az, strict=True)]
    )
    meeting = ways[0, 0] * ways[1, 1] - ways[0, 1] * ways[1, 0]
    if abs(meeting) < LEAST_CROSSING:
        return False
    r = np.linalg.solve(
        np.stack([ways[0, :2], -ways[1, :2]], axis=1), two.place[:2] - one.place[:2]
    )
    if np.any(r < 0.0) or r[0] > one.max_range_m or r[1] > two.max_range_m:
        return False
    x[:2] = one.place[:2] + r[0] * ways[0, :2]
    # each azimuth fixes one line's offset: sigma * range across its way
    across = np.stack([[w[1], -w[0]] for w in ways])
    s2 = [s.variance[s.rows.index("azimuth")] for s in (one, two)]
    inverse = np.linalg.inv(across)
    P[:2, :2] = inverse @ np.diag(r**2 * s2) @ inverse.T + (CROSS_WITHIN_S * 5.0) ** 2 * np.eye(2)
    ups, sigma2 = [], []
    for s, distance in zip((one, two), r, strict=True):
        if "elevation" in s.rows:
            k = s.rows.index("elevation")
            ups.append(s.place[2] + distance * math.tan(s.z[k]))
            sigma2.append(distance**2 * s.variance[k] / math.cos(s.z[k]) ** 4)
    x[2] = np.average(ups, weights=1.0 / np.array(sigma2)) if ups else one.place[2] + GUESSED_UP_M
    P[2, 2] = 1.0 / np.sum(1.0 / np.array(sigma2)) + 100.0 if ups else GUESSED_UP_SIGMA_M**2
    return True


@dataclass
class _Setting:
    """The scene's frame and sensors, and what is known of their hidden faults."""

    frame: LocalFrame
    sensors: dict[str, Sensor]
    bias: dict[str, Mapping[str, float]]
    sound_delayed: bool

    def read(self, detection: Detection) -> Statement | None:
        """A detection in the frame; None where it says nothing of a place."""
        sensor = self.sensors[detection.sensor]
        bias = self.bias.get(sensor.id, {})
        where = (sensor.lat, sensor.lon, sensor.alt_m or 0.0)
        sigma = detection.sigma
        if detection.bearing is not None:
            b = detection.bearing
            azimuth = (
                None if b.azimuth_deg is None else b.azimuth_deg - bias.get("azimuth_deg", 0.0)
            )
            table = [
                ("azimuth", azimuth, sigma.azimuth_deg, math.pi / 180.0),
                ("elevation", b.elevation_deg, sigma.elevation_deg, math.pi / 180.0),
                ("range", b.range_m, sigma.range_m, 1.0),
                ("rate", b.range_rate_mps, sigma.range_rate_mps, 1.0),
            ]
        elif detection.position is not None:
            p = detection.position
            where = (p.lat, p.lon, p.alt_m if p.alt_m is not None else 0.0)
            up = None if p.alt_m is None else 0.0
            table = [
                ("east", 0.0, sigma.horizontal_m, 1.0),
                ("north", 0.0, sigma.horizontal_m, 1.0),
                ("up", up, sigma.alt_m, 1.0),
            ]
        else:
            return None
        told = [
            (row, z * unit, (s * unit) ** 2) for row, z, s, unit in table if z is not None and s
        ]
        if not told:
            return None
        e, n, u = self.frame.to_enu(*where)
        return Statement(
            t=detection.t - bias.get("clock_s", 0.0),
            sensor=sensor.id,
            rows=tuple(row for row, _, _ in told),
            z=np.array([z for _, z, _ in told]),
            variance=np.array([s2 for _, _, s2 in told]),
            place=np.array([float(e), float(n), float(u)]),
            turn=turn_into(where[0], where[1], self.frame.lat, self.frame.lon),
            delayed=self.sound_delayed and sensor.kind == "acoustic",
            max_range_m=sensor.max_range_m or 5000.0,
        )
