"""Rings of liars against the bell, and how soon honest people are heard: the road from detections
to alerts, seeded.

Liars      50 of them in one or two cells report what they like, as often as the door lets them,
           for four minutes; in half of the runs a radar beside them takes something for a drone
           that flies at the zone: one compromised sensor and a ring together
Honest     six people in four cells along the way of a drone of 18 m/s notice it when it is within
           900 m and press 10 to 60 s later; with no sensor, and with one radar that sees it
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from tocsin.assess import Casebook, Crowd, Outcry
from tocsin.earth import LocalFrame, azimuth_distance
from tocsin.fuse import new_table
from tocsin.run.benches import Figure
from tocsin.run.pipeline import decide
from tocsin.words import (
    CELL_SIGMA_M,
    Alert,
    Bearing,
    ClassScores,
    Detection,
    Position,
    Said,
    Sensor,
    Sigma,
    Zone,
    cell_middle,
    cell_of,
)

RUNS = 1000
LIARS = 50
_T0 = 1_795_543_200.0
_LASTS_S = 240
_GROUND = LocalFrame(15.005, -12.995)
_RADAR = Sensor(
    "radar", "radar", 15.005, -12.995, 30.0, max_range_m=4000.0, p_detect=0.9,
    clutter_per_scan=0.1, scan_period_s=1.0, sigma_range_m=10.0, sigma_azimuth_deg=1.0,
)  # fmt: skip
_SIGMA = Sigma(azimuth_deg=1.0, range_m=10.0, elevation_deg=2.0)
_SAID: tuple[Said, ...] = ("heard", "seen", "dropped", "gone")
_HEARD_M = 900.0
_SPEED_MPS = 18.0


class Heard(msgspec.Struct, frozen=True):
    """Seconds from the first moment that anybody could notice to each level; None: never."""

    first: dict[str, float]
    public: int


def _place(east_m: float, north_m: float) -> tuple[float, float]:
    lat, lon, _ = _GROUND.to_wgs84(east_m, north_m, 0.0)
    return float(lat), float(lon)


def _zone() -> Zone:
    corners = [(-300.0, -300.0), (300.0, -300.0), (300.0, 300.0), (-300.0, 300.0)]
    ring = tuple((lon, lat) for lat, lon in (_place(e, n) for e, n in corners))
    return Zone(id="clinic", names={"en": "the clinic"}, polygon=ring)


def report(cell: str, t: float, said: Said, azimuth_deg: float | None) -> Detection:
    """What the door of the people makes of a press on the rose."""
    middle = cell_middle(cell)
    if middle is None:
        raise ValueError(cell)
    return Detection(
        t=round(t),
        sensor=cell,
        kind="human",
        position=Position(*middle),
        bearing=None if azimuth_deg is None else Bearing(azimuth_deg),
        sigma=Sigma(horizontal_m=CELL_SIGMA_M, azimuth_deg=28.0),
        received=t,
        said=said,
    )


def _seen_by_radar(t: float, east_m: float, north_m: float, rng: random.Random) -> Detection:
    azimuth = math.degrees(math.atan2(east_m, north_m)) + rng.gauss(0.0, 1.0)
    distance = math.hypot(east_m, north_m) + rng.gauss(0.0, 10.0)
    return Detection(
        t=t,
        sensor="radar",
        kind="radar",
        bearing=Bearing(azimuth % 360.0, 3.0, distance),
        sigma=_SIGMA,
        class_=ClassScores(drone=0.9, bird=0.1),
    )


def walk(sensors: Sequence[Sensor], said_at: Callable[[float], list[Detection]]) -> list[Alert]:
    """Four minutes of the road, a second at a time; `said_at` gives what was told in each."""
    tracks = new_table(sensors)
    book = Casebook([_zone()])
    people = Outcry(Crowd(sensors), book)
    told: list[Alert] = []
    for second in range(_LASTS_S):
        now = _T0 + second
        told += decide(tracks, book, people, said_at(now), now)[1]
    return told


def lie(seed: int) -> list[Alert]:
    """One ring; with odd seeds a radar lies with it."""
    rng = random.Random(seed)  # noqa: S311  lies, not secrets
    cells = [
        cell_of(*_place(rng.uniform(-4000.0, 4000.0), rng.uniform(-4000.0, 4000.0)))
        for _ in range(1 + rng.randrange(2))
    ]
    homes = [rng.choice(cells) for _ in range(LIARS)]
    presses = sorted((rng.uniform(0.0, _LASTS_S), home) for home in homes for _ in range(6))
    east, north = _place_at(rng)

    def said_at(now: float) -> list[Detection]:
        since = now - _T0
        told = [
            report(home, now, rng.choice(_SAID[:3]), rng.choice((None, 45.0 * rng.randrange(8))))
            for at, home in presses
            if since <= at < since + 1.0
        ]
        left = 1.0 - since / 170.0
        if seed % 2 and left > 0.0:
            told.append(_seen_by_radar(now, east * left, north * left, rng))
        return told

    return walk([_RADAR] if seed % 2 else [], said_at)


def _place_at(rng: random.Random) -> tuple[float, float]:
    turn = rng.uniform(0.0, math.tau)
    return 3000.0 * math.sin(turn), 3000.0 * math.cos(turn)


def be_honest(seed: int, *, radar: bool) -> Heard:
    """Six people of four cells tell of one drone; when each level is first said."""
    rng = random.Random(seed)  # noqa: S311
    turn = rng.uniform(0.0, math.tau)
    east, north = math.sin(turn), math.cos(turn)
    start_m = 3800.0
    cells: dict[str, tuple[float, float]] = {}
    while len(cells) < 4:  # four cells along its way, as people live
        far, aside = rng.uniform(300.0, 3400.0), rng.uniform(-500.0, 500.0)
        place = _place(far * east + aside * north, far * north - aside * east)
        cells.setdefault(cell_of(*place), place)
    places = [*cells.values(), *rng.sample(list(cells.values()), 2)]
    presses: list[tuple[float, str, float]] = []
    noticed = math.inf
    for lat, lon in places:
        for second in range(_LASTS_S):
            far = start_m - _SPEED_MPS * second
            drone = _place(far * east, far * north)
            azimuth, distance = azimuth_distance(lat, lon, *drone)
            if distance <= _HEARD_M:
                noticed = min(noticed, second)
                pointed = round((azimuth + rng.gauss(0.0, 20.0)) / 45.0) % 8 * 45.0
                presses.append((second + rng.uniform(10.0, 60.0), cell_of(lat, lon), pointed))
                break

    def said_at(now: float) -> list[Detection]:
        since = now - _T0
        told = [report(c, now, "heard", az) for at, c, az in presses if since <= at < since + 1.0]
        far = start_m - _SPEED_MPS * since
        if radar and far > 0.0:
            told.append(_seen_by_radar(now, far * east, far * north, rng))
        return told

    first: dict[str, float] = {}
    alerts = walk([_RADAR] if radar else [], said_at)
    for alert in alerts:
        first.setdefault(alert.level, alert.t - _T0 - noticed)
    return Heard(first, sum(one.public for one in alerts))


def measure() -> list[Figure]:
    """A thousand rings, and a hundred honest evenings with and without a radar."""
    said = Counter[str]()
    public = 0
    for seed in range(RUNS):
        alerts = lie(seed)
        public += any(one.public for one in alerts)
        said.update({one.level for one in alerts})
    note = f"{LIARS} liars in 1 or 2 cells; every second run with one lying radar"
    found = [
        Figure("liars", "runs with a public alarm", float(public), f"of {RUNS}", "0", note=note),
        Figure("liars", "runs that reached watch", float(said["watch"]), f"of {RUNS}", note=note),
        Figure(
            "liars", "runs that reached warning", float(said["warning"]), f"of {RUNS}", note=note
        ),
    ]
    for radar in (False, True):
        heard = [be_honest(seed, radar=radar) for seed in range(100)]
        beside = "beside a radar" if radar else "no sensor"
        for level in ("watch", "warning", "alarm"):
            times = sorted(one.first[level] for one in heard if level in one.first)
            share = f"{len(times)} of 100; 6 people of 4 cells, {beside}"
            if times:
                middle = times[len(times) // 2]
                name = f"honest, {beside}: to {level}, median"
                found.append(Figure("liars", name, middle, "s", note=share))
            else:
                found.append(
                    Figure("liars", f"honest, {beside}: {level}", 0.0, "of 100", note=share)
                )
    return found
