"""What a site's own ears make of a staged scene: its sound through the decoders that run live."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import as_file, files

from tocsin.ports import Decoder
from tocsin.run.config import load_config
from tocsin.run.reading import ReadingDesk, installed_decoders
from tocsin.simulate import Staged
from tocsin.simulate.soundscape import Soundscape
from tocsin.words import Detection

Heard = tuple[Detection, str | None]
"""A detection, and the flight whose sound is behind it, or None for a false alarm."""


def evening_decoders() -> list[Decoder]:
    """The decoders of the evening's site: they know where the microphones of its arrays are."""
    with as_file(files("tocsin.run").joinpath("evening")) as folder:
        return installed_decoders(load_config(folder / "tocsin.toml").decoders)


def hear(staged: Staged, decoders: Sequence[Decoder]) -> Iterator[Heard]:
    """Every detection in the scene's sound, in the order in which it would be told."""
    if staged.sound is None:
        return
    scape, desk = staged.sound(), ReadingDesk(decoders)
    for frame in scape.frames(staged.t0):
        for detection in desk.read([frame]):
            yield detection, _behind(detection, scape, staged)


def _behind(detection: Detection, scape: Soundscape, staged: Staged) -> str | None:
    azimuth = None if detection.bearing is None else detection.bearing.azimuth_deg
    name = scape.behind(detection.sensor, detection.t - staged.t0, azimuth)
    return name if name in {flight.id for flight in staged.flights} else None
