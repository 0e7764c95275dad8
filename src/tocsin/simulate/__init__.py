"""The stage: made-up flights → true wire bytes and detections; pure, seeded."""

from tocsin.simulate.evening import stage_evening
from tocsin.simulate.flightlog import FlightLog, read_logs
from tocsin.simulate.flown import stage_flown
from tocsin.simulate.scenes import SCENES, Scale, Scene, make_scene
from tocsin.simulate.staged import Staged
from tocsin.simulate.truth import TruthLine

__all__ = [
    "SCENES",
    "FlightLog",
    "Scale",
    "Scene",
    "Staged",
    "TruthLine",
    "make_scene",
    "read_logs",
    "stage_evening",
    "stage_flown",
]
