"""One stream of sound → what the ear made of each of its windows. The one way from sound to
probability, for `tocsin hear`, for the decoder and for the sensor node.

Latency  a window is judged when its last sample is there and 2 to 4 ms more, which the filter asks
Batches  all windows that a block completes are judged at once
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.hear.attention import Attention
from tocsin.hear.bands import bands_db
from tocsin.hear.comb import blade_pass
from tocsin.hear.ear import Ear
from tocsin.hear.events import Event, EventLayer, EventRules
from tocsin.hear.sound import Sound
from tocsin.hear.windows import Window, Windows
from tocsin.words.hearing import HeardWindow

F32 = NDArray[np.float32]

LEAST_P_FOR_BPF = 0.2
"""A window in which hardly a drone sounds is not asked for its rotors."""
LEAST_SALIENCE = 0.5
_BATCH = 8
"""Windows at once: what is reckoned of more does not fit a processor's own memory and is slower."""


class Heard(NamedTuple):
    """A window, the judgement on it, and the event that it ended."""

    window: Window
    judged: HeardWindow
    ended: Event | None


@cache
def the_ear() -> Ear:
    """One ear for all streams: it remembers nothing."""
    return Ear()


class Listener:
    """Listens to one stream that begins at `start` (seconds) at `sensor`."""

    def __init__(
        self,
        sensor: str,
        start: float = 0.0,
        rules: EventRules = EventRules(),  # noqa: B008  frozen
        *,
        bands: bool = False,
    ) -> None:
        self.sensor, self.start = sensor, start
        self._rules, self._bands = rules, bands
        self._events = EventLayer(rules)
        self._windows = Windows()
        self._attention = Attention()

    @property
    def current(self) -> Event | None:
        """The event that is on."""
        return self._events.current

    @property
    def heard_to(self) -> float:
        """When the sound fed so far ends."""
        return self.start + self._windows.duration_s

    def hear(self, sound: Sound) -> list[Heard]:
        """The windows that this sound completes. Its rate and channels must stay the same."""
        return self._judge(self._windows.feed(sound))

    def finish(self) -> tuple[list[Heard], Event | None]:
        """The stream ends here: its last windows, and the event that was on."""
        return self._judge(self._windows.finish()), self._events.finish()

    def _judge(self, windows: list[Window]) -> list[Heard]:
        return [
            one
            for at in range(0, len(windows), _BATCH)
            for one in self._judge_some(windows[at : at + _BATCH])
        ]

    def _judge_some(self, windows: list[Window]) -> list[Heard]:
        hearing = [k for k, one in enumerate(windows) if one.deaf is None]
        p: dict[int, float] = {}
        bpf: dict[int, float] = {}
        if hearing:
            sounds = np.stack([windows[k].samples for k in hearing])
            alone = dict(zip(hearing, the_ear().log_odds(sounds).tolist(), strict=True))
            p = self._in_context(windows, alone)
            bpf = _blades(sounds, p)
        found = []
        for k, window in enumerate(windows):
            judged = HeardWindow(
                sensor=self.sensor,
                t=round(self.start + window.t_s, 3),
                dur_s=round(window.dur_s, 3),
                p_drone=round(p[k], 4) if k in p else None,
                level_dbfs=window.level_dbfs,
                bpf_hz=bpf.get(k),
                deaf=window.deaf,
                bands_db=bands_db(window.samples) if self._bands else (),
                threshold=self._rules.on_p,
            )
            ended = self._events.feed(judged)
            if self._events.current is not None:
                judged = _in_event(judged)
            found.append(Heard(window, judged, ended))
        return found

    def _in_context(self, windows: list[Window], alone: dict[int, float]) -> dict[int, float]:
        """Each window's probability, given those before it; what was deaf breaks the thread."""
        told: dict[int, float] = {}
        for k in range(len(windows)):
            if k in alone:
                told[k] = self._attention.feed(alone[k])
            else:
                self._attention.forget()
        return told


def _blades(sounds: F32, p: dict[int, float]) -> dict[int, float]:
    """The blade-pass frequency of each window in which a rotor stands out."""
    likely = [row for row, value in enumerate(p.values()) if value >= LEAST_P_FOR_BPF]
    if not likely:
        return {}
    names = list(p)
    hertz, salience = blade_pass(sounds[likely])
    told = zip(likely, hertz.tolist(), salience.tolist(), strict=True)
    return {names[row]: round(f, 1) for row, f, clear in told if clear >= LEAST_SALIENCE}


def _in_event(window: HeardWindow) -> HeardWindow:
    from msgspec.structs import replace

    return replace(window, event=True)
