"""The playbill: every scene by name, with what it is for and how it may be scaled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tocsin.errors import InputError
from tocsin.simulate.evening import evening
from tocsin.simulate.staged import Staged


@dataclass(frozen=True)
class Scale:
    """How many sensors and drones a scene that can scale should have; None is the scene's own."""

    sensors: int | None = None
    drones: int | None = None


@dataclass(frozen=True)
class Scene:
    """An entry of the playbill. `scales` names what of "sensors" and "drones" may be chosen."""

    name: str
    about: str
    make: Callable[[int, float | None, Scale], Staged]
    aliases: tuple[str, ...] = ()
    scales: frozenset[str] = frozenset()


def _evening(seed: int, duration_s: float | None, _: Scale) -> Staged:
    return evening(seed) if duration_s is None else evening(seed, duration_s)


_PLAYBILL = (Scene("evening", "a dam on the Senegal: sprayer, birds, intruder, liar", _evening),)

SCENES: dict[str, Scene] = {scene.name: scene for scene in _PLAYBILL}


def make_scene(
    name: str, seed: int, *, duration_s: float | None = None, scale: Scale | None = None
) -> Staged:
    """The scene of that name or alias. Raises InputError for a name that is not on the playbill,
    or a number that the scene has no use for."""
    by_name = {alias.lower(): s for s in SCENES.values() for alias in (s.name, *s.aliases)}
    scene = by_name.get(name.lower())
    if scene is None:
        raise InputError(f"there is no scene {name!r}", remedy=f"scenes: {', '.join(SCENES)}")
    scale = scale or Scale()
    for what, count in (("sensors", scale.sensors), ("drones", scale.drones)):
        if count is not None and what not in scene.scales:
            raise InputError(
                f"the scene {scene.name!r} has its own {what}", remedy=f"leave out --{what}"
            )
    return scene.make(seed, duration_s, scale)
