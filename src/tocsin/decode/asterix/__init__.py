"""ASTERIX, the language of air traffic control radars, trackers and ADS-B stations."""

from tocsin.decode.asterix.decoder import Asterix
from tocsin.decode.asterix.format import AsterixFormat

__all__ = ["Asterix", "AsterixFormat"]
