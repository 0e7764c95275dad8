"""How an array of microphones was put up, as `tocsin.toml` tells it. Loads no arithmetic."""

from __future__ import annotations

from typing import Annotated

import msgspec

Metres3 = tuple[float, float, float]
_Degrees = Annotated[float, msgspec.Meta(ge=-360, le=360)]
_Error = Annotated[float, msgspec.Meta(ge=0, le=45)]


class Mounting(msgspec.Struct, frozen=True, kw_only=True):
    """`[decoder.ear.array.SENSOR]` one array of 2 to 16 microphones, by its sensor's id.

    microphones: their places in the order of the channels, [right, ahead, up] in metres
    heading_deg: where ahead points, clockwise from true (not magnetic) north
    pitch_deg: how far ahead points above the level
    roll_deg: how far right then hangs below it
    air_c: usual temperature of the air there
    sources: most sources told at once, each as a bearing
    heading_sigma_deg: 1-sigma error of the heading
    tilt_sigma_deg: of pitch and roll
    place_sigma_m: of each microphone's place
    """

    microphones: list[Metres3]
    heading_deg: _Degrees = 0.0
    pitch_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)] = 0.0
    roll_deg: Annotated[float, msgspec.Meta(ge=-180, le=180)] = 0.0
    air_c: Annotated[float, msgspec.Meta(ge=-60, le=60)] = 15.0
    sources: Annotated[int, msgspec.Meta(ge=1, le=4)] = 1
    heading_sigma_deg: _Error = 2.0
    tilt_sigma_deg: _Error = 1.0
    place_sigma_m: Annotated[float, msgspec.Meta(ge=0, le=0.1)] = 0.002
