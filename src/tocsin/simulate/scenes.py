"""The playbill: every scene by name, with what it is for and how it may be scaled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tocsin.errors import InputError
from tocsin.simulate import stages, trials, wide
from tocsin.simulate.evening import DURATION_S, stage_evening
from tocsin.simulate.staged import Staged

_FIXED: frozenset[str] = frozenset()
_SCALES = frozenset({"sensors", "drones"})


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
    duration_s: float
    make: Callable[[int, float, Scale], Staged]
    aliases: tuple[str, ...] = ()
    scales: frozenset[str] = _FIXED


def _swarm(seed: int, duration_s: float, scale: Scale) -> Staged:
    return stages.swarm(seed, duration_s, drones=scale.drones or 12, radars=scale.sensors or 2)


def _network(seed: int, duration_s: float, scale: Scale) -> Staged:
    microphones = scale.sensors or 1024
    drones = scale.drones or max(1, microphones // 200)
    return wide.network(seed, duration_s, microphones=microphones, drones=drones)


def _crowd(seed: int, duration_s: float, scale: Scale) -> Staged:
    drones = scale.drones or 1000
    radars = scale.sensors or max(4, drones // 60)
    return wide.crowd(seed, duration_s, drones=drones, radars=radars)


def _unscaled(make: Callable[[int, float], Staged]) -> Callable[[int, float, Scale], Staged]:
    return lambda seed, duration_s, _: make(seed, duration_s)


_PLAYBILL = (
    Scene("evening", "a dam on the Senegal: sprayer, birds, intruder, liar", DURATION_S,
          _unscaled(stage_evening)),
    Scene("approach", "one straight approach; a radar, two direction finders", 150.0,
          _unscaled(stages.approach), ("S1",)),
    Scene("loiter", "a loitering multirotor; forty acoustic arrays, bearings only", 240.0,
          _unscaled(stages.loiter), ("S2",)),
    Scene("loiter-delayed", "the same with the finite speed of sound", 240.0,
          _unscaled(stages.loiter_delayed), ("S2d",)),
    Scene("crossing", "a crossing pair, two that manoeuvre; clutter 20 a scan", 180.0,
          _unscaled(stages.crossing), ("S3",)),
    Scene("swarm", "12 drones 45 m apart that turn together; two radars", 150.0,
          _swarm, ("S4",), _SCALES),
    Scene("birds", "30 birds, 2 drones; a radar unsure of class, two cameras", 180.0,
          _unscaled(stages.birds), ("S5",)),
    Scene("network", "1,024 single microphones, 5 fixed wings, sound seconds late", 1800.0,
          _network, ("S6",), _SCALES),
    Scene("liar", "one honest, one lying Remote ID", 150.0, _unscaled(stages.liar), ("S7",)),
    Scene("misaligned", "a radar turned and late, a finder turned; an aircraft", 200.0,
          _unscaled(stages.misaligned), ("S8",)),
    Scene("merged", "the crossing with echoes that merge; clutter 60 a scan", 180.0,
          _unscaled(trials.merged)),
    Scene("approach-dense", "the approach in three times the clutter", 150.0,
          _unscaled(trials.approach_dense)),
    Scene("crossing-dense", "the crossing in three times the clutter", 180.0,
          _unscaled(trials.crossing_dense)),
    Scene("swarm-dense", "the swarm in three times the clutter", 150.0,
          _unscaled(trials.swarm_dense)),
    Scene("swarm-merged", "the swarm before radars that merge echoes", 150.0,
          _unscaled(trials.swarm_merged)),
    Scene("swarm-mixed", "a swarm of uneven spacing, 5 to 80 m", 150.0,
          _unscaled(trials.swarm_mixed)),
    Scene("liar-near", "a Remote ID that mirrors its drone 150 m aside", 150.0,
          _unscaled(trials.liar_near)),
    Scene("replayed", "an old flight's Remote ID played from the ground", 150.0,
          _unscaled(trials.replayed)),
    Scene("late", "the delayed loiterer, lines up to a minute late", 240.0,
          _unscaled(stages.late)),
    Scene("outage", "the approach while the radar and a finder fail in turn", 150.0,
          _unscaled(stages.outage)),
    Scene("phantoms", "a transmitter on the ground invents twenty drones", 150.0,
          _unscaled(stages.phantoms)),
    Scene("crowd", "1,000 drones (up to 10,000) under a grid of radars", 120.0,
          _crowd, (), _SCALES),
)  # fmt: skip

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
    return scene.make(seed, duration_s or scene.duration_s, scale)
