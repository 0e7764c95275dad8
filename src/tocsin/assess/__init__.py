"""The watch: tracks and zones to alerts, with reasons. Pure."""

from tocsin.assess.casebook import Casebook, judge
from tocsin.assess.drill import Drills
from tocsin.assess.group import Groups
from tocsin.assess.ladder import Ladder

__all__ = ["Casebook", "Drills", "Groups", "Ladder", "judge"]
