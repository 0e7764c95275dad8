"""Our tracks and plots → ASTERIX, for the displays and trackers of air traffic control.

Standard   EUROCONTROL-SPEC-0149, part 9 (CAT 062, tracks) and part 4 (CAT 048, plots); only items
           that are the same in editions 1.16 to 1.21 of the one and 1.15 to 1.32 of the other
CAT 062    010 source · 070 time · 105 place, in steps of 5.4e-6 deg (0.6 m) · 185 velocity ·
           380 address, call sign, emitter category 13 for what is most likely a drone · 040 number
           · 080 status · 290 ages · 130 height above the ellipsoid · 220 climb · 500 accuracies
CAT 048    010 source · 140 time · 020 type: a primary plot, unless an address was heard · 040 range
           and azimuth · 220 address · 240 call sign · 120 Doppler speed, positive when receding
Unknown    an item is left out; of a velocity or a place nothing is made up
Leaves out who operates it, its serial number, what doubts there are: ASTERIX has no place for them
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tocsin.words import Detection, Track

MOST_BLOCK_OCTETS = 1400
"""A datagram that no network has to cut (1,500 octets less heads, VLAN and tunnels)."""

_DAY_TICKS = 86_400 * 128
_PLACE = 2**25 / 180
_HEIGHT = 1 / (6.25 * 0.3048)
_CLIMB = 60 / (6.25 * 0.3048)
_RANGE = 256 / 1852.0
_AZIMUTH = 65536 / 360
_UNMANNED = 13
_LETTERS = {chr(64 + code): code for code in range(1, 27)} | {
    chr(code): code for code in (32, *range(48, 58))
}


class Source(msgspec.Struct, frozen=True):
    """Who we are among those that speak ASTERIX: area and identification codes, 0 to 255."""

    sac: int
    sic: int


class TrackNumbers:
    """Numbers of 16 bits for our tracks; the one longest unused is given anew."""

    def __init__(self, most: int = 65_535) -> None:
        self._most = most
        self._numbers: dict[str, int] = {}
        self._taken: set[int] = set()
        self._last = 0

    def of(self, track: str) -> tuple[int, bool]:
        """(number, whether it is a new one)."""
        number = self._numbers.pop(track, None)
        new = number is None
        if number is None:
            if len(self._numbers) >= self._most:
                self.end(next(iter(self._numbers)))
            number = self._free()
        self._numbers[track] = number
        return number, new

    def end(self, track: str) -> None:
        """It is over; its number is given to another only after all the others."""
        number = self._numbers.pop(track, None)
        if number is not None:
            self._taken.discard(number)

    def _free(self) -> int:
        while True:
            self._last = self._last % self._most + 1
            if self._last not in self._taken:
                self._taken.add(self._last)
                return self._last


def track_blocks(tracks: Iterable[Track], source: Source, numbers: TrackNumbers) -> list[bytes]:
    """Data blocks of CAT 062, each short enough for a datagram."""
    return _blocks(62, [track_record(track, source, numbers) for track in tracks])


def plot_blocks(detections: Iterable[Detection], source: Source) -> list[bytes]:
    """Data blocks of CAT 048 of those detections that tell an azimuth and a range."""
    records = [plot_record(one, source) for one in detections]
    return _blocks(48, [record for record in records if record is not None])


def track_record(track: Track, source: Source, numbers: TrackNumbers) -> bytes:
    """One record of CAT 062."""
    number, new = numbers.of(track.track)
    if track.status == "ended":
        numbers.end(track.track)
    items = {
        1: bytes((source.sac, source.sic)),
        4: _time(track.t),
        5: struct.pack(">ii", round(track.lat * _PLACE), round(track.lon * _PLACE)),
        7: struct.pack(">hh", _i16(track.ve * 4), _i16(track.vn * 4)),
        12: struct.pack(">H", number),
        13: _status(track, new),
        27: _accuracy(track),
    }
    derived = _derived(track)
    if derived:
        items[11] = derived
    ages = _ages(track)
    if ages:
        items[14] = ages
    if track.alt_m is not None:
        items[18] = struct.pack(">h", _i16(track.alt_m * _HEIGHT))
    if track.vu is not None:
        items[20] = struct.pack(">h", _i16(track.vu * _CLIMB))
    return _record(items)


def plot_record(detection: Detection, source: Source) -> bytes | None:
    """One record of CAT 048; None for what has no range and azimuth within its reach."""
    bearing = detection.bearing
    if bearing is None or bearing.azimuth_deg is None or bearing.range_m is None:
        return None
    rho = round(bearing.range_m * _RANGE)
    if rho > 0xFFFF:
        return None
    who = detection.identity
    address = None if who is None else _address(who.icao24)
    items = {
        1: bytes((source.sac, source.sic)),
        2: _time(detection.t),
        # TYP: 1 single primary, 5 single Mode S roll-call.
        3: bytes(((5 if address else 1) << 5,)),
        4: struct.pack(">HH", rho, round(bearing.azimuth_deg * _AZIMUTH) & 0xFFFF),
    }
    if address:
        items[8] = address
    letters = None if who is None else _six_bit(who.callsign)
    if letters:
        items[9] = letters
    rate = bearing.range_rate_mps
    if rate is not None and -512 <= round(rate) <= 511:
        items[20] = b"\x80" + struct.pack(">H", round(rate) & 0x3FF)
    return _record(items)


def _status(track: Track, new: bool) -> bytes:
    """I062/080: one sensor or several, where the height is from, its life, who still sees it."""
    kinds = {witness.kind for witness in track.witnesses}
    told_height = bool(kinds & {"remote_id", "adsb"})
    height = 0 if track.alt_m is None else 1 if told_height else 3
    mono = 0x80 if len(track.sensors) == 1 else 0
    geometric = 0x20 if track.alt_m is not None else 0
    first = mono | geometric | height << 2 | (track.status == "tentative") << 1
    second = (track.status == "ended") << 6 | new << 5
    # No secondary radar and no Mode S of ours: their ages are beyond any threshold.
    fourth = (
        (track.status == "coasting") << 7
        | ("radar" not in kinds) << 6
        | 0x30
        | ("adsb" not in kinds) << 3
    )
    return bytes((first | 1, second | 1, 1, fourth))


def _derived(track: Track) -> bytes:
    """I062/380: ADR, ID and EMC, whichever are known."""
    who = track.identity
    address = None if who is None else _address(who.icao24)
    letters = None if who is None else _six_bit(who.callsign)
    scores = track.class_
    likeliest = max(scores.bird or 0.0, scores.aircraft or 0.0, scores.other or 0.0)
    unmanned = scores.drone is not None and scores.drone > likeliest
    presence = [(0x80 if address else 0) | (0x40 if letters else 0), 0, 0x02 if unmanned else 0]
    while presence and not presence[-1]:
        presence.pop()
    if not presence:
        return b""
    bits = bytes(octet | (place < len(presence) - 1) for place, octet in enumerate(presence))
    return bits + (address or b"") + (letters or b"") + (bytes((_UNMANNED,)) if unmanned else b"")


def _ages(track: Track) -> bytes:
    """I062/290: TRK, the track's age; PSR and ES, since when radar and ADS-B last saw it."""
    since = {"TRK": track.first_t}
    for witness in track.witnesses:
        name = {"radar": "PSR", "adsb": "ES"}.get(witness.kind)
        if name is not None:
            since[name] = max(since.get(name) or witness.t, witness.t)
    bits, ages = 0, bytearray()
    for name, bit in (("TRK", 0x80), ("PSR", 0x40), ("ES", 0x04)):
        t = since.get(name)
        if t is not None:
            bits |= bit
            ages.append(min(255, max(0, round((track.t - t) * 4))))
    return bytes((bits,)) + bytes(ages) if bits else b""


def _accuracy(track: Track) -> bytes:
    """I062/500: APC and COV from the ellipse, AGA, ATV; a sigma is never rounded to 0."""
    ellipse = track.ellipse
    if ellipse is None:
        x_m = y_m = track.sigma_m
        covariance = 0.0
    else:
        azimuth = math.radians(ellipse.azimuth_deg)
        east, north = math.sin(azimuth), math.cos(azimuth)
        x_m = math.hypot(ellipse.major_m * east, ellipse.minor_m * north)
        y_m = math.hypot(ellipse.major_m * north, ellipse.minor_m * east)
        covariance = (ellipse.major_m**2 - ellipse.minor_m**2) * east * north
    root_m = math.copysign(math.sqrt(abs(covariance)), covariance)
    first = 0x80 | 0x40
    body = struct.pack(">HHh", _sigma(x_m * 2, 0xFFFF), _sigma(y_m * 2, 0xFFFF), _i16(root_m * 2))
    if track.sigma_alt_m is not None:
        first |= 0x10
        body += bytes((_sigma(track.sigma_alt_m * _HEIGHT, 0xFF),))
    if track.sigma_mps is not None:
        first |= 0x04
        body += bytes((_sigma(track.sigma_mps * 4, 0xFF),) * 2)
    return bytes((first,)) + body


def _record(items: Mapping[int, bytes]) -> bytes:
    """Presence bits, then the items by their number (FRN)."""
    octets = bytearray((max(items) + 6) // 7)
    for number in items:
        octet, bit = divmod(number - 1, 7)
        octets[octet] |= 0x80 >> bit
    for place in range(len(octets) - 1):
        octets[place] |= 1
    return bytes(octets) + b"".join(items[number] for number in sorted(items))


def _blocks(category: int, records: Sequence[bytes]) -> list[bytes]:
    bodies: list[bytes] = []
    for record in records:
        if bodies and len(bodies[-1]) + len(record) + 3 <= MOST_BLOCK_OCTETS:
            bodies[-1] += record
        else:
            bodies.append(record)
    return [struct.pack(">BH", category, len(body) + 3) + body for body in bodies]


def _time(t: float) -> bytes:
    return (math.floor(t * 128 + 0.5) % _DAY_TICKS).to_bytes(3, "big")


def _i16(value: float) -> int:
    return max(-32768, min(32767, round(value)))


def _sigma(steps: float, most: int) -> int:
    return max(1, min(most, math.ceil(steps - 1e-9)))


def _address(icao24: str | None) -> bytes | None:
    """Three octets of a 24-bit address; None for what is none."""
    if icao24 is None or len(icao24) != 6:
        return None
    try:
        return bytes.fromhex(icao24)
    except ValueError:
        return None


def _six_bit(callsign: str | None) -> bytes | None:
    """Eight letters of six bits; None for a name that cannot be written in them."""
    text = (callsign or "").upper()
    if not text or len(text) > 8 or any(letter not in _LETTERS for letter in text):
        return None
    number = 0
    for letter in text.ljust(8):
        number = number << 6 | _LETTERS[letter]
    return number.to_bytes(6, "big")
