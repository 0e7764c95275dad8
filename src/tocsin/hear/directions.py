"""Where the sounds of a block come from, how well that is known, and whether it is known at all.

Search     the steered likelihood (`steer`) over a grid, in its most telling bins; its highest lobes
           are climbed with all bins, in slowness: what a plane or line of microphones measures
Sigma      the likelihood's curvature, or what its bins disagree by where that is more (Huber 1967:
           H^-1 J H^-1), and floors for the microphones' places, the speed of sound and turbulence
Lobes      each weighs exp(likelihood) times its width; a direction is told only where all others
           together weigh less than `DOUBT`
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.hear.array import F64, Array, angles_of, grid, sound_mps
from tocsin.hear.steer import Bins, Steering

DOUBT = 0.05
"""Most probability of a wrong lobe at which a direction is still told."""
LEAST_GAIN = 45.0
"""Nats by which a source must stand out from the middle of all directions, in the most telling
bins. Half a second of noise alone has 10 to 30, of waves from 200 sides up to 52."""
FURTHER = 0.1
"""Share of the first source's gain that a further one must have: echoes have less."""
TURBULENCE = 0.007
"""Wander of the slowness of what comes through 100 m of air near the ground, 1-sigma (0.4 deg)."""
SPEED_SHARE = 0.009
"""1-sigma of the speed of sound, as a share: 5 K, or 3 m/s of wind."""
SHARED_HZ = 700.0
"""Bins so near each other may err together."""
_TELLING = 96
_LOBES = 6
HOPELESS = 60.0
"""Nats by which a lobe of the grid may lie lower than the highest and still be climbed."""
_SPACING_DEG = 5.0
_STEP = 2e-3
_CLIMBS = 12
_STRIDE = 0.05


class Errors(NamedTuple):
    """1-sigma errors of an array as it was put up."""

    place_m: float = 0.002
    heading_deg: float = 2.0
    tilt_deg: float = 1.0


USUAL = Errors()
"""Of a printed frame turned by a compass."""


class Direction(NamedTuple):
    """Where a sound came from. Degrees from true north and the level, 1-sigma; an angle is None
    where the array cannot tell it. `cone_deg` is the angle to a line of microphones. `share` of the
    block's power came from there; `wrong` is the probability of another lobe."""

    azimuth_deg: float | None
    sigma_azimuth_deg: float | None
    elevation_deg: float | None
    sigma_elevation_deg: float | None
    share: float
    wrong: float
    cone_deg: float | None = None
    sigma_cone_deg: float | None = None


class _Lobe(NamedTuple):
    """A climbed lobe: slowness times the speed of sound (3,), its covariance over the free axes
    (k, 3), its gain in nats, by how much the bins disagree more than chance, and its width."""

    slowness: F64
    axes: F64
    covariance: F64
    gain: float
    excess: float
    width: float


class Bearings:
    """Finds the directions of sounds at one array, block by block; keeps nothing between them."""

    def __init__(
        self, array: Array, rate_hz: int, *, air_c: float = 15.0, errors: Errors = USUAL
    ) -> None:
        self.array = array
        self.errors = errors
        self._steering = Steering(array, rate_hz, sound_mps(air_c), errors.place_m)
        self._reach = round(SHARED_HZ / float(self._steering.hz[1] - self._steering.hz[0]))
        self._grid = grid(array, _SPACING_DEG)
        # 1.7 spacings reach all six or so neighbours of Fibonacci's sphere
        self._near = self._grid @ self._grid.T > math.cos(math.radians(1.7 * _SPACING_DEG))

    def find(self, samples: F64, most: int = 1) -> list[Direction]:
        """Up to `most` sources in a block (n, m) of 0.25 to 1 s, the most certain first."""
        bins = self._steering.listen(np.asarray(samples, np.float64))
        found: list[_Lobe] = []
        doubts: list[float] = []
        if bins is None:
            return []
        for _ in range(min(most, len(self.array.places) - 1)):
            lobe, wrong = self._strongest(bins, _places(found))
            if lobe is None or wrong > DOUBT:
                break
            if found and lobe.gain < FURTHER * found[0].gain:
                break
            found.append(lobe)
            doubts.append(wrong)
            for k in range(len(found) - 1):
                others = _places(found[:k] + found[k + 1 :])
                found[k] = self._climb(bins, found[k].slowness, others)
        return [
            self._tell(lobe, self._share(bins, lobe), wrong)
            for lobe, wrong in zip(found, doubts, strict=True)
        ]

    def _strongest(self, bins: Bins, others: F64) -> tuple[_Lobe | None, float]:
        """The heaviest lobe beside `others`, and the weight of all the rest."""
        chosen = _telling(bins)
        coarse = self._steering.evidence(bins, self._grid, chosen, others).sum(axis=1)
        tops = np.flatnonzero(coarse >= np.where(self._near, coarse, -np.inf).max(axis=1))
        tops = tops[np.argsort(-coarse[tops])][:_LOBES]
        if coarse[tops[0]] - np.median(coarse) < LEAST_GAIN:
            return None, 1.0
        high = coarse[tops] > coarse[tops[0]] - max(HOPELESS, 0.3 * coarse[tops[0]])
        lobes = [self._climb(bins, self._grid[top], others) for top in tops[high]]
        lobes.sort(key=lambda lobe: -lobe.gain)
        best = lobes[0]
        rest = sum(
            math.exp(min(0.0, (lobe.gain - best.gain) / best.excess) + lobe.width - best.width)
            for lobe in lobes[1:]
            if not _same(lobe, best)
        )
        return best, rest / (1.0 + rest)

    def _climb(self, bins: Bins, start: F64, others: F64) -> _Lobe:
        """The top of a lobe, by Newton's method on the slowness it is free in."""
        everything = np.arange(len(self._steering.hz))

        def look(s: F64) -> tuple[F64, float, F64, F64]:
            axes = self._free(s)
            gains = self._steering.evidence(bins, _stencil(s, axes), everything, others)
            return axes, float(gains[0].sum()), *_derivatives(gains, len(axes))

        s, short = self._held(start), 1.0
        axes, gain, slopes, bend = look(s)
        for _ in range(_CLIMBS):
            step = short * np.linalg.solve(_definite(-bend), slopes.sum(axis=0))
            length = float(np.linalg.norm(step))
            if length < 1e-4:
                break
            tried = self._held(s + step * min(1.0, _STRIDE / length) @ axes)
            seen = look(tried)
            if seen[1] > gain:
                s, (axes, gain, slopes, bend), short = tried, seen, min(1.0, 2.0 * short)
            else:
                short *= 0.3
        fisher = np.linalg.inv(_definite(-bend))
        sandwich = fisher @ _scatter(slopes, self._reach) @ fisher
        excess = max(1.0, float(np.trace(sandwich) / np.trace(fisher)))
        covariance = np.asarray(fisher if excess == 1.0 else sandwich, np.float64)
        width = 0.5 * float(np.linalg.slogdet(covariance)[1])
        return _Lobe(s, axes, covariance, gain, excess, width)

    def _free(self, s: F64) -> F64:
        """The axes (k, 3) along which a slowness can be measured."""
        if self.array.shape == "line":
            return self.array.spread[:1]
        if self.array.shape == "plane":
            return self.array.spread[:2]
        side = np.cross(s, np.eye(3)[int(np.argmin(np.abs(s)))])
        side /= np.linalg.norm(side)
        return np.stack([side, np.cross(s, side)])

    def _held(self, s: F64) -> F64:
        """A slowness within what sound can have."""
        if self.array.shape == "space":
            return np.asarray(s / np.linalg.norm(s))
        flat = self._free(s)
        part = (s @ flat.T) @ flat
        length = float(np.linalg.norm(part))
        return np.asarray(part * min(1.0, 1.05 / max(length, 1e-12)))

    def _share(self, bins: Bins, lobe: _Lobe) -> float:
        """The share of a block's power that comes from there."""
        m = len(self.array.places)
        chosen = np.arange(len(self._steering.hz))
        steer = self._steering.vectors(bins, lobe.slowness[None], chosen)[:, 0]
        caught = np.einsum("fm,fmn,fn->f", steer.conj(), bins.matrices, steer).real
        return float((np.clip((caught - 1.0) / (m - 1), 0.0, 1.0) * bins.power).sum())

    def _tell(self, lobe: _Lobe, share: float, wrong: float) -> Direction:
        covariance = lobe.covariance + self._floor(lobe)
        if self.array.shape == "line":
            along = float(lobe.slowness @ self.array.spread[0])
            polar, sigma = _from_axis(along, math.sqrt(float(covariance[0, 0])))
            return self._tell_cone(polar, sigma, share, wrong)
        if self.array.shape == "plane":
            u, spread = self._out_of_plane(lobe, covariance)
        else:
            u, spread = lobe.slowness, lobe.axes.T @ covariance @ lobe.axes
        azimuth, elevation = angles_of(u)
        level = max(math.hypot(u[0], u[1]), 1e-6)
        aside = np.array([u[1], -u[0], 0.0]) / level
        upward = np.cross(aside, u)
        turned = math.degrees(math.sqrt(float(aside @ spread @ aside))) / level
        raised = math.degrees(math.sqrt(float(upward @ spread @ upward)))
        return Direction(
            azimuth,
            math.hypot(turned, self.errors.heading_deg, self.errors.tilt_deg * abs(u[2]) / level),
            elevation,
            math.hypot(raised, self.errors.tilt_deg),
            share,
            wrong,
        )

    def _tell_cone(self, polar: float, sigma: float, share: float, wrong: float) -> Direction:
        """What a line of microphones tells: the angle to itself; upright, an elevation."""
        cone, error = math.degrees(polar), math.hypot(math.degrees(sigma), self.errors.tilt_deg)
        if not self.array.upright:
            return Direction(None, None, None, None, share, wrong, cone, error)
        elevation = math.copysign(1.0, float(self.array.spread[0, 2])) * (90.0 - cone)
        return Direction(None, None, elevation, error, share, wrong, cone, error)

    def _floor(self, lobe: _Lobe) -> F64:
        """Covariance of what no likelihood knows, over the free axes."""
        places = self.array.places @ lobe.axes.T
        along = lobe.axes @ lobe.slowness
        misplaced = np.linalg.inv(places.T @ places) * self.errors.place_m**2
        wander = np.eye(len(lobe.axes)) * TURBULENCE**2
        return np.asarray(misplaced + wander + np.outer(along, along) * SPEED_SHARE**2)

    def _out_of_plane(self, lobe: _Lobe, covariance: F64) -> tuple[F64, F64]:
        """Direction and its tangent covariance (3, 3) from a slowness in the array's plane."""
        p = lobe.axes @ lobe.slowness
        r = max(float(np.linalg.norm(p)), 1e-6)
        out, round_ = p / r, np.array([-p[1], p[0]]) / r
        radial = math.sqrt(float(out @ covariance @ out))
        across = math.sqrt(float(round_ @ covariance @ round_))
        raised, sigma = _from_plane(r, radial)
        flat, normal = out @ lobe.axes, self.array.spread[2]
        u = math.cos(raised) * flat + math.sin(raised) * normal
        tilting = -math.sin(raised) * flat + math.cos(raised) * normal
        turning = round_ @ lobe.axes
        spin = min(across / r, math.pi) * math.cos(raised)
        return u, sigma**2 * np.outer(tilting, tilting) + spin**2 * np.outer(turning, turning)


def _telling(bins: Bins) -> NDArray[np.int64]:
    """The bins whose matrices are furthest from noise, in their order."""
    odd = (np.abs(bins.matrices) ** 2).sum(axis=(1, 2))
    return np.sort(np.argsort(-odd, kind="stable")[:_TELLING])


def _places(lobes: list[_Lobe]) -> F64:
    """Their slownesses (q, 3)."""
    return np.array([lobe.slowness for lobe in lobes]).reshape(-1, 3)


def _same(one: _Lobe, other: _Lobe) -> bool:
    """Whether two climbs ended on the same top."""
    return float(np.linalg.norm(one.slowness - other.slowness)) < 0.05


def _stencil(s: F64, axes: F64) -> F64:
    """The point and its neighbours along each axis, then (two axes) on the diagonals."""
    steps = [np.zeros(len(axes))]
    for axis in np.eye(len(axes)):
        steps += [axis, -axis]
    if len(axes) == 2:
        steps += [np.array([1.0, 1.0]), np.array([-1.0, -1.0])]
    return np.asarray(s + _STEP * np.array(steps) @ axes)


def _derivatives(gains: F64, k: int) -> tuple[F64, F64]:
    """Slope of each bin (f, k) and curvature of the sum (k, k) on a stencil."""
    slopes = np.stack([gains[2 * a + 1] - gains[2 * a + 2] for a in range(k)], axis=1)
    total = gains.sum(axis=1)
    bend = np.zeros((k, k))
    for a in range(k):
        bend[a, a] = total[2 * a + 1] + total[2 * a + 2] - 2.0 * total[0]
    if k == 2:
        mixed = total[5] + total[6] - 2.0 * total[0] - bend[0, 0] - bend[1, 1]
        bend[0, 1] = bend[1, 0] = 0.5 * mixed
    return slopes / (2.0 * _STEP), bend / _STEP**2


def _scatter(slopes: F64, reach: int) -> F64:
    """Variance of the sum of slopes, which bins up to `reach` apart share (Newey and West 1987):
    noise that comes from somewhere pulls neighbouring bins the same way."""
    slopes = slopes - slopes.mean(axis=0)
    total = slopes.T @ slopes
    for lag in range(1, min(reach, len(slopes) - 1) + 1):
        shared = slopes[lag:].T @ slopes[:-lag]
        total = total + (1.0 - lag / (reach + 1)) * (shared + shared.T)
    return np.asarray(total)


def _definite(matrix: F64) -> F64:
    """A symmetric matrix with its curvatures at least 1: a slowness is known to one."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(np.abs(values), 1.0)) @ vectors.T)


_RAISED = np.radians(np.arange(0.25, 90.0, 0.5))


def _from_plane(r: float, sigma: float) -> tuple[float, float]:
    """Angle above a plane and its 1-sigma from its cosine `r` with error `sigma`: mean and spread
    under even odds over the half sphere, since near the plane a cosine says little."""
    return _moments(np.cos(_RAISED), np.cos(_RAISED), _RAISED, r, sigma)


def _from_axis(along: float, sigma: float) -> tuple[float, float]:
    """Angle to a line, likewise."""
    angle = np.concatenate([_RAISED, np.pi / 2 + _RAISED])
    return _moments(np.cos(angle), np.sin(angle), angle, along, sigma)


def _moments(seen: F64, prior: F64, angle: F64, told: float, sigma: float) -> tuple[float, float]:
    log = -0.5 * ((seen - told) / sigma) ** 2
    weight = prior * np.exp(log - log.max())
    weight /= weight.sum()
    mean = float(weight @ angle)
    # half a degree of grid is no better than this
    return mean, max(math.sqrt(float(weight @ (angle - mean) ** 2)), math.radians(0.15))
