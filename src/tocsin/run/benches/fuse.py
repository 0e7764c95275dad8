"""The loom's figures: statements a second, a live step at 200 tracks, state to bytes and back."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.fuse import Table, from_bytes, new_table, step, to_bytes, warm_up
from tocsin.run.benches import Figure
from tocsin.simulate import make_scene
from tocsin.words import Bearing, Detection, Sensor, Sigma

SCENES = ("approach", "loiter-delayed", "crossing", "birds", "liar", "misaligned")
SEED = 1
FLEET = 200
FLEET_SECONDS = 30
TICK_S = 0.25
_T0 = 1_780_000_000.0
_HILL = LocalFrame(13.2, -10.4)


def measure() -> list[Figure]:
    """All figures of the room."""
    began = perf_counter()
    compiled_s = warm_up()
    ready_s = perf_counter() - began
    figures = [
        Figure(
            "fuse", "warm-up before the first step", ready_s, "s",
            note=f"of which compiling {compiled_s:.1f} s; 0 once it is on disk",
        )
    ]  # fmt: skip
    rates = [_scene_rate(name) for name in SCENES]
    figures += [
        Figure("fuse", f"detections a second, {name}", rate, "1/s")
        for name, rate in zip(SCENES, rates, strict=True)
    ]
    mean = sum(rates) / len(rates)
    figures.append(Figure("fuse", "detections a second, mean", mean, "1/s", goal=">= 150000"))
    return figures + _fleet()


def _scene_rate(name: str) -> float:
    """Detections a second of one made scene, all statements in steps of 8 s of data."""
    scene = make_scene(name, SEED)
    seen = sorted(scene.detections, key=lambda d: d.t if d.received is None else d.received)
    table = new_table(scene.sensors)
    at, spent = 0, 0.0
    while at < len(seen):
        now = (seen[at].received or seen[at].t) + 8.0
        upto = at
        while upto < len(seen) and (seen[upto].received or seen[upto].t) <= now:
            upto += 1
        before = perf_counter()
        table, _ = step(table, seen[at:upto], now)
        spent += perf_counter() - before
        at = upto
    return len(seen) / spent


def _fleet() -> list[Figure]:
    """A live evening with 200 drones before one radar: every quarter second a step."""
    radar = Sensor(
        "radar", "radar", 13.2, -10.4, 0.0, max_range_m=9000.0, p_detect=0.95,
        clutter_per_scan=5.0, scan_period_s=1.0,
    )  # fmt: skip
    table = new_table([radar])
    times = []
    for k in range(int(FLEET_SECONDS / TICK_S)):
        now = _T0 + k * TICK_S
        seen = _fleet_scan(k * TICK_S) if k % 4 == 0 else []
        before = perf_counter()
        table, _ = step(table, seen, now)
        times.append(perf_counter() - before)
    settled = sorted(times[len(times) // 3 :])
    p99 = settled[math.ceil(0.99 * len(settled)) - 1]
    return [
        Figure("fuse", "live step at 200 tracks, p99", 1e3 * p99, "ms", goal="<= 5"),
        Figure("fuse", "live step at 200 tracks, mean", 1e3 * sum(settled) / len(settled), "ms"),
        *_to_bytes(table),
    ]


def _fleet_scan(at: float) -> list[Detection]:
    """One honest scan of the fleet, on parallel courses 200 m apart."""
    rng = np.random.default_rng([SEED, int(at)])
    sigma = Sigma(azimuth_deg=0.5, elevation_deg=1.0, range_m=5.0)
    found = []
    for k in range(FLEET):
        e = -2000.0 + 250.0 * (k % 20)
        n = 1500.0 + 300.0 * (k // 20) + 12.0 * at
        ground = math.hypot(e, n)
        found.append(
            Detection(
                _T0 + at, "radar", "radar", sigma=sigma,
                bearing=Bearing(
                    (math.degrees(math.atan2(e, n)) + rng.normal(0.0, 0.5)) % 360.0,
                    math.degrees(math.atan2(100.0, ground)) + rng.normal(0.0, 1.0),
                    math.hypot(ground, 100.0) + rng.normal(0.0, 5.0),
                ),
            )
        )  # fmt: skip
    return found


def _to_bytes(table: Table) -> list[Figure]:
    """State to bytes and back, and what it weighs."""
    before = perf_counter()
    data = to_bytes(table)
    from_bytes(data)
    spent = perf_counter() - before
    tracks = int(table.state["tracks"][0])
    return [
        Figure("fuse", "state to bytes and back", 1e3 * spent, "ms", note=f"{tracks} tracks"),
        Figure("fuse", "state in bytes, a track", len(data) / max(tracks, 1), "B"),
    ]
