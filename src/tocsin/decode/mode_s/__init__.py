"""ADS-B and Mode S: what aircraft say of themselves on 1,090 MHz, in all forms of receivers."""

from tocsin.decode.mode_s.aircraft_json import AircraftJsonFormat
from tocsin.decode.mode_s.avr import AvrFormat
from tocsin.decode.mode_s.beast import BeastFormat, BeastGpsFormat
from tocsin.decode.mode_s.decoder import Adsb, AdsbSettings
from tocsin.decode.mode_s.iq import IqFormat
from tocsin.decode.mode_s.sbs import SbsFormat

__all__ = [
    "Adsb",
    "AdsbSettings",
    "AircraftJsonFormat",
    "AvrFormat",
    "BeastFormat",
    "BeastGpsFormat",
    "IqFormat",
    "SbsFormat",
]
