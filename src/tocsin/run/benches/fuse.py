"""The loom's figures: statements a second, a live step at 200 tracks, state to bytes and back."""

from __future__ import annotations

import math
from time import perf_counter

import msgspec
import numpy as np

from tocsin.decode.columns import read_batch
from tocsin.earth import LocalFrame
from tocsin.encode.track_lines import TrackWriter
from tocsin.fuse import Table, from_bytes, new_table, step, to_bytes, warm_up
from tocsin.run.benches import Figure
from tocsin.run.commands.track import weave
from tocsin.simulate import Scale, make_scene
from tocsin.words import Bearing, Detection, Sensor, Sigma
from tocsin.words.batch import to_batch

SCENES = (
    "approach", "loiter", "loiter-delayed", "crossing", "swarm", "birds", "network", "liar",
    "misaligned",
)  # fmt: skip
CROWD, CROWD_SECONDS = 10_000, 12.0
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
    network = _scene_rate("network", Scale(sensors=10_000))
    figures.append(
        Figure("fuse", "detections a second, 10,000 microphones", network, "1/s", goal=">= 50000")
    )
    return figures + _edges() + _fleet() + _crowd()


def _scene_rate(name: str, scale: Scale | None = None) -> float:
    """Detections a second inside the steps of one made scene, as `tocsin track --stats` says it."""
    duration_s = None if scale is None else 600.0
    scene = make_scene(name, SEED, duration_s=duration_s, scale=scale)
    batch = to_batch(scene.detections)
    return len(batch) / sum(spent for spent, _ in weave(scene.sensors, batch))


def _edges() -> list[Figure]:
    """Lines read and tracks written a second, of the scene with the most of both."""
    scene = make_scene("birds", SEED)
    data = msgspec.json.Encoder().encode_lines(scene.detections)
    before = perf_counter()
    batch, _ = read_batch(data)
    read_s = perf_counter() - before
    told = [changes for _, changes in weave(scene.sensors, batch)]
    writer = TrackWriter()
    before = perf_counter()
    for changes in told:
        writer.write(changes)
    write_s = perf_counter() - before
    lines = sum(map(len, told))
    return [
        Figure("fuse", "detection lines read a second", len(batch) / read_s, "1/s",
               goal=">= 400000"),
        Figure("fuse", "track lines written a second", lines / write_s, "1/s", goal=">= 400000"),
    ]  # fmt: skip


def _crowd() -> list[Figure]:
    """10,000 drones under 166 radars with clutter, one step a second; the first ones begin it."""
    scene = make_scene("crowd", SEED, duration_s=CROWD_SECONDS, scale=Scale(drones=CROWD))
    batch = to_batch(scene.detections)
    steps = sorted(spent for spent, _ in weave(scene.sensors, batch, 1.0))
    table, _ = step(new_table(scene.sensors), batch, float(batch.arrived().max()))
    return [
        Figure("fuse", "step of a second, 10,000 drones, slowest", 1e3 * steps[-1], "ms",
               goal="<= 300", note=f"{len(batch) / CROWD_SECONDS:.0f} detections a second"),
        *_to_bytes(table),
    ]  # fmt: skip


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
        Figure(
            "fuse",
            "state to bytes and back",
            1e3 * spent,
            "ms",
            goal="<= 50",
            note=f"{tracks} tracks",
        ),
        Figure("fuse", "state in bytes, a track", len(data) / max(tracks, 1), "B"),
    ]
