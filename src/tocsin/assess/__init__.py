"""The watch: tracks and zones to alerts, with reasons. Pure."""

from tocsin.assess.casebook import Casebook, judge
from tocsin.assess.crowd import CellView, Crowd, CrowdRules
from tocsin.assess.drill import Drills
from tocsin.assess.group import Groups
from tocsin.assess.ladder import Ladder
from tocsin.assess.outcry import Outcry

__all__ = [
    "Casebook",
    "CellView",
    "Crowd",
    "CrowdRules",
    "Drills",
    "Groups",
    "Ladder",
    "Outcry",
    "judge",
]
