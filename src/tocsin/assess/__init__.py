"""The watch: tracks and zones to alerts, with reasons. Pure."""

from tocsin.assess.casebook import Casebook, judge

__all__ = ["Casebook", "judge"]
