"""The watch: tracks and zones to alerts, with reasons. Pure."""

from tocsin.assess.casebook import Casebook, judge
from tocsin.assess.group import Groups

__all__ = ["Casebook", "Groups", "judge"]
