"""How the node is: its heartbeats, from what it heard last, tried last, and can measure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from tocsin.words import HeardWindow
from tocsin.words.ear_report import ChirpTest, Heartbeat

LONGEST_STRETCH_S = 60.0
_SUPPLY = Path("/sys/class/power_supply")
_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")


class Condition:
    """Gathers; `beat` tells."""

    def __init__(self, model: bytes) -> None:
        self._model = model
        self._began: float | None = None
        self._window: HeardWindow | None = None
        self.test: ChirpTest | None = None

    def hear(self, windows: Sequence[HeardWindow]) -> bool:
        """Note the windows; whether the ear has become deaf or hears again."""
        changed = False
        for window in windows:
            last = self._window
            if last is None or last.deaf != window.deaf:
                changed = changed or last is not None
                self._window = replace(window, bands_db=())
                continue
            end = window.t + window.dur_s
            start = max(last.t, end - LONGEST_STRETCH_S)
            self._window = replace(window, t=start, dur_s=end - start, bands_db=())
        return changed

    def beat(self, now: float, *, waiting: int, lost: int, gaps: int) -> Heartbeat:
        """How it is now. The last window stands for the stretch of time that was like it, hearing
        or deaf, since the last heartbeat."""
        if self._began is None:
            self._began = now
        window = self._window
        if window is not None:
            self._window = replace(window, t=window.t + window.dur_s, dur_s=0.0)
            if window.dur_s == 0.0:
                window = None  # nothing was heard since: no proof of life by old data
        return Heartbeat(
            uptime_s=max(0.0, now - self._began),
            model=self._model,
            waiting=waiting,
            lost=lost,
            gaps=gaps,
            window=window,
            self_test=self.test,
            battery_v=battery_v(),
            temperature_c=temperature_c(),
        )


def battery_v(folder: Path = _SUPPLY) -> float | None:
    """The first battery's voltage; None where there is none."""
    for file in sorted(folder.glob("*/voltage_now")):
        try:
            return int(file.read_text()) / 1e6
        except (OSError, ValueError):
            continue
    return None


def temperature_c(file: Path = _THERMAL) -> float | None:
    """The processor's; None where nobody measures it."""
    try:
        return int(file.read_text()) / 1000.0
    except (OSError, ValueError):
        return None
