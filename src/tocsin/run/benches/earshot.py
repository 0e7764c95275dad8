"""How far the ear hears, and how often it errs, on rendered sound: one bare microphone at each of
nine distances, through the decoder as it is installed.

Drones     share of the seconds of one minute that bring a detection; the first second or two of an
           event bring none
No drones  false detections an hour, all distances together
"""

from __future__ import annotations

from collections import Counter

from tocsin.run.benches import Figure
from tocsin.run.reading import ReadingDesk
from tocsin.run.staged_hearing import evening_decoders
from tocsin.simulate.earshot import SOURCE_DB, earshot

DISTANCES_M = (50.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 650.0, 800.0)
WINDS_MPS = (2.0, 5.0)
SECONDS = 60.0
_DRONES = ("quadcopter", "sprayer")


def measure() -> list[Figure]:
    """One figure a machine, wind and distance for drones; one a machine and wind for others."""
    figures = []
    for machine in SOURCE_DB:
        for wind in WINDS_MPS:
            heard = detections(machine, wind)
            name = f"{machine} {SOURCE_DB[machine]:g} dB, wind {wind:g} m/s"
            if machine in _DRONES:
                figures += [
                    Figure("earshot", f"{name}, {d:g} m", round(heard[f"{d:g}"] / SECONDS, 2), "p")
                    for d in DISTANCES_M
                ]
            else:
                hours = len(DISTANCES_M) * SECONDS / 3600.0
                rate = round(sum(heard.values()) / hours, 1)
                figures.append(Figure("earshot", name, rate, "false/h", note=f"{hours:.2f} h"))
    return figures


def detections(machine: str, wind_mps: float, seed: int = 1) -> Counter[str]:
    """How many detections each mast gave in `SECONDS`."""
    scape = earshot(machine, DISTANCES_M, wind_mps=wind_mps, seconds=SECONDS, seed=seed)
    desk = ReadingDesk(evening_decoders())
    return Counter(d.sensor for frame in scape.frames(0.0) for d in desk.read([frame]))
