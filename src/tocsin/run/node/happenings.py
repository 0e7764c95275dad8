"""What the ear says of each window → events with a beginning, news now and then, and an end.

An event begins with the ear's first detection; what it says within `update_s` of the last news is
kept back, unless it is the end. The ear's own event layer decides what begins and ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tocsin.words import Detection, HeardWindow
from tocsin.words.ear_report import MOST_BEARINGS, EarEvent, HeardBearing

Tell = Callable[[float, EarEvent], None]


class Happenings:
    """The events of one node, one at a time; `number` gives each a new number."""

    def __init__(self, tell: Tell, number: Callable[[], int], update_s: float) -> None:
        self._tell, self._number, self._update_s = tell, number, update_s
        self._event: EarEvent | None = None
        self._told_t = 0.0
        self._level_dbfs: float | None = None
        self._bpf_hz: float | None = None

    @property
    def on(self) -> bool:
        """Whether a drone is heard just now."""
        return self._event is not None

    def hear(self, detections: Sequence[Detection], windows: Sequence[HeardWindow]) -> None:
        """What one block of sound brought."""
        for window in windows:
            if window.event:
                self._level_dbfs, self._bpf_hz = window.level_dbfs, window.bpf_hz
        for t in sorted({one.t for one in detections}):
            self._news(t, [one for one in detections if one.t == t])
        if windows and self._event is not None and not windows[-1].event:
            self.end(windows[-1].t)

    def end(self, t: float) -> None:
        """It is over, or the ear stops listening."""
        event, self._event = self._event, None
        if event is not None:
            self._tell(max(t, self._told_t), replace(event, state="off", bearings=()))

    def _news(self, t: float, said: Sequence[Detection]) -> None:
        p = max((one.class_.drone or 0.0) if one.class_ else 0.0 for one in said)
        begins = self._event is None
        if self._event is None:
            self._event = EarEvent(self._number(), "on", t, p)
        elif t - self._told_t < self._update_s:
            return
        self._event = replace(
            self._event,
            state="on" if begins else "update",
            p_drone=min(p, 1.0),
            level_dbfs=self._level_dbfs,
            bpf_hz=self._bpf_hz,
            bearings=_bearings(said),
        )
        self._told_t = t
        self._tell(t, self._event)


def _bearings(said: Sequence[Detection]) -> tuple[HeardBearing, ...]:
    """Those that know a direction and its error, the most certain first."""
    found = [
        HeardBearing(
            one.bearing.azimuth_deg % 360.0,
            one.sigma.azimuth_deg,
            one.bearing.elevation_deg,
            one.sigma.elevation_deg,
        )
        for one in said
        if one.bearing is not None
        and one.bearing.azimuth_deg is not None
        and one.sigma.azimuth_deg is not None
    ]
    found.sort(key=lambda one: one.sigma_azimuth_deg)
    return tuple(found[:MOST_BEARINGS])
