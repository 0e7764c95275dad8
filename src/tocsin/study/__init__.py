"""The library: scores, coverage, trends. Never on the live path."""

from tocsin.study.columns import Report, ReportMaker, Reports, Truth, TruthMaker
from tocsin.study.score import Scene, Score, match_scene, read_scene, score, score_scene
from tocsin.study.trial import Trial, trial
from tocsin.study.truth import Rules, TruthPoint

__all__ = [
    "Report",
    "ReportMaker",
    "Reports",
    "Rules",
    "Scene",
    "Score",
    "Trial",
    "Truth",
    "TruthMaker",
    "TruthPoint",
    "match_scene",
    "read_scene",
    "score",
    "score_scene",
    "trial",
]
