"""The evening's Remote ID: an honest sprayer and a liar, recorded by two receivers as pcapng."""

from __future__ import annotations

import numpy as np

from tocsin.earth import LocalFrame
from tocsin.encode.pcapng import capture
from tocsin.simulate import site
from tocsin.simulate.flight import F64, Flight
from tocsin.simulate.radio import (
    Claim,
    Transmitter,
    bluetooth_adverts,
    strengths,
    wifi_beacons,
)
from tocsin.simulate.site import FRAME, GROUND_ALT_M, from_river
from tocsin.simulate.staged import stream
from tocsin.words import Sensor

_HONEST, _ON_WIFI, _ON_BLUETOOTH, _LIAR = 500, 501, 502, 503
"""Streams of chance."""

LIES_FROM_S, LIES_TO_S = 75.0, 385.0
LIAR_DBM = -58.0
_GNSS_SIGMA_M = 1.2
_GNSS_HEIGHT_SIGMA_M = 2.0
_LEAST_JUMP_M = 300.0
_IN_ZONE_EVERY = 4  # each fourth lie is told inside the zone, where it would count


def recording(sprayer: Flight, seed: int, t0: float, duration_s: float) -> bytes:
    """The capture file: beacons heard on the dam, Bluetooth adverts heard at the fields."""
    at_dam, at_fields = site.receivers()
    claims = honest_claims(sprayer, seed, t0, duration_s)
    lies = liar_claims(seed, t0, duration_s)
    wifi, bluetooth, liar = transmitters()
    frames = [
        *wifi_beacons(wifi, claims, at_dam, _heard(claims, wifi, at_dam, stream(seed, _ON_WIFI))),
        *bluetooth_adverts(
            bluetooth, claims, at_fields,
            _heard(claims, bluetooth, at_fields, stream(seed, _ON_BLUETOOTH)),
        ),
        *wifi_beacons(liar, lies, at_dam, [LIAR_DBM] * len(lies)),
    ]  # fmt: skip
    frames = [frame for frame in frames if frame.t <= t0 + duration_s]
    return capture(sorted(frames, key=lambda frame: (frame.t, frame.sensor)))


def transmitters() -> tuple[Transmitter, Transmitter, Transmitter]:
    """The sprayer's Wi-Fi and Bluetooth radios, and the liar's."""
    lat, lon, alt = (round(float(v), 5) for v in FRAME.to_wgs84(*from_river(800.0, 1380.0, 1.0)))
    farmer = ("Epandage rizieres", "SEN7XZQ000417", lat, lon, alt)
    lat, lon, alt = (round(float(v), 5) for v in FRAME.to_wgs84(*from_river(-150.0, -900.0, 1.0)))
    return (
        Transmitter(site.SPRAYER_SERIAL, "5c:a9:41:10:47:82", *farmer, sends_dbm=24.0),
        Transmitter(site.SPRAYER_SERIAL, "d1:6e:07:a4:33:f0", *farmer, sends_dbm=8.0),
        Transmitter(
            site.SPOOFED_SERIAL, "24:0a:c4:5e:ed:01", "Survey", "MRT4TKB001122", lat, lon, alt
        ),
    )


def honest_claims(flight: Flight, seed: int, t0: float, duration_s: float) -> list[Claim]:
    """Where the flight says that it is, each second, with a satellite receiver's error."""
    rng = stream(seed, _HONEST)
    t = np.arange(0.0, min(duration_s, flight.end_s) - 0.5, 1.0) + 0.1
    where, velocity, _ = flight.at(t)
    error = rng.standard_normal(where.shape)
    where = where + error * np.array([_GNSS_SIGMA_M, _GNSS_SIGMA_M, _GNSS_HEIGHT_SIGMA_M])
    return _claims(FRAME, t0 + t, where, velocity)


def liar_claims(seed: int, t0: float, duration_s: float) -> list[Claim]:
    """An aircraft that nobody sees: it flies 8 to 14 m/s for some seconds, then is elsewhere, at
    least 300 m off, though no drone flies 300 m in a second. Always over the far bank."""
    rng = stream(seed, _LIAR)
    t, places, speeds = [], [], []
    now, number, here = LIES_FROM_S, 0, np.full(3, np.inf)
    while now < min(LIES_TO_S, duration_s - 1.0):
        here = _another_place(rng, here, inside=number % _IN_ZONE_EVERY == _IN_ZONE_EVERY - 1)
        pace = 8.0 + 6.0 * float(rng.random())
        course = np.array(from_river(pace if rng.random() < 0.5 else -pace, 0.0))
        for second in range(5 + int(rng.random() * 5.0)):
            t.append(now + second)
            places.append(here + course * second)
            speeds.append(course)
        now, here, number = t[-1] + 1.0, places[-1], number + 1
    if not t:
        return []
    return _claims(FRAME, t0 + np.array(t), np.array(places), np.array(speeds))


def _another_place(rng: np.random.Generator, last: F64, *, inside: bool) -> F64:
    while True:
        x, y = 2.0 * rng.random() - 1.0, float(rng.random())
        spot = (250.0 * x, -350.0 - 80.0 * y) if inside else (900.0 * x, -500.0 - 700.0 * y)
        place = np.array(from_river(*spot, 60.0 + 50.0 * float(rng.random())))
        if not float(np.sqrt(((place - last)[:2] ** 2).sum())) < _LEAST_JUMP_M:
            return place


def _claims(frame: LocalFrame, t: F64, where: F64, velocity: F64) -> list[Claim]:
    lat, lon, alt = frame.to_wgs84(*where.T)
    east, north, up = velocity.T
    columns = (
        t, lat, lon, alt, where[:, 2], np.degrees(np.arctan2(east, north)) % 360.0,
        np.hypot(east, north), up,
    )  # fmt: skip
    return [Claim(*row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def _heard(
    claims: list[Claim], who: Transmitter, receiver: Sensor, rng: np.random.Generator
) -> list[float | None]:
    places = np.array([(c.lat, c.lon, c.alt_m) for c in claims]).reshape(-1, 3)
    east, north, up = FRAME.to_enu(*places.T)
    e, n, u = FRAME.to_enu(receiver.lat, receiver.lon, receiver.alt_m or GROUND_ALT_M)
    distance = np.sqrt((east - e) ** 2 + (north - n) ** 2 + (up - u) ** 2)
    return strengths(distance, who.sends_dbm, receiver.p_detect or 0.0, rng)
