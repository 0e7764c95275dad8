"""What a SAPIENT node calls a thing → probabilities of drone, bird, aircraft, other.

Standard   BSI Flex 335 v2.0, core taxonomy: "Air Vehicle" with "UAV Rotary Wing", "UAV Fixed Wing",
           "Manned Rotary Wing", "Manned Fixed Wing", "UAS Control Station"; "Animal" with "Bird";
           "Equipment" with "RF Transmitter" and "UAV Transmitter"; capitals and blanks are ignored
Reckoning  a sub-class takes its confidence out of its parent's; what is left of the parent goes in
           equal parts to what the parent may be: an air vehicle to drone and aircraft, an animal to
           bird and other. A name that is not known here is its parent; at the top it tells nothing.
           What is left of 1 goes in equal parts to the classes that are not told: a thing that is
           an air vehicle at 0.9 is a bird at no more than 0.1
Sealed     people, and the place an aircraft is steered from, are no detections: where they are the
           likeliest, nothing is told at all
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from tocsin.words import ClassScores

Kind = Literal["drone", "bird", "aircraft", "other", "sealed"]
NAMED_CONFIDENCE = 0.7
"""For a class told without a confidence: the node's best guess, and not more than that."""

_CLASSES: tuple[Kind, ...] = ("drone", "bird", "aircraft", "other")
_DRONE: tuple[Kind, ...] = ("drone",)
_AIRCRAFT: tuple[Kind, ...] = ("aircraft",)
_OTHER: tuple[Kind, ...] = ("other",)
_SEALED: tuple[Kind, ...] = ("sealed",)
_NAMES: dict[str, tuple[Kind, ...]] = {
    "unknown": (),
    "air vehicle": ("drone", "aircraft"),
    "uav rotary wing": _DRONE,
    "uav fixed wing": _DRONE,
    "uav transmitter": _DRONE,
    "uav": _DRONE,
    "uas": _DRONE,
    "drone": _DRONE,
    "manned rotary wing": _AIRCRAFT,
    "manned fixed wing": _AIRCRAFT,
    "animal": ("bird", "other"),
    "bird": ("bird",),
    "human": _SEALED,
    "uas control station": _SEALED,
    "fixed object": _OTHER,
    "equipment": _OTHER,
    "land vehicle": _OTHER,
    "sea vessel": _OTHER,
    "horse": _OTHER,
}


class _Named(Protocol):
    """A class, or a sub-class, of a detection report."""

    @property
    def type(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def sub_class(self) -> Iterable[_Named]: ...
    def HasField(self, name: Literal["confidence"]) -> bool: ...  # noqa: N802  protobuf's own


def read_classes(classes: Iterable[_Named]) -> tuple[ClassScores | None, bool]:
    """Probabilities, None where nothing is told; and whether the thing must be kept sealed."""
    shares: dict[Kind, float] = {}
    for one in classes:
        confidence = one.confidence if one.HasField("confidence") else NAMED_CONFIDENCE
        _share(one, confidence, (), shares)
    sealed = shares.pop("sealed", 0.0)
    if not shares:
        return None, sealed > 0.0
    told = sum(shares.values()) + sealed
    untold = [kind for kind in _CLASSES if kind not in shares]
    for kind in untold:
        shares[kind] = max(0.0, 1.0 - told) / len(untold)
    scale = max(1.0, told)
    drone, bird, aircraft, other = (round(shares[kind] / scale, 6) for kind in _CLASSES)
    return ClassScores(drone, bird, aircraft, other), sealed > max(shares.values())


def _share(
    one: _Named, confidence: float, parent: tuple[Kind, ...], shares: dict[Kind, float]
) -> None:
    """Give a class's confidence to its sub-classes, and what is left to what it may be."""
    may_be = _NAMES.get(one.type.strip().lower(), parent)
    left = confidence
    for below in one.sub_class:
        part = below.confidence if below.HasField("confidence") else left
        part = min(part, left)
        left -= part
        _share(below, part, may_be, shares)
    if left > 1e-6:
        for kind in may_be:
            shares[kind] = shares.get(kind, 0.0) + left / len(may_be)
