"""The library: scores, coverage, trends. Never on the live path."""

from tocsin.study.columns import Report
from tocsin.study.score import Scene, Score, read_scene, score, score_scene
from tocsin.study.trial import Trial, trial
from tocsin.study.truth import Rules, TruthPoint

__all__ = [
    "Report",
    "Rules",
    "Scene",
    "Score",
    "Trial",
    "TruthPoint",
    "read_scene",
    "score",
    "score_scene",
    "trial",
]
