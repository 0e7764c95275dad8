"""`sensors.json` → sensors, or an error that names the sensor, the field and the remedy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from tocsin.errors import ConfigError
from tocsin.listen.files import read_recording
from tocsin.words import Sensor


def read_sensors(path: Path) -> tuple[Sensor, ...]:
    """The sensors of a file in the format of DESIGN 4. Raises InputError, mostly ConfigError."""
    data, _ = read_recording(str(path))
    try:
        sensors = msgspec.json.decode(data, type=tuple[Sensor, ...])
    except msgspec.ValidationError as error:
        raise ConfigError(
            str(error).replace("`", ""), file=str(path), remedy="see docs/reference/formats.md"
        ) from error
    except msgspec.DecodeError as error:
        raise ConfigError(
            f"not JSON: {error}", file=str(path), remedy="one list of sensors"
        ) from error
    for sensor in sensors:
        if not (-90 <= sensor.lat <= 90 and -180 <= sensor.lon <= 180):
            raise ConfigError(
                f"sensor {sensor.id!r} stands off the globe",
                file=str(path),
                key=sensor.id,
                remedy="lat and lon are degrees",
            )
    twice = [name for name, count in Counter(s.id for s in sensors).items() if count > 1]
    if twice:
        raise ConfigError(
            f"the sensor id {twice[0]!r} is used twice", file=str(path), remedy="make ids unique"
        )
    return sensors
