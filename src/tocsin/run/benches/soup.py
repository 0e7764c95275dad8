"""Stone Soup on a scene, set up as well as we know how: the open library to measure against.

Tracker      global nearest neighbour (`GNNWith2DAssignment`), Mahalanobis gate of 4, extended
             Kalman filter, constant velocity, one step a sensor and time, in order of time
Beginning    `MultiMeasurementInitiator`: four updates make a track, six of bearings only; Stone
             Soup cannot begin from bearings, so an initiator in its manner crosses two azimuths of
             different sensors (where no sensor tells range: else bearings begin nothing)
Ending       four scan periods without an update (120 s for bare presences), a sigma of 60 m
             (5 km), or a younger track that lies on an older one
Is spared    Remote ID: it would believe a liar
Cannot use   sound's delay, class, silence, level; it believes `sensors.json`

Stone Soup is MIT-licensed and a development extra; nothing else of Tocsin imports it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from time import perf_counter

import numpy as np
from stonesoup.base import Property
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.deleter.time import UpdateTimeDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.base import GaussianInitiator
from stonesoup.initiator.simple import MultiMeasurementInitiator, SimpleMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.linear import LinearGaussian
from stonesoup.models.measurement.nonlinear import (
    Cartesian2DToBearing,
    CartesianToElevationBearing,
    CartesianToElevationBearingRange,
    CartesianToElevationBearingRangeRate,
)
from stonesoup.models.transition.linear import (
    CombinedLinearGaussianTransitionModel,
    ConstantVelocity,
)
from stonesoup.predictor.kalman import KalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.angle import Bearing, Elevation
from stonesoup.types.array import StateVector
from stonesoup.types.detection import Detection as SoupDetection
from stonesoup.types.hypothesis import SingleHypothesis
from stonesoup.types.state import GaussianState
from stonesoup.types.track import Track as SoupTrack
from stonesoup.types.update import Update
from stonesoup.updater.kalman import ExtendedKalmanUpdater

from tocsin.earth import LocalFrame
from tocsin.words import Detection, Sensor, Track

PLACE, SPEED = (0, 2, 4), (1, 3, 5)
Q_HORIZONTAL, Q_VERTICAL = 2.0, 0.3
"""m2/s3, between hovering and manoeuvring; climbs are gentler."""
GATE = 4.0
CROSS_WITHIN_S = 2.5
LEAST, LEAST_BEARINGS = 4, 6
PATIENCE_PERIODS = 4.0
MOST_SIGMA_M, MOST_SIGMA_PRESENCE_M = 60.0, 5000.0
TWIN_M = 200.0
TWIN_GATE = 3.0
"""False statements a scan from which on three updates are asked for."""


class CrossingInitiator(GaussianInitiator):
    """Begins a track where two azimuths of different sensors meet; everything else as usual."""

    usual: SimpleMeasurementInitiator = Property(doc="for statements that tell a place")
    prior_state: GaussianState = Property(doc="spread of what bearings do not tell")
    ranged: bool = Property(doc="whether a sensor tells range: then bearings begin nothing")

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)
        self.waiting: list[SoupDetection] = []

    def initiate(
        self, detections: set[SoupDetection], timestamp: datetime, **_: object
    ) -> set[SoupTrack]:
        """New tracks from what belongs to none."""
        bearings = {d for d in detections if "azimuth" in d.metadata}
        tracks: set[SoupTrack] = self.usual.initiate(detections - bearings, timestamp)
        if self.ranged:
            return tracks
        recent = timestamp - timedelta(seconds=CROSS_WITHIN_S)
        self.waiting = [w for w in self.waiting if w.timestamp >= recent]
        for detection in sorted(bearings, key=lambda d: d.metadata["order"]):
            for other in reversed(self.waiting):
                met = _meet(other, detection)
                if met is not None:
                    tracks.add(self._begun(met, detection))
                    self.waiting.remove(other)
                    break
            else:
                self.waiting.append(detection)
        return tracks

    def _begun(self, met: tuple[float, float, float, float], detection: SoupDetection) -> SoupTrack:
        e, n, u, sigma = met
        mean = np.zeros((6, 1))
        mean[PLACE, 0] = e, n, u
        covar = self.prior_state.covar.copy()
        covar[0, 0] = covar[2, 2] = sigma**2
        state = Update.from_state(
            self.prior_state, state_vector=StateVector(mean), covar=covar,
            hypothesis=SingleHypothesis(None, detection), timestamp=detection.timestamp,
        )  # fmt: skip
        return SoupTrack([state])


def _meet(one: SoupDetection, two: SoupDetection) -> tuple[float, float, float, float] | None:
    """East, north, up and 1-sigma of where two azimuths meet, if they do within reach."""
    a, b = one.metadata, two.metadata
    if a["sensor"] == b["sensor"]:
        return None
    ways = np.array([[math.cos(m["azimuth"]), math.sin(m["azimuth"])] for m in (a, b)])
    turn = ways[0, 0] * ways[1, 1] - ways[0, 1] * ways[1, 0]
    if abs(turn) < math.sin(math.radians(15.0)):
        return None
    r = np.linalg.solve(
        np.stack([ways[0], -ways[1]], axis=1), np.array(b["place"][:2]) - np.array(a["place"][:2])
    )
    if np.any(r < 0.0) or r[0] > a["reach"] or r[1] > b["reach"]:
        return None
    e, n = np.array(a["place"][:2]) + r[0] * ways[0]
    up = [
        m["place"][2] + d * math.tan(m["elevation"]) for m, d in zip((a, b), r, strict=True)
        if m["elevation"] is not None
    ]  # fmt: skip
    sigma = math.hypot(r[0] * a["sigma"], r[1] * b["sigma"]) / abs(turn) + 10.0
    return float(e), float(n), float(np.mean(up)) if up else 100.0, sigma


class TwinDeleter(UpdateTimeDeleter):
    """Ends what has no update for long, and the younger of two tracks that lie on each other in
    place and speed: one thing begun twice."""

    most_m: float = Property(doc="1-sigma at which a track is lost")

    def check_for_deletion(self, track: SoupTrack, **more: object) -> bool:
        """Whether it has waited too long, or no longer knows where it is."""
        P = np.asarray(track.covar)
        lost = math.sqrt(0.5 * (P[0, 0] + P[2, 2])) > self.most_m
        return lost or bool(super().check_for_deletion(track, **more))

    def delete_tracks(self, tracks: set[SoupTrack], **more: object) -> set[SoupTrack]:
        """The tracks to end."""
        doomed: set[SoupTrack] = super().delete_tracks(tracks, **more)
        ordered = sorted(tracks - doomed, key=lambda track: (track[0].timestamp, track.id))
        for k, young in enumerate(ordered):
            if any(old not in doomed and _twins(old, young) for old in ordered[:k]):
                doomed.add(young)
        return doomed


def _twins(one: SoupTrack, two: SoupTrack) -> bool:
    d = np.asarray(one.state_vector - two.state_vector, dtype=float).ravel()
    if abs(d[0]) > TWIN_M or abs(d[2]) > TWIN_M:
        return False
    P = np.asarray(one.covar) + np.asarray(two.covar)
    return bool(d @ np.linalg.solve(P, d) < TWIN_GATE)


class SoupScene:
    """A scene's statements as Stone Soup detections, and a tracker for them."""

    def __init__(self, sensors: Sequence[Sensor], detections: Sequence[Detection]) -> None:
        self.frame = LocalFrame(
            float(np.mean([s.lat for s in sensors])), float(np.mean([s.lon for s in sensors]))
        )
        self.sensors = {s.id: s for s in sensors}
        self.places = {
            s.id: tuple(float(v) for v in self.frame.to_enu(s.lat, s.lon, s.alt_m or 0.0))
            for s in sensors
        }
        detections = [d for d in detections if d.kind != "remote_id"]
        self.presences = any(d.statement == "presence" for d in detections)
        self.ranged = any(
            d.bearing is not None and d.bearing.range_m is not None for d in detections
        )
        self.least = LEAST if self.ranged or self.presences else LEAST_BEARINGS
        period_s = max(s.scan_period_s or 1.0 for s in sensors)
        self.patience_s = 120.0 if self.presences else PATIENCE_PERIODS * period_s
        self.most_m = MOST_SIGMA_PRESENCE_M if self.presences else MOST_SIGMA_M
        self.looks = list(self._looks(detections))

    def run(self) -> tuple[list[Track], float]:
        """The tracks it tells, and the seconds it took."""
        tracker = self._tracker()
        reports: list[Track] = []
        waiting: list[Track] = []
        second = -math.inf
        began = perf_counter()
        for time, tracks in tracker:
            now = time.timestamp()
            if math.floor(now) > second:
                reports += waiting
                second = math.floor(now)
            waiting = [self._report(track, now) for track in tracks]
        spent = perf_counter() - began
        return reports + waiting, spent

    def _looks(
        self, detections: Sequence[Detection]
    ) -> Iterator[tuple[datetime, set[SoupDetection]]]:
        ordered = sorted(detections, key=lambda d: (d.t, d.sensor))
        for (t, _), look in groupby(ordered, key=lambda d: (d.t, d.sensor)):
            time = datetime.fromtimestamp(t, UTC).replace(tzinfo=None)
            found = [self._read(d, time, order) for order, d in enumerate(look)]
            yield time, {d for d in found if d is not None}

    def _read(self, d: Detection, time: datetime, order: int) -> SoupDetection | None:
        sensor, place, sigma = self.sensors[d.sensor], self.places[d.sensor], d.sigma
        about: dict[str, object] = {"sensor": d.sensor, "order": order}
        offset = StateVector([[v] for v in place])
        if d.bearing is not None and d.bearing.azimuth_deg is not None:
            b = d.bearing
            phi = math.radians(90.0 - (b.azimuth_deg or 0.0))
            s_phi = math.radians(sigma.azimuth_deg or 1.0)
            theta = None if b.elevation_deg is None else math.radians(b.elevation_deg)
            s_theta = math.radians(sigma.elevation_deg or 10.0)
            if b.range_m is None or theta is None:
                about |= {
                    "azimuth": phi, "elevation": theta, "sigma": s_phi, "place": place,
                    "reach": sensor.max_range_m or 5000.0,
                }  # fmt: skip
            if theta is None:
                model = Cartesian2DToBearing(
                    6, PLACE[:2], np.diag([s_phi**2]), translation_offset=offset[:2]
                )
                z = [Bearing(phi)]
            elif b.range_m is None:
                model = CartesianToElevationBearing(
                    6, PLACE, np.diag([s_theta**2, s_phi**2]), translation_offset=offset
                )
                z = [Elevation(theta), Bearing(phi)]
            else:
                covar = [s_theta**2, s_phi**2, (sigma.range_m or 10.0) ** 2]
                z = [Elevation(theta), Bearing(phi), b.range_m]
                if b.range_rate_mps is None:
                    model = CartesianToElevationBearingRange(
                        6, PLACE, np.diag(covar), translation_offset=offset
                    )
                else:
                    covar.append((sigma.range_rate_mps or 1.0) ** 2)
                    z.append(b.range_rate_mps)
                    model = CartesianToElevationBearingRangeRate(
                        6, PLACE, np.diag(covar), velocity_mapping=SPEED, translation_offset=offset
                    )
        elif d.position is not None:
            p = d.position
            e, n, u = self.frame.to_enu(p.lat, p.lon, p.alt_m or 0.0)
            s_up = sigma.alt_m if p.alt_m is not None and sigma.alt_m else 300.0
            s_flat = sigma.horizontal_m or 50.0
            model = LinearGaussian(6, PLACE, np.diag([s_flat**2, s_flat**2, s_up**2]))
            z = [float(e), float(n), float(u)]
        else:
            return None
        return SoupDetection(
            StateVector([[v] for v in z]), timestamp=time, measurement_model=model, metadata=about
        )

    def _tracker(self) -> MultiTargetTracker:
        flat, up = ConstantVelocity(Q_HORIZONTAL), ConstantVelocity(Q_VERTICAL)
        predictor = KalmanPredictor(CombinedLinearGaussianTransitionModel([flat, flat, up]))
        updater = ExtendedKalmanUpdater(None)
        hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=GATE)
        associator = GNNWith2DAssignment(hypothesiser)
        speed2 = 40.0**2 if self.presences else 15.0**2
        prior = GaussianState(
            np.zeros((6, 1)), np.diag([1e4, speed2, 1e4, speed2, 80.0**2, 3.0**2])
        )
        patience = timedelta(seconds=self.patience_s)
        hold = timedelta(seconds=0.5 * self.patience_s)
        initiator = MultiMeasurementInitiator(
            prior_state=prior,
            deleter=TwinDeleter(hold, math.inf),
            data_associator=GNNWith2DAssignment(hypothesiser),
            updater=updater,
            min_points=self.least,
            initiator=CrossingInitiator(SimpleMeasurementInitiator(prior), prior, self.ranged),
        )
        return MultiTargetTracker(
            initiator=initiator,
            deleter=TwinDeleter(patience, self.most_m),
            detector=self.looks,
            data_associator=associator,
            updater=updater,
        )

    def _report(self, track: SoupTrack, now: float) -> Track:
        x, P = np.asarray(track.state_vector, dtype=float).ravel(), np.asarray(track.covar)
        lat, lon, alt = self.frame.to_wgs84(x[0], x[2], x[4])
        return Track(
            t=now, track=track.id, status="confirmed", lat=float(lat), lon=float(lon),
            alt_m=float(alt), ve=float(x[1]), vn=float(x[3]), vu=float(x[5]),
            sigma_m=math.sqrt(0.5 * (P[0, 0] + P[2, 2])),
        )  # fmt: skip
