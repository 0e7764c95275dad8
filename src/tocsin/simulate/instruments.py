"""The instruments of the tracking scenes: one builder a kind, standing where it is told.

The numbers are those of affordable equipment and of the scenarios in the tracking literature:
a staring radar of 4 km, direction finders of 3 degrees, acoustic arrays of 400 m.
"""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.earth import LocalFrame
from tocsin.simulate.flight import F64
from tocsin.words import FieldOfView, Sensor

Place = tuple[float, float, float]
MICROPHONE_PERIOD_S = 5.0
ALL_ROUND = FieldOfView(0.0, 360.0, -5.0, 90.0)


def stand(frame: LocalFrame, place: Place) -> tuple[float, float, float]:
    """(lat, lon, alt_m) of east, north, up metres, as exact as `sensors.json` states them."""
    lat, lon, alt = frame.to_wgs84(*place)
    return round(float(lat), 7), round(float(lon), 7), round(float(alt), 2)


def radar(
    name: str,
    frame: LocalFrame,
    place: Place,
    *,
    reach_m: float = 4000.0,
    clutter: float = 2.0,
    sigma_azimuth_deg: float = 1.0,
    sigma_range_m: float = 8.0,
    period_s: float = 1.0,
) -> Sensor:
    """A staring radar: azimuth, elevation, range and range rate once a second."""
    return Sensor(
        name, "radar", *stand(frame, place),
        max_range_m=reach_m, p_detect=0.9, clutter_per_scan=clutter, scan_period_s=period_s,
        sigma_azimuth_deg=sigma_azimuth_deg, sigma_elevation_deg=1.5,
        sigma_range_m=sigma_range_m, sigma_range_rate_mps=0.5, fov=ALL_ROUND,
    )  # fmt: skip


def finder(name: str, frame: LocalFrame, place: Place) -> Sensor:
    """A radio direction finder: azimuth only."""
    return Sensor(
        name, "rf", *stand(frame, place),
        max_range_m=5000.0, p_detect=0.8, clutter_per_scan=0.1, scan_period_s=1.0,
        sigma_azimuth_deg=3.0, fov=ALL_ROUND,
    )  # fmt: skip


def arrays(frame: LocalFrame, places: Sequence[Place]) -> tuple[Sensor, ...]:
    """Acoustic arrays of 400 m range: azimuth and elevation twice a second."""
    return tuple(
        Sensor(
            f"acoustic{k + 1}", "acoustic", *stand(frame, place),
            max_range_m=400.0, p_detect=0.85, clutter_per_scan=0.05, scan_period_s=0.5,
            sigma_azimuth_deg=5.0, sigma_elevation_deg=8.0, fov=ALL_ROUND,
        )
        for k, place in enumerate(places)
    )  # fmt: skip


def microphones(frame: LocalFrame, places: F64) -> tuple[Sensor, ...]:
    """Single microphones of 4 km range for loud fixed wings: presence and level every 5 s. Their
    maker knows of no false alarms and states 0."""
    lat, lon, alt = frame.to_wgs84(*places.T)
    return tuple(
        Sensor(
            f"m{k}", "acoustic", round(la, 7), round(lo, 7), round(al, 2),
            max_range_m=4000.0, p_detect=0.9, clutter_per_scan=0.0,
            scan_period_s=MICROPHONE_PERIOD_S,
            sigma_horizontal_m=1500.0, sigma_alt_m=400.0, fov=ALL_ROUND,
        )
        for k, (la, lo, al) in enumerate(
            zip(lat.tolist(), lon.tolist(), alt.tolist(), strict=True)
        )
    )  # fmt: skip


def camera(name: str, frame: LocalFrame, place: Place, looks_deg: float) -> Sensor:
    """A camera over half the horizon: fine directions twice a second, no range."""
    return Sensor(
        name, "camera", *stand(frame, place),
        max_range_m=1500.0, p_detect=0.7, clutter_per_scan=0.2, scan_period_s=0.5,
        sigma_azimuth_deg=0.2, sigma_elevation_deg=0.2,
        fov=FieldOfView(looks_deg, 180.0, -2.0, 60.0),
    )  # fmt: skip


def receiver(name: str, frame: LocalFrame, place: Place) -> Sensor:
    """A Remote ID receiver: claimed places, once a second."""
    return Sensor(
        name, "remote_id", *stand(frame, place),
        max_range_m=3000.0, p_detect=0.8, clutter_per_scan=0.0, scan_period_s=1.0,
        sigma_horizontal_m=8.0, sigma_alt_m=15.0, fov=ALL_ROUND,
    )  # fmt: skip


def adsb(name: str, frame: LocalFrame, place: Place) -> Sensor:
    """An ADS-B receiver: places of aircraft far beyond the other sensors."""
    return Sensor(
        name, "adsb", *stand(frame, place),
        max_range_m=60_000.0, p_detect=0.95, clutter_per_scan=0.0, scan_period_s=1.0,
        sigma_horizontal_m=15.0, sigma_alt_m=20.0, fov=ALL_ROUND,
    )  # fmt: skip
