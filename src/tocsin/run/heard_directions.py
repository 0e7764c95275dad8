"""Where an array heard what a file holds, for `tocsin hear --array FILE`.

FILE is TOML with the keys of `[decoder.ear.array.SENSOR]`: `microphones`, `heading_deg` and others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tocsin.errors import InputError
from tocsin.hear.directions import Direction
from tocsin.hear.listener import Heard
from tocsin.hear.mounting import Mounting
from tocsin.hear.pointing import Pointing


class Towards(msgspec.Struct, frozen=True, omit_defaults=True):
    """One direction as `--json` tells it, degrees; what the array cannot tell is left out."""

    azimuth_deg: float | None = None
    sigma_azimuth_deg: float | None = None
    elevation_deg: float | None = None
    sigma_elevation_deg: float | None = None
    cone_deg: float | None = None
    sigma_cone_deg: float | None = None


def read_array(path: str) -> Pointing:
    """An array by its file. Raises InputError."""
    try:
        mounting = msgspec.toml.decode(Path(path).read_bytes(), type=Mounting)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=path) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(str(error), where=path) from None
    return Pointing(mounting, path)


def towards(array: Pointing, one: Heard, path: str) -> list[Towards]:
    """The directions of a window of an event; none of another. Raises InputError where the file
    has too few channels."""
    channels = one.window.native.samples.shape[1]
    if channels < array.count:
        raise InputError(f"{channels} channels for {array.count} microphones", where=path)
    if not one.judged.event:
        return []
    return [_told(direction) for direction in array.find(one.window.native)]


def shown(found: Sequence[Towards]) -> str:
    """In a word or two, for a table."""
    return ", ".join(
        f"cone {one.cone_deg:.0f}°"
        if one.azimuth_deg is None and one.cone_deg is not None
        else f"{one.azimuth_deg or 0.0:.0f}° ± {one.sigma_azimuth_deg or 0.0:.0f}°"
        for one in found
    )


def _told(direction: Direction) -> Towards:
    return Towards(
        *(
            None if value is None else round(value, 2)
            for value in (
                direction.azimuth_deg,
                direction.sigma_azimuth_deg,
                direction.elevation_deg,
                direction.sigma_elevation_deg,
                direction.cone_deg,
                direction.sigma_cone_deg,
            )
        )
    )
