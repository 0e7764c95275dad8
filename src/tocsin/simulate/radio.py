"""Remote ID on the air: what transmitters claim, as the very bytes that a receiver records.

Standard   ASTM F3411-22a through `encode/remote_id.py`: packs once a second in Wi-Fi beacons, or
           one message an advertisement over Bluetooth 4 (Location once a second, the rest in turn)
Power      free-space loss at 2.44 GHz; honest transmitters fade with distance and flutter by
           2.5 dB, a liar on the ground has one strength whatever it claims
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.encode import bluetooth, ieee80211
from tocsin.encode import remote_id as scribe
from tocsin.simulate.flight import F64
from tocsin.words import Frame, Sensor

GNSS_DELAY_S = 0.2
"""Age of a position when it is sent."""

_FLUTTER_DB = 2.5
_PACK_BOUND_M, _HEIGHT_BOUND_M, _SPEED_BOUND_MPS = 10.0, 10.0, 1.0


@dataclass(frozen=True)
class Claim:
    """What a transmitter says of its aircraft at `t`: place, heights in metres above the ellipsoid
    and above take-off, course in degrees, speed and climb in metres a second."""

    t: float
    lat: float
    lon: float
    alt_m: float
    height_m: float
    direction_deg: float
    speed_mps: float
    climb_mps: float


@dataclass(frozen=True)
class Transmitter:
    """Who transmits: the number it claims, its address, and what it says of its operator."""

    serial: str
    address: str
    purpose: str
    operator: str
    operator_lat: float
    operator_lon: float
    operator_alt_m: float
    sends_dbm: float = 18.0


def location(claim: Claim) -> bytes:
    """The Location message of a claim."""
    return scribe.location(
        claim.lat,
        claim.lon,
        alt_m=claim.alt_m,
        height_m=claim.height_m,
        direction_deg=claim.direction_deg,
        speed_mps=claim.speed_mps,
        climb_mps=claim.climb_mps,
        horizontal_bound_m=_PACK_BOUND_M,
        vertical_bound_m=_HEIGHT_BOUND_M,
        speed_bound_mps=_SPEED_BOUND_MPS,
        after_hour_s=round(claim.t % 3600.0, 1),
        time_bound_s=0.1,
    )


def standing_words(who: Transmitter, t: float) -> tuple[bytes, ...]:
    """The messages that do not change from second to second."""
    return (
        scribe.basic_id(who.serial),
        scribe.self_id(who.purpose),
        scribe.system(
            who.operator_lat,
            who.operator_lon,
            operator_alt_m=who.operator_alt_m,
            operator_place="take-off",
            sent_t=t,
        ),
        scribe.operator_id(who.operator),
    )


def wifi_beacons(
    who: Transmitter, claims: Sequence[Claim], hears: Sensor, signal_dbm: Sequence[float | None]
) -> Iterator[Frame]:
    """One beacon a claim, sent `GNSS_DELAY_S` after it; None as strength is a frame not heard."""
    for counter, (claim, strength) in enumerate(zip(claims, signal_dbm, strict=True)):
        if strength is None:
            continue
        t = round(claim.t + GNSS_DELAY_S, 6)
        basic, *rest = standing_words(who, t)
        pack = scribe.pack([basic, location(claim), *rest])
        yield Frame(
            ieee80211.beacon(pack, who.address, t, counter=counter, signal_dbm=strength),
            hears.id, t, "radiotap",
        )  # fmt: skip


def bluetooth_adverts(
    who: Transmitter, claims: Sequence[Claim], hears: Sensor, signal_dbm: Sequence[float | None]
) -> Iterator[Frame]:
    """Two legacy adverts a claim: its Location, and half a second later one standing message."""
    for number, (claim, strength) in enumerate(zip(claims, signal_dbm, strict=True)):
        if strength is None:
            continue
        t = round(claim.t + GNSS_DELAY_S, 6)
        words = standing_words(who, t)
        said = ((t, location(claim)), (round(t + 0.5, 6), words[number % len(words)]))
        for half, (sent, message) in enumerate(said):
            data = bluetooth.legacy_advert(
                message, who.address, sent, counter=2 * number + half, signal_dbm=strength,
                channel=37 + (2 * number + half) % 3,
            )  # fmt: skip
            yield Frame(data, hears.id, sent, "nordic_ble")


def strengths(
    distance_m: F64, sends_dbm: float, heard_share: float, rng: np.random.Generator
) -> list[float | None]:
    """Received power in dBm over these distances, None for frames that are lost."""
    loss = 20.0 * np.log10(np.maximum(distance_m, 1.0) / 1000.0) + 32.44 + 20.0 * math.log10(2437.0)
    power = sends_dbm - loss + rng.standard_normal(len(distance_m)) * _FLUTTER_DB
    heard = rng.random(len(distance_m)) < heard_share
    return [float(p) if ok else None for p, ok in zip(power, heard, strict=True)]
