"""What people report, weighed by the cell it comes from and never by who they are.

A report is no measurement: its place is a cell of 1 km, its time a minute late, and anybody can
send it. So it never moves a track. Reports do two things: alone they make the desk look (*watch*,
*warning*), and three cells and more that agree with a track of a sensor are a witness beside it
(trust.py). A cell earns weight when sensors confirm what it said and loses it when a person
dismisses it or sensors that cover it heard nothing; both fade within weeks. However many reports
a cell sends, it is one voice.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec
from msgspec.structs import replace

from tocsin.assess.trust import LEAST_CELLS, PEOPLE_FRESH_S
from tocsin.earth import azimuth_distance
from tocsin.words import CELL_PREFIX, Detection, Sensor, Track, Witness, Zone

REACH_M = 4000.0
"""A drone is heard at 500 m and a large one seen at 3 km; the cell adds one."""

ZONE_REACH_M = 6000.0
"""Reports of cells farther from a zone are not about it."""

REACTION_S = 20.0
"""From noticing to pressing; a report speaks of where the drone was so long before."""

_HALF_CELL_M = 780.0  # from the middle of a cell to its corner
_MOST_SIGMAS = 2.5
_HALF_LIFE_S = 14 * 86_400.0
_DOUBTED = 0.35
_PRIOR = 2.0  # a cell of which nothing is known counts one half, as if right twice and wrong twice
_SILENCE = 0.25  # what silence of a sensor that should have heard weighs against a dismissal
_VERDICT_S = 300.0  # reports of one cell within this are one saying, judged once
_HOUR_S = 3600.0
_MOST_CELLS = 4096


class CrowdRules(msgspec.Struct, frozen=True):
    """How many cells are needed to be a witness (3 or more), and how many reports of one cell are
    taken in a minute."""

    least_cells: int = LEAST_CELLS
    most_a_minute: int = 6


class CellView(msgspec.Struct, frozen=True, omit_defaults=True):
    """One cell of the last hour for the desk: `weight` 0 to 1; `left_out` were beyond the cap."""

    cell: str
    lat: float
    lon: float
    reports: int
    left_out: int
    weight: float
    last_t: float
    said: str
    azimuth_deg: float | None = None
    sigma_deg: float | None = None


@dataclass
class _Cell:
    lat: float
    lon: float
    right: float = 0.0
    wrong: float = 0.0
    judged_t: float = -math.inf
    learned_t: float = 0.0
    covered: bool = False
    open_t: float | None = None
    left_out: int = 0
    reports: deque[Detection] = field(default_factory=lambda: deque(maxlen=64))

    def weight(self, now: float) -> float:
        """How often this cell has been right, 0 to 1; what was learned fades by half in 14 days."""
        kept = math.exp2(-max(0.0, now - self.learned_t) / _HALF_LIFE_S)
        right, wrong = self.right * kept, self.wrong * kept
        return (_PRIOR + right) / (2.0 * _PRIOR + right + wrong)

    def learn(self, right: float, wrong: float, now: float) -> None:
        kept = math.exp2(-max(0.0, now - self.learned_t) / _HALF_LIFE_S)
        self.right, self.wrong = self.right * kept + right, self.wrong * kept + wrong
        self.learned_t, self.judged_t, self.open_t = now, now, None

    def standing(self, now: float) -> Detection | None:
        """The cell's latest word, if it still speaks of a drone that is there."""
        if not self.reports:
            return None
        last = max(self.reports, key=lambda one: one.t)
        fresh = now - last.t <= PEOPLE_FRESH_S and last.said != "gone"
        return last if fresh else None


class Crowd:
    """The reports of the last hour and what is known of each cell. It keeps no clock, no person."""

    def __init__(self, sensors: Sequence[Sensor] = (), rules: CrowdRules | None = None) -> None:
        self.rules = rules or CrowdRules()
        self._ears = [s for s in sensors if s.kind in ("acoustic", "radar", "rf", "camera")]
        self._cells: dict[str, _Cell] = {}

    def admit(self, detections: Iterable[Detection], now: float) -> list[Detection]:
        """Take the reports of cells out of what was heard; what is left is for the tracker."""
        rest = []
        for one in detections:
            if one.kind == "human" and one.sensor.startswith(CELL_PREFIX):
                self._take(one, now)
            else:
                rest.append(one)
        return rest

    def _take(self, report: Detection, now: float) -> None:
        place = report.position
        if place is None or report.said is None or not now - _HOUR_S <= report.t <= now + 5.0:
            return
        cell = self._cells.get(report.sensor)
        if cell is None:
            self._make_room(now)
            if len(self._cells) >= _MOST_CELLS:
                return
            cell = self._cells[report.sensor] = _Cell(place.lat, place.lon)
            cell.covered = any(_hears(ear, place.lat, place.lon) for ear in self._ears)
        while cell.reports and now - cell.reports[0].t > _HOUR_S:
            cell.reports.popleft()
        if sum(now - one.t < 60.0 for one in cell.reports) >= self.rules.most_a_minute:
            cell.left_out += 1
            return
        cell.reports.append(report)
        if report.said != "gone" and report.t - cell.judged_t > _VERDICT_S and cell.open_t is None:
            cell.open_t = report.t

    def _make_room(self, now: float) -> None:
        if len(self._cells) < _MOST_CELLS:
            return
        for name, cell in list(self._cells.items()):
            if not cell.reports or now - cell.reports[-1].t > _HOUR_S:
                del self._cells[name]

    def bear_witness(self, tracks: Sequence[Track], now: float) -> list[Track]:
        """The tracks with the cells that agree with them. A cell learns that it was right from a
        sensor that knows nothing of it, once for a saying."""
        voices = self._voices(now)
        if not voices:
            return list(tracks)
        return [self._hear_about(track, voices, now) for track in tracks]

    def _hear_about(
        self, track: Track, voices: Sequence[tuple[str, _Cell, Detection]], now: float
    ) -> Track:
        drone = track.class_.drone or 0.0
        if track.status != "confirmed" or drone < 0.5:
            return track
        agreeing = [(n, c, r) for n, c, r in voices if _agrees(r, track)]
        sensed = any(w.kind not in ("human", "remote_id", "adsb") for w in track.witnesses)
        for _, cell, _ in agreeing if sensed else ():
            if cell.open_t is not None:
                cell.learn(1.0, 0.0, now)
        if len(agreeing) < self.rules.least_cells:
            return track
        heard = tuple(Witness(name, "human", round(r.t, 3)) for name, _, r in agreeing)
        return replace(track, witnesses=(*track.witnesses, *heard))

    def doubt(self, now: float) -> None:
        """What nobody confirmed within five minutes counts a little against cells where a sensor
        would have heard it, and not at all elsewhere."""
        for cell in self._cells.values():
            if cell.open_t is not None and now - cell.open_t > _VERDICT_S:
                if cell.covered:
                    cell.learn(0.0, _SILENCE, now)
                else:
                    cell.open_t = None

    def dismiss(self, cells: Iterable[str], now: float) -> None:
        """A person found that there was nothing."""
        for name in cells:
            if name in self._cells:
                self._cells[name].learn(0.0, 1.0, now)

    def near(self, zone: Zone, now: float) -> list[tuple[str, float, Detection]]:
        """Cells that speak now within reach of a zone: name, weight, latest report."""
        lat = sum(corner[1] for corner in zone.polygon) / len(zone.polygon)
        lon = sum(corner[0] for corner in zone.polygon) / len(zone.polygon)
        return [
            (name, cell.weight(now), report)
            for name, cell, report in self._voices(now)
            if azimuth_distance(lat, lon, cell.lat, cell.lon)[1] <= ZONE_REACH_M
        ]

    def _voices(self, now: float) -> list[tuple[str, _Cell, Detection]]:
        found = []
        for name, cell in sorted(self._cells.items()):
            report = cell.standing(now)
            if report is not None and cell.weight(now) >= _DOUBTED:
                found.append((name, cell, report))
        return found

    def view(self, now: float) -> list[CellView]:
        """The last hour for the desk, latest first."""
        shown = []
        for name, cell in self._cells.items():
            recent = [one for one in cell.reports if now - one.t <= _HOUR_S]
            if recent:
                shown.append(_view(name, cell, recent, now))
        return sorted(shown, key=lambda one: (-one.last_t, one.cell))


def _view(name: str, cell: _Cell, recent: Sequence[Detection], now: float) -> CellView:
    last = max(recent, key=lambda one: one.t)
    azimuth = None if last.bearing is None else last.bearing.azimuth_deg
    return CellView(
        cell=name,
        lat=cell.lat,
        lon=cell.lon,
        reports=len(recent),
        left_out=cell.left_out,
        weight=round(cell.weight(now), 2),
        last_t=round(last.t),
        said=last.said or "heard",
        azimuth_deg=azimuth,
        sigma_deg=last.sigma.azimuth_deg if azimuth is not None else None,
    )


def _agrees(report: Detection, track: Track) -> bool:
    """Whether the track was where the person pointed to, when they noticed it."""
    assert report.position is not None
    back_s = track.t - (report.t - REACTION_S)
    east, north = track.ve * back_s, track.vn * back_s
    lat = track.lat - north / 111_320.0
    lon = track.lon - east / (111_320.0 * math.cos(math.radians(track.lat)))
    azimuth, distance = azimuth_distance(report.position.lat, report.position.lon, lat, lon)
    if distance > REACH_M:
        return False
    told = None if report.bearing is None else report.bearing.azimuth_deg
    if told is None or distance <= _HALF_CELL_M:
        return True
    blur = math.degrees(math.atan2(_HALF_CELL_M + track.sigma_m, distance))
    sigma = report.sigma.azimuth_deg or 45.0
    off = abs((azimuth - told + 180.0) % 360.0 - 180.0)
    return off <= _MOST_SIGMAS * math.hypot(sigma, blur / 2.0)


def _hears(ear: Sensor, lat: float, lon: float) -> bool:
    reach = ear.max_range_m
    return reach is not None and azimuth_distance(ear.lat, ear.lon, lat, lon)[1] <= reach
