"""What a radar blurs: echoes too close to be told apart, and kinds it is not sure of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tocsin.simulate.flight import F64
from tocsin.simulate.heard import Heard

LEAST_P = 5e-4
"""No sensor is ever certain: a probability of 0 would outweigh all evidence that follows."""


@dataclass(frozen=True)
class Resolution:
    """Two echoes of one scan closer than both are one echo."""

    range_m: float
    azimuth_deg: float


def merge(rows: Heard, resolution: Resolution) -> Heard:
    """Echoes of one sensor and scan that cannot be told apart become one at their middle.

    The first flight in the scene's order gives the merged echo its name and class. Range rate and
    height are averaged too. Chains merge: A with B and B with C makes one of all three.
    """
    if len(rows) < 2:
        return rows
    # all echoes of one scan carry one time
    _, cell = np.unique(np.column_stack([rows.sensor, rows.t]), axis=0, return_inverse=True)
    circle = 360.0 / resolution.azimuth_deg
    points = np.column_stack(
        [
            rows.range_m / resolution.range_m,
            (rows.azimuth_deg / resolution.azimuth_deg) % circle,
            3.0 * cell.ravel(),  # scans lie 3 apart: never within 1 of each other
        ]
    )
    tree = cKDTree(points, boxsize=np.array([0.0, circle, 0.0]))
    pairs = tree.query_pairs(1.0, p=np.inf, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(rows),) * 2)
    count, group = connected_components(links, directed=False)
    first = np.full(count, len(rows), np.int64)
    np.minimum.at(first, group, np.arange(len(rows)))
    size = np.bincount(group, minlength=count)

    def middle(column: F64) -> F64:
        return np.asarray(np.bincount(group, weights=column, minlength=count) / size)

    merged = rows.take(first)
    offset = (rows.azimuth_deg - merged.azimuth_deg[group] + 180.0) % 360.0 - 180.0
    merged.azimuth_deg = (merged.azimuth_deg + middle(offset)) % 360.0
    merged.elevation_deg = middle(rows.elevation_deg)
    merged.range_m = middle(rows.range_m)
    merged.range_rate_mps = middle(rows.range_rate_mps)
    return merged


def class_scores(
    kind: NDArray[np.int64],
    sharpness: float,
    classes: int,
    rng: np.random.Generator,
    deceived: float = 1.0,
) -> F64:
    """(n, 3) probabilities of drone, bird, aircraft that keep their word: of all rows given 0.8,
    four in five are so. `kind` is the true column, -1 for clutter; the first `classes` are told.

    A feature for each class is normal with mean `sharpness` for the true one and 0 for others;
    with equal priors the probability is the softmax of sharpness times the features: between two
    classes the log odds are normal with mean sharpness**2 and variance twice that. A sharpness of 1
    is a weak sensor (76 % right between two), 3 a good camera (98 %). Clutter looks like something
    with the conviction of a sensor of sharpness `deceived` at most.
    """
    features = rng.standard_normal((len(kind), classes))
    features[kind < 0] /= max(sharpness / deceived, 1.0)
    told = (kind >= 0) & (kind < classes)
    features[np.flatnonzero(told), kind[told]] += sharpness
    weights = np.exp(sharpness * (features - features.max(axis=1, keepdims=True)))
    scores = np.full((len(kind), 3), np.nan)
    shares = np.maximum(weights / weights.sum(axis=1, keepdims=True), LEAST_P)
    scores[:, :classes] = shares / shares.sum(axis=1, keepdims=True)
    return scores
