"""A protected place: its ground, its height band, its hours, its rules, and who is told."""

from __future__ import annotations

import msgspec

from tocsin.words.hours import Hours
from tocsin.words.ladder import Approval, Step
from tocsin.words.place import Ring


class Rules(msgspec.Struct, frozen=True):
    """When the bell rings. Times to entry in seconds, each with hysteresis.

    A level is reached when the *likely* time to entry falls to its threshold, and is left when
    it has stayed over `threshold * leave_factor` for `hold_s`. All-clear comes `clear_s`
    after the last cause has gone. A drone that stays within `loiter_radius_m` of one spot for
    `loiter_s`, no farther than `near_m` from the zone, is watched even if it is not closing.
    """

    watch_eta_s: float = 300.0
    warning_eta_s: float = 120.0
    alarm_eta_s: float = 60.0
    leave_factor: float = 1.3
    hold_s: float = 15.0
    clear_s: float = 30.0
    loiter_s: float = 60.0
    loiter_radius_m: float = 300.0
    near_m: float = 1000.0
    min_p_drone: float = 0.5
    max_sigma_m: float = 400.0


class Zone(msgspec.Struct, frozen=True):
    """A protected zone. Heights are metres above the WGS-84 ellipsoid; None is unbounded.

    `names` maps a language tag to what people call the place; `tell` lists channel ids. `legal`
    gives, by language and level, the word that the law of the country asks for at the head of a
    message, and `arabic_digits` says that Arabic is written with its own digits. `ladder` names who
    is told later, and `approval` who only after a person.
    """

    id: str
    names: dict[str, str]
    polygon: Ring
    floor_m: float | None = None
    ceiling_m: float | None = None
    hours: tuple[Hours, ...] = ()
    rules: Rules = Rules()
    tell: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("fr", "en")
    legal: dict[str, dict[str, str]] = {}
    arabic_digits: bool = False
    ladder: tuple[Step, ...] = ()
    approval: Approval | None = None

    def name(self, language: str) -> str:
        """The zone's name in a language, else in any, else its id."""
        return self.names.get(language) or next(iter(self.names.values()), self.id)
