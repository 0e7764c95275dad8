"""A bank of augmented windows: made once, for every fold, as the features that the network sees.

Every entry belongs to one fold: what sounds, what lies behind it and what was made up for it stay
in that fold, so that a network trained without a fold has heard nothing of it, nor mixed with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import resample

from tocsin.hear.features import WINDOW, features
from tocsin.simulate.rotors import manoeuvres, random_craft, rotor_sound

from . import chain
from .others import other_sound
from .recordings import FOLDS, Clip

F16 = npt.NDArray[np.float16]
F32 = npt.NDArray[np.float32]

ORIGINS = ("svanstrom", "bench", "synthetic", "esc10")
_POSITIVES = (("svanstrom", 0.45), ("bench", 0.10), ("synthetic", 0.45))
_NEGATIVES = (("hard", 0.40), ("svanstrom", 0.14), ("esc10", 0.22), ("synthetic", 0.24))
_CHAINSAWS = 0.3
"""Of hard negatives, more than their third: they are what is most often taken for a drone."""
_BATCH = 250


@dataclass(frozen=True)
class Bank:
    """Columns of `n` windows: features, label, fold, and where the foreground came from."""

    colour: F16
    combs: F16
    drone: npt.NDArray[np.bool_]
    fold: npt.NDArray[np.int8]
    origin: npt.NDArray[np.int8]


def make(clips: list[Clip], n: int, seed: int) -> Bank:
    """`n` windows, half of them drones, in equal parts of every fold."""
    parts: list[tuple[F16, F16, npt.NDArray[np.bool_], int, npt.NDArray[np.int8]]] = []
    for number in range(-(-n // _BATCH)):
        rng = np.random.default_rng([seed, number])
        fold = number % FOLDS
        at_hand = [clip for clip in clips if clip.fold == fold]
        sound, drone, origin = _batch(rng, at_hand)
        colour, combs = features(chain.recorded(rng, sound))
        parts.append((colour.astype(np.float16), combs.astype(np.float16), drone, fold, origin))
    colours, all_combs, drones, folds, origins = zip(*parts, strict=True)
    return Bank(
        np.concatenate(colours),
        np.concatenate(all_combs),
        np.concatenate(drones),
        np.repeat(np.array(folds, np.int8), _BATCH),
        np.concatenate(origins),
    )


def _batch(
    rng: np.random.Generator, clips: list[Clip]
) -> tuple[F32, npt.NDArray[np.bool_], npt.NDArray[np.int8]]:
    fore, back = np.empty((2, _BATCH, WINDOW), np.float32)
    drone = np.arange(_BATCH) % 2 == 0
    origin = np.zeros(_BATCH, np.int8)
    alone = np.zeros(_BATCH, np.bool_)
    quiet = [clip for clip in clips if not clip.drone and not clip.hard]
    rest = [clip for clip in clips if not clip.drone]
    for row in range(_BATCH):
        fore[row], name = _positive(rng, clips) if drone[row] else _negative(rng, clips)
        origin[row] = ORIGINS.index(name)
        # A field recording has its own background already. Few are left as they are, or a bare
        # recording would mean "no drone" wherever the drones are made up.
        alone[row] = rng.random() < (0.10 if name in ("synthetic", "bench") else 0.40)
        draw = rng.random()
        back[row] = (
            other_sound(rng)
            if draw < 0.15
            else _piece(rng, _pick(rng, rest if draw < 0.30 else quiet).samples)
        )
    snr_db = rng.triangular(-15.0, 10.0, 25.0, _BATCH)
    snr_db = np.where(alone, 60.0, snr_db).astype(np.float32)
    return chain.mixed(rng, fore, back, snr_db), drone, origin


def _positive(rng: np.random.Generator, clips: list[Clip]) -> tuple[F32, str]:
    name = _draw(rng, _POSITIVES)
    real = [clip for clip in clips if clip.drone and clip.source == name]
    if real:
        return (
            _choir(rng, real) if name == "bench" else _piece(rng, _pick(rng, real).samples)
        ), name
    craft = random_craft(rng)
    track = craft.rpm * manoeuvres(rng, 16_000, WINDOW, rng.uniform(0.0, 0.07))
    return rotor_sound(rng, 16_000, WINDOW, craft=craft, rpm=track), "synthetic"


def _negative(rng: np.random.Generator, clips: list[Clip]) -> tuple[F32, str]:
    name = _draw(rng, _NEGATIVES)
    if name == "synthetic":
        return other_sound(rng), name
    others = [clip for clip in clips if not clip.drone and clip.hard == (name == "hard")]
    saw = name == "hard" and rng.random() < _CHAINSAWS
    kept = [clip for clip in others if name in ("hard", clip.source)]
    clip = _pick(rng, [clip for clip in kept if not saw or clip.kind == "Chainsaw"])
    return _piece(rng, clip.samples), clip.source


def _draw(rng: np.random.Generator, shares: tuple[tuple[str, float], ...]) -> str:
    weights = np.array([share for _, share in shares])
    return shares[int(rng.choice(len(shares), p=weights / weights.sum()))][0]


def _pick(rng: np.random.Generator, clips: list[Clip]) -> Clip:
    return clips[int(rng.integers(len(clips)))]


def _piece(rng: np.random.Generator, samples: F32) -> F32:
    """A second of a clip, mostly played slower or faster by up to a fifth."""
    length = 400 * int(rng.integers(32, 49)) if rng.random() < 0.6 else WINDOW
    if samples.size < length:
        samples = np.resize(samples, length)
    start = int(rng.integers(0, samples.size - length + 1))
    piece = samples[start : start + length]
    if length != WINDOW:
        piece = resample(piece, WINDOW)
    rms = float(np.sqrt(np.mean(piece * piece)))
    return np.asarray(piece / max(rms, 1e-9), np.float32)


def _choir(rng: np.random.Generator, clips: list[Clip]) -> F32:
    """One to six of the bench's propellers at near speeds: a craft that was never built."""
    factor = float(np.exp(rng.uniform(np.log(0.6), np.log(1.8))))
    choir = np.zeros(WINDOW)
    kind = _pick(rng, clips).kind
    same = [clip for clip in clips if clip.kind == kind]
    for _ in range(int(rng.choice([1, 2, 3, 4, 4, 4, 6]))):
        clip = _pick(rng, same)
        wide = clip.samples if clip.wide is None else clip.wide
        speed = factor * (1.0 + rng.normal(0.0, 0.025))
        length = min(int(3 * WINDOW * speed / 600) * 600, wide.size)
        start = int(rng.integers(0, wide.size - length + 1))
        piece = wide[start : start + length]
        # One second at 48 kHz x speed becomes one at 16 kHz; a clip of 2 s played faster repeats.
        made = WINDOW if length < wide.size else int(length / (3 * speed) / 100) * 100
        choir += rng.uniform(0.4, 1.0) * np.resize(resample(piece, made), WINDOW)
    return np.asarray(choir / max(float(choir.std()), 1e-9), np.float32)
