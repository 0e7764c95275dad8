"""What really flew: the truth to judge trackers by, and whether anybody could see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.earth import LocalFrame
from tocsin.simulate.battery import Placed, near, out_of_order
from tocsin.simulate.flight import F64, Flight
from tocsin.simulate.ground import turn_into
from tocsin.simulate.sensing import directions, in_view, may_notice

_CHUNK = 50_000


class TruthLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of `truth.ndjson`: where a thing really was, and whether a sensor could see it.
    `serial` is what it truthfully transmits; one that lies tells nothing true."""

    t: float
    id: str
    kind: str
    lat: float
    lon: float
    alt_m: float
    ve: float
    vn: float
    vu: float
    cover: bool | None = None
    serial: str | None = None


def truth_lines(
    frame: LocalFrame,
    flights: Sequence[Flight],
    placed: Sequence[Placed],
    duration_s: float,
    t0: float,
) -> Iterator[TruthLine]:
    """One line a second and flight, ordered by time, then as the flights are listed.

    Velocities are east, north, up *at the flight's own place*, not at the scene's origin.
    """
    seconds: list[F64] = []
    where: list[F64] = []
    velocity: list[F64] = []
    cover: list[NDArray[np.bool_]] = []
    for flight in flights:
        whole = np.arange(int(duration_s) + 1, dtype=np.float64)
        place, speed, flies = flight.at(whole)
        flies &= not flight.phantom
        seconds.append(whole[flies])
        where.append(place[flies])
        velocity.append(speed[flies])
        cover.append(covered(flight, placed, whole[flies], place[flies]))
    if not flights:
        return
    who = np.repeat(np.arange(len(flights)), [len(part) for part in seconds])
    t = np.concatenate(seconds)
    order = np.lexsort((who, t))
    places, speeds, seen = np.concatenate(where), np.concatenate(velocity), np.concatenate(cover)
    for start in range(0, len(order), _CHUNK):
        rows = order[start : start + _CHUNK]
        yield from _lines(
            frame, flights, t0, t[rows], who[rows], places[rows], speeds[rows], seen[rows]
        )


def _lines(
    frame: LocalFrame,
    flights: Sequence[Flight],
    t0: float,
    t: F64,
    who: NDArray[np.int64],
    where: F64,
    velocity: F64,
    cover: NDArray[np.bool_],
) -> Iterator[TruthLine]:
    lat, lon, alt = frame.to_wgs84(*where.T)
    turn = turn_into(lat, lon, frame.lat, frame.lon)
    local = np.round(np.einsum("nij,nj->ni", turn, velocity), 3)
    columns = zip(
        t.tolist(), who.tolist(), np.round(lat, 7).tolist(), np.round(lon, 7).tolist(),
        np.round(alt, 2).tolist(), local.tolist(), cover.tolist(), strict=True,
    )  # fmt: skip
    for second, index, la, lo, al, (ve, vn, vu), seen in columns:
        flight = flights[index]
        serial = flight.serial if flight.claim_offset == (0.0, 0.0, 0.0) else None
        yield TruthLine(t0 + second, flight.id, flight.kind, la, lo, al, ve, vn, vu, seen, serial)


def covered(
    flight: Flight, placed: Sequence[Placed], seconds: F64, where: F64
) -> NDArray[np.bool_]:
    """Whether some sensor in order could notice it then: in reach, in its sector, and of a kind
    that notices what this flight gives away. Sound's delay is left out of this question."""
    seen = np.zeros(len(seconds), np.bool_)
    for battery in placed:
        if not may_notice(battery.battery, flight) or not len(seconds):
            continue
        row, sensor = near(battery, where, battery.reach_m)
        ray = np.einsum("nij,nj->ni", battery.turn[sensor], where[row] - battery.place[sensor])
        azimuth, elevation = directions(ray)
        good = in_view(battery.battery.sensors[0], azimuth, elevation)
        good &= ~out_of_order(battery, sensor, seconds[row])
        seen[row[good]] = True
    return seen
