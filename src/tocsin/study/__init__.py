"""The library: scores, coverage, trends. Never on the live path."""

from tocsin.study.score import Score, score
from tocsin.study.truth import Rules, TruthPoint

__all__ = ["Rules", "Score", "TruthPoint", "score"]
