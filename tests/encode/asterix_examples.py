"""Tracks and plots that are written as ASTERIX; foreign decoders' readings of them are kept."""

from __future__ import annotations

from tocsin.encode.asterix import Source, TrackNumbers, plot_blocks, track_blocks
from tocsin.words import (
    Bearing,
    ClaimedIdentity,
    ClassScores,
    Detection,
    Ellipse,
    Identity,
    Sigma,
    Track,
    Witness,
)

SOURCE = Source(25, 100)
EVENING_T = 1_795_500_000.0 + 86_399.997 - 1_795_500_000.0 % 86_400
"""Three milliseconds before midnight: the step nearest to it is midnight itself."""

TRACKS = [
    Track(
        t=1_795_522_139.25,
        track="t-1",
        status="confirmed",
        lat=48.8583701,
        lon=2.2944813,
        ve=-12.25,
        vn=7.5,
        vu=-1.5,
        sigma_m=14.2,
        sigma_alt_m=9.0,
        sigma_mps=0.8,
        alt_m=183.4,
        class_=ClassScores(drone=0.93, bird=0.05, aircraft=0.01, other=0.01),
        identity=ClaimedIdentity(serial="1581F45TB21B3", operator="FRA-OP", suspicion=0.2),
        sensors=("mast-1", "radar-1"),
        ellipse=Ellipse(major_m=18.0, minor_m=8.75, azimuth_deg=30.0),
        witnesses=(
            Witness("mast-1", "remote_id", 1_795_522_139.0),
            Witness("radar-1", "radar", 1_795_522_138.0),
        ),
        first_t=1_795_522_120.0,
    ),
    Track(
        t=EVENING_T,
        track="t-2",
        status="tentative",
        lat=-33.9425,
        lon=-151.1781,
        ve=80.0,
        vn=-210.75,
        sigma_m=0.1,
        alt_m=-12.0,
        class_=ClassScores(drone=0.01, bird=0.0, aircraft=0.98, other=0.01),
        identity=ClaimedIdentity(icao24="3c660c", callsign="DLH65A"),
        sensors=("adsb-1",),
        witnesses=(Witness("adsb-1", "adsb", EVENING_T),),
        first_t=EVENING_T - 900.0,
    ),
    Track(
        t=1_795_522_140.0,
        track="t-3",
        status="coasting",
        lat=0.0,
        lon=180.0,
        ve=0.0,
        vn=0.0,
        sigma_m=60_000.0,
    ),
    Track(
        t=1_795_522_141.0,
        track="t-1",
        status="ended",
        lat=48.8583,
        lon=2.2945,
        ve=0.0,
        vn=0.0,
        sigma_m=20.0,
    ),
]
PLOTS = [
    Detection(
        t=1_795_522_139.25,
        sensor="radar-1",
        kind="radar",
        bearing=Bearing(azimuth_deg=271.25, range_m=2_345.6, range_rate_mps=-17.0),
        sigma=Sigma(azimuth_deg=0.5, range_m=10.0, range_rate_mps=1.0),
    ),
    Detection(
        t=1_795_522_139.5,
        sensor="radar-1",
        kind="radar",
        bearing=Bearing(azimuth_deg=359.999, range_m=366_110.0),
        sigma=Sigma(azimuth_deg=0.1, range_m=70.0),
        identity=Identity(icao24="3c660c", callsign="DLH65A"),
    ),
    Detection(
        t=1_795_522_139.75,
        sensor="ear-1",
        kind="acoustic",
        bearing=Bearing(azimuth_deg=12.0),
        sigma=Sigma(azimuth_deg=5.0),
    ),
]


def blocks() -> list[bytes]:
    """One block of tracks, one of plots."""
    return track_blocks(TRACKS, SOURCE, TrackNumbers()) + plot_blocks(PLOTS, SOURCE)
