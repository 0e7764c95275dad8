"""Aircraft receivers' messages of every format → what aircraft claim of themselves → detections."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from tocsin.decode.mode_s import aircraft_json, avr, beast, sbs
from tocsin.decode.mode_s.accuracy import UNTOLD_SIGMA_M, velocity_sigma_mps
from tocsin.decode.mode_s.altitude import FEET_M
from tocsin.decode.mode_s.book import MOST_AIRCRAFT, NOT_ICAO, Aircraft, AircraftBook
from tocsin.decode.mode_s.placing import JUMP, apart_m, follows, place
from tocsin.decode.mode_s.reply import ADDRESSED, Reply, callsign_of, read_reply
from tocsin.decode.mode_s.squitter import (
    AirbornePosition,
    Identification,
    Quality,
    SurfacePosition,
    Velocity,
    read_squitter,
)
from tocsin.decode.mode_s.statement import class_of, identity_of, motion_of, stamp, state
from tocsin.errors import DecodeError, Refused
from tocsin.words import Detection, Frame, Link, Position, Sigma

_KNOT_MPS = 1852 / 3600
_FPM_MPS = FEET_M / 60
_ALL_CALL, _SQUITTER, _NON_TRANSPONDER = 11, 17, 18
_MOST_INTERROGATORS = 80
"""Codes that an answer to an all-call may carry (Annex 10 vol IV, 3.1.2.5.2.1.2)."""
_SAME_PLACE_S = 0.2
"""Two looks at one list show the same report with times a rounding apart."""
_MODE_AC_BYTES = 2

_NOTHING: Sequence[Detection] = ()


class AdsbSettings(msgspec.Struct, frozen=True):
    """`[decoder.adsb]` aircraft receivers.

    lat: latitude of the receiver; with `lon`, aircraft on the ground can be placed from the start
    lon: longitude of the receiver
    reach_km: nothing is heard from further away, and what claims to be is not believed; with 330 or less one message places an aircraft, else two
    full_scale_dbm: power at the antenna that drives the receiver to its full scale; without it no signal strength is told
    """  # noqa: E501

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    reach_km: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 550.0
    full_scale_dbm: Annotated[float, msgspec.Meta(ge=-150, le=50)] | None = None


_DEFAULTS = AdsbSettings()


class Adsb:
    """The decoder of Mode S and ADS-B: keeps a bounded memory of who said what.

    `heard` counts messages that were read; `overlooked`, by rule, those that could not be proved
    or placed.
    """

    name = "adsb"
    links: tuple[Link, ...] = (avr.LINK, beast.LINK, sbs.LINK, aircraft_json.LINK)
    Settings = AdsbSettings

    def __init__(
        self, settings: AdsbSettings = _DEFAULTS, most_aircraft: int = MOST_AIRCRAFT
    ) -> None:
        self.heard = 0
        self.overlooked: Counter[str] = Counter()
        self._book = AircraftBook(most_aircraft)
        self._receiver = (
            None if settings.lat is None or settings.lon is None else (settings.lat, settings.lon)
        )
        self._reach_m = settings.reach_km * 1000.0
        self._full_scale_dbm = settings.full_scale_dbm
        self._read: dict[Link, Callable[[Frame], Sequence[Detection]]] = {
            avr.LINK: self._read_avr,
            beast.LINK: self._read_beast,
            sbs.LINK: self._read_sbs,
            aircraft_json.LINK: self._read_list,
        }

    @property
    def aircraft(self) -> int:
        """How many addresses are remembered now."""
        return len(self._book)

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """The aircraft's places in one frame. Raises DecodeError for a broken one."""
        try:
            found = self._read[frame.link](frame)
        except DecodeError as error:
            error.where = error.where or frame.origin
            raise
        self.heard += 1
        return found

    def _read_avr(self, frame: Frame) -> Sequence[Detection]:
        message, level = avr.read_line(frame.data)
        return self._message(message, level, frame)

    def _read_beast(self, frame: Frame) -> Sequence[Detection]:
        read = beast.read_message(frame.data)
        return _NOTHING if read is None else self._message(*read, frame)

    def _message(self, message: bytes, level: int | None, frame: Frame) -> Sequence[Detection]:
        """A Mode S message by its format; Mode A/C has no name and no place."""
        if len(message) == _MODE_AC_BYTES:
            return _NOTHING
        reply = read_reply(message)
        if reply.format == _SQUITTER:
            return self._squitter(reply, 0, level, frame)
        if reply.format == _NON_TRANSPONDER:
            return self._squitter(reply, message[0] & 7, level, frame)
        if reply.format == _ALL_CALL:
            self._all_call(reply, frame.t)
        elif reply.format in ADDRESSED:
            self._addressed(reply, frame.t)
        else:
            self.overlooked["mode-s-format"] += 1
        return _NOTHING

    def _squitter(
        self, reply: Reply, control: int, level: int | None, frame: Frame
    ) -> Sequence[Detection]:
        if reply.rest:
            raise Refused("mode-s-parity", f"syndrome {reply.rest:06x}")
        if control > 1:  # told second-hand by a ground station
            self.overlooked["mode-s-rebroadcast"] += 1
            return _NOTHING
        aircraft = self._book.of(reply.told_address | (NOT_ICAO if control else 0))
        aircraft.proved_t = frame.t
        said = read_squitter(reply.me)
        if isinstance(said, AirbornePosition | SurfacePosition):
            return self._position(aircraft, said, level, frame)
        if isinstance(said, Velocity):
            _learn_velocity(aircraft, said, frame.t)
        elif isinstance(said, Quality):
            _learn_quality(aircraft, said)
        elif isinstance(said, Identification):
            aircraft.category = said.category
            aircraft.callsign = said.callsign or aircraft.callsign
        return _NOTHING

    def _position(
        self,
        aircraft: Aircraft,
        said: AirbornePosition | SurfacePosition,
        level: int | None,
        frame: Frame,
    ) -> Sequence[Detection]:
        surface = isinstance(said, SurfacePosition)
        if isinstance(said, SurfacePosition):
            _learn_taxiing(aircraft, said, frame.t)
        found = place(
            aircraft,
            said.code,
            frame.t,
            surface=surface,
            receiver=self._receiver,
            reach_m=self._reach_m,
            overlooked=self.overlooked,
        )
        if found is None:
            return _NOTHING
        return (state(aircraft, said, found, frame.t, frame.sensor or self.name, self._dbm(level)),)

    def _dbm(self, level: int | None) -> float | None:
        """Signal level 255 is full scale in amplitude; 0 and "none told" are unknown."""
        if self._full_scale_dbm is None or not level:
            return None
        return round(self._full_scale_dbm + 20.0 * math.log10(level / 255.0), 1)

    def _all_call(self, reply: Reply, t: float) -> None:
        """An address in clear: proved by a whole check sum, confirmed where an interrogator's code
        lies over it."""
        if reply.rest >= _MOST_INTERROGATORS:
            raise Refused("mode-s-parity", f"syndrome {reply.rest:06x}")
        if reply.rest == 0:
            self._book.of(reply.told_address).proved_t = t
        elif self._book.proved(reply.told_address, t) is None:
            self.overlooked["mode-s-address"] += 1

    def _addressed(self, reply: Reply, t: float) -> None:
        """An answer to a radar: only for an address that is known can it be told from noise."""
        aircraft = self._book.proved(reply.rest, t)
        if aircraft is None:
            self.overlooked["mode-s-address"] += 1
            return
        aircraft.callsign = callsign_of(reply) or aircraft.callsign

    def _read_sbs(self, frame: Frame) -> Sequence[Detection]:
        line = sbs.read_line(frame.data)
        if line is None:
            return _NOTHING
        aircraft, t = self._book.of(line.address), frame.t
        aircraft.callsign = line.callsign or aircraft.callsign
        if line.speed_kt is not None and line.course_deg is not None:
            course = math.radians(line.course_deg)
            aircraft.ve = round(line.speed_kt * _KNOT_MPS * math.sin(course), 3)
            aircraft.vn = round(line.speed_kt * _KNOT_MPS * math.cos(course), 3)
            aircraft.sigma_mps, aircraft.moved_t = velocity_sigma_mps(0), t
        if line.climb_fpm is not None:
            aircraft.vu = round(line.climb_fpm * _FPM_MPS, 3)
        if line.lat is None or line.lon is None:
            return _NOTHING
        found = line.lat, line.lon
        if not self._believed(aircraft, found, t, line.on_ground):
            return _NOTHING
        return (
            Detection(
                t=stamp(t),
                sensor=frame.sensor or self.name,
                kind="adsb",
                position=Position(*found),
                sigma=Sigma(horizontal_m=UNTOLD_SIGMA_M),
                class_=class_of(aircraft.category),
                identity=identity_of(aircraft),
                motion=motion_of(aircraft, t),
            ),
        )

    def _believed(
        self, aircraft: Aircraft, found: tuple[float, float], t: float, surface: bool
    ) -> bool:
        """Whether a place that came ready-made can be; a jump is believed the second time."""
        if self._receiver is not None and apart_m(self._receiver, found) > self._reach_m:
            self.overlooked["position-beyond-reach"] += 1
            return False
        jumped = not follows(aircraft, found, t, surface)
        aircraft.place, aircraft.place_t, aircraft.surface = found, t, surface
        if jumped:
            self.overlooked[JUMP] += 1
        return not jumped

    def _read_list(self, frame: Frame) -> Sequence[Detection]:
        found = []
        for entry in aircraft_json.read_document(frame.data, self.overlooked):
            made_up = entry.hex.startswith("~")
            aircraft = self._book.of(int(entry.hex[-6:], 16) | (NOT_ICAO if made_up else 0))
            t = frame.t - (entry.seen_pos or 0.0)
            if t <= aircraft.place_t + _SAME_PLACE_S:
                continue
            aircraft.place_t = t
            sensor = frame.sensor or self.name
            found.append(aircraft_json.state(entry, frame.t, sensor, self._full_scale_dbm))
        return found


def _learn_velocity(aircraft: Aircraft, said: Velocity, t: float) -> None:
    known = said.east_kt is not None and said.north_kt is not None
    aircraft.ve = round((said.east_kt or 0) * _KNOT_MPS, 3) if known else None
    aircraft.vn = round((said.north_kt or 0) * _KNOT_MPS, 3) if known else None
    aircraft.vu = None if said.climb_fpm is None else round(said.climb_fpm * _FPM_MPS, 3)
    aircraft.sigma_mps, aircraft.moved_t = velocity_sigma_mps(said.accuracy), t
    if said.above_baro_ft is not None:
        aircraft.above_baro_ft, aircraft.above_t = said.above_baro_ft, t


def _learn_taxiing(aircraft: Aircraft, said: SurfacePosition, t: float) -> None:
    aircraft.vu = None
    aircraft.ve = aircraft.vn = None
    if said.speed_kt == 0.0:
        aircraft.ve = aircraft.vn = 0.0
    elif said.speed_kt is not None and said.course_deg is not None:
        course = math.radians(said.course_deg)
        aircraft.ve = round(said.speed_kt * _KNOT_MPS * math.sin(course), 3)
        aircraft.vn = round(said.speed_kt * _KNOT_MPS * math.cos(course), 3)
    aircraft.sigma_mps, aircraft.moved_t = velocity_sigma_mps(0), t


def _learn_quality(aircraft: Aircraft, said: Quality) -> None:
    aircraft.nac_p, aircraft.sil = said.nac_p or None, said.sil
    if said.version is not None:
        aircraft.version, aircraft.gva = said.version, said.gva
        aircraft.nic_a = said.nic_a
        aircraft.nic_c = said.nic_c or 0
