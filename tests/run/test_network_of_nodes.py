"""Many nodes' signed reports become one track: from bytes on a line to the loom, as a site runs."""

from __future__ import annotations

import base64
import hashlib
import math

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tocsin.decode.ear_report import EarReports
from tocsin.earth import LocalFrame
from tocsin.encode.ear_report import write_report
from tocsin.fuse import new_table, step
from tocsin.run.reading import ReadingDesk
from tocsin.simulate.passage import left_at
from tocsin.words import Frame, Sensor, Track
from tocsin.words.ear_report import ClockQuality, EarEvent, EarReport, EventState, HeardBearing

T0 = 1_780_000_000.0
FRAME = LocalFrame(13.2, -10.4, 40.0)
SIGMA_DEG, SOUND_MPS, SPEED_MPS, REACH_M = 4.0, 343.2, 14.0, 450.0
SECONDS = 70


class Node:
    """A small computer on a mast: its key, its place, the reports it has sent."""

    def __init__(self, name: str, east: float, north: float, *, array: bool) -> None:
        self.name, self.array, self.sent = name, array, 0
        self.place = np.array([east, north, 4.0])
        self.key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        self.public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sensor(self) -> Sensor:
        lat, lon, alt = (float(x) for x in FRAME.to_wgs84(*self.place))
        array = self.array
        return Sensor(
            self.name, "acoustic", lat, lon, alt,
            max_range_m=REACH_M, p_detect=0.9, clutter_per_scan=0.002, scan_period_s=2.0,
            sigma_azimuth_deg=SIGMA_DEG if array else None,
            sigma_elevation_deg=8.0 if array else None,
            sigma_horizontal_m=None if array else 250.0,
        )  # fmt: skip

    def report(self, t: float, where: np.ndarray, rng: np.random.Generator) -> bytes:
        """An event as the node tells it: a bearing with its sigma, or only that it is heard."""
        east, north, up = where - self.place
        azimuth = math.degrees(math.atan2(east, north)) + SIGMA_DEG * rng.standard_normal()
        elevation = math.degrees(math.atan2(up, math.hypot(east, north)))
        bearing = HeardBearing(
            azimuth % 360.0, SIGMA_DEG, elevation + 8.0 * rng.standard_normal(), 8.0
        )
        self.sent += 1
        state: EventState = "on" if self.sent == 1 else "update"
        event = EarEvent(1, state, T0, 0.93, -40.0, 187.0, (bearing,) if self.array else ())
        made = EarReport(self.name, self.sent, T0 + t, ClockQuality("ntp", 0.01), event)
        return write_report(made, self.public, self.key.sign)


def nodes() -> list[Node]:
    """Two rows of arrays along a valley, a bare microphone between any two of them."""
    return [
        Node(f"node-{k:02d}", -600.0 + 150.0 * k, 170.0 * (-1) ** k, array=k % 2 == 0)
        for k in range(9)
    ]


def path(t: np.ndarray) -> np.ndarray:
    """Down the valley, 60 m up."""
    return np.stack([SPEED_MPS * t - 450.0, 20.0 + 0.0 * t, 60.0 + 0.0 * t], axis=-1)


def frames(seed: int) -> list[Frame]:
    """Every report in the order of its arrival: what was heard had left the drone earlier."""
    rng = np.random.default_rng(seed)
    sent = []
    for number, node in enumerate(nodes()):
        for t in np.arange(0.1 + 0.21 * number, SECONDS, 2.0).tolist():
            left = left_at(path, node.place[None], np.array([t]), SOUND_MPS).item()
            where = path(np.array([left]))[0]
            far = float(np.linalg.norm(where - node.place))
            if far < REACH_M and rng.random() < 0.9 * (1.0 - 0.6 * far / REACH_M):
                late = 0.2 + 0.5 * rng.random()
                sent.append((t + late, node.report(t, where, rng), node.name))
    return [Frame(data, name, T0 + t, "ear-report") for t, data, name in sorted(sent)]


def woven(seed: int) -> list[Track]:
    masts = nodes()
    keys = {node.name: [base64.b64encode(node.public).decode()] for node in masts}
    desk = ReadingDesk([EarReports(EarReports.Settings(nodes=keys))])
    table = new_table([node.sensor() for node in masts])
    changes: list[Track] = []
    for frame in frames(seed):
        table, changed = step(table, desk.read([frame], frame.t), frame.t)
        changes += changed
    assert not any(count.refused for count in desk.counts.values())
    return changes


@pytest.fixture(scope="module")
def tracks() -> list[list[Track]]:
    return [woven(seed) for seed in range(4)]


def test_the_reports_of_many_nodes_become_one_confirmed_track(tracks: list[list[Track]]) -> None:
    """Bare microphones may begin a vague track of their own; bearings that cross take it over."""
    for changes in tracks:
        sure = [track for track in changes if track.status == "confirmed"]
        assert sure[0].t - T0 < 20.0
        assert len({track.track for track in sure if track.t - T0 > 20.0}) == 1


def test_the_track_is_where_the_drone_is_and_its_sigma_is_honest(tracks: list[list[Track]]) -> None:
    """The mean of d²/2σ² is 1 for an honest tracker; four flights of fifty seconds."""
    honesty, away = [], []
    for changes in tracks:
        for track in changes:
            if track.status == "confirmed" and track.t - T0 > 20.0:
                east, north, _ = FRAME.to_enu(track.position.lat, track.position.lon, 40.0)
                real = path(np.array([track.t - T0]))[0]
                off = math.hypot(float(east) - real[0], float(north) - real[1])
                away.append(off)
                honesty.append(off**2 / (2.0 * track.sigma_m**2))
    assert len(away) > 100
    assert float(np.median(away)) < 25.0
    assert 0.25 < float(np.mean(honesty)) < 2.5


def test_bearings_and_presences_both_bear_witness(tracks: list[list[Track]]) -> None:
    masts = {node.name: node.array for node in nodes()}
    heard_by = {w.sensor for changes in tracks for track in changes for w in track.witnesses}
    assert {masts[name] for name in heard_by} == {True, False}
