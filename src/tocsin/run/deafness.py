"""Which microphones are deaf, by what they say of their own windows: *deaf* is not *no drone*.

Each deaf second counts one and each hearing second takes back a half, so that a microphone that
is deaf for more than a third of the time cannot look well. From `DEAF_S` on it is deaf, until
nothing is left; more than `MOST_S` is not counted, so that this takes 12 s at most. A window after
a pause, such as that in the heartbeat of a node on a thin line, stands for `DEAF_S`.
"""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.words import Deafness, HeardWindow, SelfTest

DEAF_S = 3.0
MOST_S = 6.0
_FORGIVEN = 0.5
PAUSE_S = 10.0

UNSURE_S = 10.0
"""What a microphone did not say is no evidence while any window of so long ago was deaf: the loom
works silence in up to 8 s late (5 s at once, 2 s for a slow line, on whole seconds)."""


class EarWatch:
    """One microphone's windows and tests, counted. Windows that come late change nothing."""

    def __init__(self) -> None:
        self.until_t: float | None = None
        """The end of the latest window: what it says of itself as proof of life."""
        self.deaf = False
        self.why: Deafness | None = None
        self.since_t: float | None = None
        self.last_deaf_t: float | None = None
        self.test: SelfTest | None = None
        self._count_s = 0.0

    def note(self, window: HeardWindow) -> None:
        """Count one window; of those that overlap only what is new."""
        end = window.t + window.dur_s
        new_s = window.dur_s if self.until_t is None else min(end - self.until_t, window.dur_s)
        if new_s <= 0.0:
            return
        if self.until_t is not None and window.t - self.until_t > PAUSE_S:
            new_s = DEAF_S
        self.until_t = end
        if window.deaf is None:
            self._count_s = max(0.0, self._count_s - _FORGIVEN * new_s)
        else:
            if self._count_s == 0.0:
                self.since_t = window.t
            self._count_s = min(MOST_S, self._count_s + new_s)
            self.why, self.last_deaf_t = window.deaf, end
        if self._count_s == 0.0:
            self.deaf, self.why, self.since_t = False, None, None
        elif self._count_s >= DEAF_S:
            self.deaf = True

    def note_test(self, test: SelfTest) -> None:
        """Keep the latest self-test."""
        if self.test is None or test.t >= self.test.t:
            self.test = test

    @property
    def unsure(self) -> bool:
        """Whether its silence tells nothing at present."""
        if self.until_t is None or self.last_deaf_t is None:
            return False
        return self.deaf or self.until_t - self.last_deaf_t < UNSURE_S


class DeafWatch:
    """All microphones of a house that tell windows or tests, at most `most` of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.ears: dict[str, EarWatch] = {}
        self.unsure: set[str] = set()
        """Those whose silence tells nothing at present."""

    def note(self, windows: Iterable[HeardWindow], tests: Iterable[SelfTest]) -> None:
        """Count what was heard and tried since the last time."""
        for window in windows:
            ear = self._ear(window.sensor)
            if ear is not None:
                ear.note(window)
                (self.unsure.add if ear.unsure else self.unsure.discard)(window.sensor)
        for test in tests:
            ear = self._ear(test.sensor)
            if ear is not None:
                ear.note_test(test)

    def _ear(self, sensor: str) -> EarWatch | None:
        if sensor not in self.ears and len(self.ears) >= self._most:
            return None
        return self.ears.setdefault(sensor, EarWatch())
