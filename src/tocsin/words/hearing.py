"""What an ear made of one window of sound: features and a judgement, never the sound itself."""

from __future__ import annotations

from typing import Literal

import msgspec

Deafness = Literal["silence", "clipping", "dc", "dropout", "not-a-number", "no-signal"]
"""Why nothing could have been heard in a window: *deaf* is not *no drone*."""

BANDS = 32
"""Bands of `bands_db`, even in mel from 50 to 8,000 Hz. With one value a half second, speech cannot
be made out of them again."""


class HeardWindow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One window at one microphone or array, from `t` (Unix seconds at the sensor) for `dur_s`.

    `p_drone` is the calibrated probability that a drone sounds in it; None where the ear was deaf.
    `level_dbfs` is the root mean square against full scale (a full-scale square wave is 0), None
    for digital silence. `bpf_hz` is the blade-pass frequency of the strongest rotor, if one was
    found. `bands_db` has `BANDS` levels against full scale, or none where the link is thin.
    `event`: the event layer held that a drone sounds in it; `threshold` is the probability from
    which it would begin an event.
    """

    sensor: str
    t: float
    dur_s: float
    p_drone: float | None = None
    level_dbfs: float | None = None
    bpf_hz: float | None = None
    deaf: Deafness | None = None
    bands_db: tuple[float, ...] = ()
    event: bool = False
    threshold: float | None = None


class SelfTest(msgspec.Struct, frozen=True, omit_defaults=True):
    """A microphone tried itself at `t`: it played or injected a known chirp, and heard it or not.

    `why` says in a few words what was wrong.
    """

    sensor: str
    t: float
    passed: bool
    why: str = ""
