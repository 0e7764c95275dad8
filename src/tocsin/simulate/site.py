"""The site of the staged evening: a dam that does not exist on a river that does.

River      Natural Earth 1:10m rivers and lake centre lines (public domain): four vertices of the
           Senegal between Bakel and Matam, where the real river has no dam
Invented   the dam of Kaawral ("unity" in Pulaar), its sensors, its fields
Axes       x metres downstream and y metres towards the left (Senegalese) bank, from the dam
"""

from __future__ import annotations

import math

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.simulate.air import Air
from tocsin.simulate.ambience import Weather
from tocsin.simulate.flight import F64
from tocsin.simulate.microphones import tetrahedron
from tocsin.words import FieldOfView, Registration, Sensor, Zone

RIVER: tuple[tuple[float, float], ...] = (
    (-12.6909074, 15.0925967),
    (-12.7176814, 15.1035831),
    (-12.7552384, 15.1387800),
    (-12.7803442, 15.1465925),
)
"""(lon, lat) down the river; the dam lies on the third reach, 2.4 km after the bend."""

DAM_LAT, DAM_LON = 15.11864, -12.73375
GROUND_ALT_M = 47.0
"""Height of the bank above the ellipsoid: about 18 m above the sea; the geoid is near 29 m."""

DOWNSTREAM_DEG = 313.97
FRAME = LocalFrame(DAM_LAT, DAM_LON, GROUND_ALT_M)

AIR = Air(temperature_c=28.0, humidity_pct=40.0)
WEATHER = Weather(wind_mps=2.0, ambience_db=36.0, insects_db=36.0)
"""A still dusk in November, ten kilometres from the next road."""

ARRAY = tetrahedron(0.2)
ALONE = np.zeros((1, 3))
"""Where the microphones of a mast are, metres east, north and up of it."""

_ALL_ROUND = FieldOfView(0.0, 360.0, -5.0, 90.0)


def from_river(x_m: float, y_m: float, up_m: float = 0.0) -> tuple[float, float, float]:
    """East, north, up metres of a point `x_m` down the river and `y_m` towards the left bank."""
    heading = math.radians(DOWNSTREAM_DEG)
    east = x_m * math.sin(heading) - y_m * math.cos(heading)
    north = x_m * math.cos(heading) + y_m * math.sin(heading)
    return east, north, up_m


def river_line() -> F64:
    """(4, 3) east, north, up metres of the river's vertices at the height of the bank."""
    lon, lat = np.array(RIVER).T
    return np.column_stack(FRAME.to_enu(lat, lon, np.full(len(lat), GROUND_ALT_M)))


def _lonlat(x_m: float, y_m: float, digits: int = 5) -> tuple[float, float]:
    lat, lon, _ = FRAME.to_wgs84(*from_river(x_m, y_m))
    return round(float(lon), digits), round(float(lat), digits)


def _sensor_at(x_m: float, y_m: float, mast_m: float) -> tuple[float, float, float]:
    lon, lat = _lonlat(x_m, y_m, 6)
    return lat, lon, GROUND_ALT_M + mast_m


def arrays() -> tuple[Sensor, ...]:
    """Small microphone arrays with bearings: eleven down the river, bank by bank, one at the
    fields. 320 m apart, so that two or three hear a drone over the water from two sides. Reach
    and chance are what the ear was measured to have in a light wind (`tocsin bench earshot`)."""
    places = [(-2450.0 + 320.0 * k, 160.0 if k % 2 == 0 else -160.0) for k in range(11)]
    names = [f"array-{k + 1:02d}" for k in range(11)]
    return tuple(
        Sensor(
            name, "acoustic", *_sensor_at(x, y, 4.0),
            max_range_m=350.0, p_detect=0.95, clutter_per_scan=0.0005, scan_period_s=1.0,
            sigma_azimuth_deg=2.3, sigma_elevation_deg=1.5, fov=_ALL_ROUND,
        )
        for name, (x, y) in zip([*names, "array-fields"], [*places, (930.0, 1430.0)], strict=True)
    )  # fmt: skip


def microphones() -> tuple[Sensor, ...]:
    """Single microphones: they hear that something is near, and how loud, not from where."""
    places = {
        "mic-crest": (0.0, 110.0),
        "mic-spillway": (-30.0, -120.0),
        "mic-village": (-620.0, 320.0),
        "mic-quay": (-1780.0, 260.0),
        "mic-fields-north": (760.0, 1620.0),
        "mic-fields-south": (1180.0, 1330.0),
    }
    return tuple(
        Sensor(
            name, "acoustic", *_sensor_at(x, y, 4.0),
            max_range_m=350.0, p_detect=0.95, clutter_per_scan=0.0005, scan_period_s=1.0,
            sigma_horizontal_m=220.0, sigma_alt_m=100.0, fov=_ALL_ROUND,
        )
        for name, (x, y) in places.items()
    )  # fmt: skip


def direction_finders() -> tuple[tuple[Sensor, ...], ...]:
    """Two direction finders tuned to video links at 5.8 GHz, azimuth only; one build each."""
    upstream = FieldOfView((DOWNSTREAM_DEG + 180.0) % 360.0, 200.0, -5.0, 60.0)
    dam = Sensor(
        "rf-dam", "rf", *_sensor_at(10.0, -60.0, 25.0),
        max_range_m=3000.0, p_detect=0.85, clutter_per_scan=0.03, scan_period_s=1.0,
        sigma_azimuth_deg=2.5, fov=upstream,
    )  # fmt: skip
    bank = Sensor(
        "rf-bank", "rf", *_sensor_at(-1300.0, 900.0, 12.0),
        max_range_m=2100.0, p_detect=0.85, clutter_per_scan=0.03, scan_period_s=1.0,
        sigma_azimuth_deg=2.5, fov=_ALL_ROUND,
    )  # fmt: skip
    return (dam,), (bank,)


def bird_radar() -> Sensor:
    """A small radar on the left bank that looks over the wetland, away from the river."""
    inland = FieldOfView((DOWNSTREAM_DEG - 90.0) % 360.0, 100.0, -2.0, 60.0)
    return Sensor(
        "radar-wetland", "radar", *_sensor_at(0.0, 260.0, 6.0),
        max_range_m=900.0, p_detect=0.9, clutter_per_scan=0.3, scan_period_s=1.0,
        sigma_azimuth_deg=1.0, sigma_elevation_deg=2.0, sigma_range_m=5.0,
        sigma_range_rate_mps=0.5, fov=inland,
    )  # fmt: skip


def receivers() -> tuple[Sensor, Sensor]:
    """Remote ID receivers: Wi-Fi on the dam, Bluetooth at the fields. What they hear is a claim."""
    dam = Sensor(
        "rid-dam", "remote_id", *_sensor_at(0.0, 40.0, 12.0),
        max_range_m=2500.0, p_detect=0.9, clutter_per_scan=0.0, scan_period_s=1.0,
        sigma_horizontal_m=10.0, sigma_alt_m=15.0, fov=_ALL_ROUND,
    )  # fmt: skip
    fields = Sensor(
        "rid-fields", "remote_id", *_sensor_at(935.0, 1435.0, 4.0),
        max_range_m=600.0, p_detect=0.8, clutter_per_scan=0.0, scan_period_s=1.0,
        sigma_horizontal_m=10.0, sigma_alt_m=15.0, fov=_ALL_ROUND,
    )  # fmt: skip
    return dam, fields


SPRAYER_SERIAL = "7XZQ9AGR104782"
"""Manufacturer code 7XZQ (not assigned), nine characters follow (CTA-2063-A, 4.1)."""

SPOOFED_SERIAL = "4TKB8Z3M7Q1W5"
"""A well-formed number too: nothing but its jumps gives the liar away."""


def zone() -> Zone:
    """The dam, 700 m along the river and 900 m across it, up to 250 m over the bank."""
    corners = [(-350.0, 450.0), (350.0, 450.0), (350.0, -450.0), (-350.0, -450.0)]
    return Zone(
        id="dam",
        names={"fr": "Barrage de Kaawral", "en": "Kaawral dam"},
        polygon=tuple(_lonlat(x, y) for x, y in corners),
        floor_m=GROUND_ALT_M - 20.0,
        ceiling_m=GROUND_ALT_M + 250.0,
        tell=("cap",),
        languages=("fr", "en"),
    )


def sprayer() -> Registration:
    """The farmers' drone: known by its number, allowed over the fields, low and slow."""
    corners = [(650.0, 1900.0), (1300.0, 1900.0), (1300.0, 1250.0), (650.0, 1250.0)]
    return Registration(
        serial=SPRAYER_SERIAL,
        label="Coopérative de Kaawral, drone d'épandage",
        area=tuple(_lonlat(x, y) for x, y in corners),
        ceiling_m=GROUND_ALT_M + 60.0,
        max_speed_mps=15.0,
    )
