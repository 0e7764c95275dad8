"""A batch of tracks → lines of `tracks.ndjson`, written by compiled code.

Format     DESIGN 4; the bytes are those of the ordinary encoder for the same tracks (tested)
Otherwise  a line with a number that is not plainly decimal (below 1e-5, above 1e15, unknown) is
           written by the ordinary encoder
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.earth.compile import gate, kernel
from tocsin.words.batch import KINDS, STATUSES, TRACK, TrackBatch
from tocsin.words.batch import WITNESSES as MOST_WITNESSES

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_encoder = msgspec.json.Encoder()
AT_ONCE = 1024  # lines in one buffer
LINE_ROOM = 800  # a line without names: 18 numbers of at most 20 digits, and keys
WITNESS_ROOM = 64
_TEXTS = (
    '{"t":', ',"track":"', '","status":"', '","lat":', ',"lon":', ',"ve":', ',"vn":', ',"sigma_m":',
    ',"alt_m":', ',"vu":', ',"class":{"drone":', ',"bird":', ',"aircraft":', ',"other":', "}",
    ',"identity":', ',"sensors":[', "]", ',"sigma_mps":', ',"sigma_alt_m":',
    ',"ellipse":{"major_m":', ',"minor_m":', ',"azimuth_deg":', "}", ',"witnesses":[', '{"sensor":',
    ',"kind":"', '","t":', "}", "]", ',"first_t":', "}\n", ",", *STATUSES, *KINDS,
)  # fmt: skip
(
    T, NAME, STATUS, LAT, LON, VE, VN, SIGMA, ALT, VU, DRONE, BIRD, AIRCRAFT, OTHER, CLASS_END,
    IDENTITY, SENSORS, SENSORS_END, SIGMA_V, SIGMA_ALT, MAJOR, MINOR, AZIMUTH, ELLIPSE_END,
    WITNESSES, WITNESS, KIND, WHEN, WITNESS_END, WITNESSES_END, FIRST, END, COMMA, STATUSES_AT,
) = range(34)  # fmt: skip
KINDS_AT = STATUSES_AT + len(STATUSES)
_names = list(TRACK.names or ())
FLOATS = 18
"""Numbers before the witnesses' times, in the order of `TRACK`."""
_WIDTH = TRACK.itemsize // 8
_UID = _names.index("uid")


def _packed(texts: list[bytes]) -> tuple[Bytes, Ints]:
    """Texts in one array, and where each begins; the last place is the end."""
    ends = np.cumsum([0, *(len(text) for text in texts)])
    return np.frombuffer(b"".join(texts), np.uint8), ends.astype(np.int64)


LETTERS, STARTS = _packed([text.encode() for text in _TEXTS])


class TrackWriter:
    """Writes batches of one table; it remembers how the sensors are spelt."""

    def __init__(self) -> None:
        self._sensors: list[str] = []
        self._spelt = _packed([])
        self._longest = 0

    def write(self, batch: TrackBatch) -> bytes:
        """One line a report."""
        if self._sensors is not batch.sensors or len(self._spelt[1]) != len(batch.sensors) + 1:
            spelt = [msgspec.json.encode(name) for name in batch.sensors]
            self._sensors, self._spelt = batch.sensors, _packed(spelt)
            self._longest = max(map(len, spelt), default=0)
        who = [msgspec.json.encode(identity) for identity in batch.identities]
        identities = _packed(who)
        prefix = np.frombuffer(msgspec.json.encode(batch.prefix)[1:-1], np.uint8)
        kinds = np.array([KINDS.index(kind) for kind in batch.kinds], np.int64)
        room = LINE_ROOM + len(prefix) + max(map(len, who), default=0)
        room += MOST_WITNESSES * (2 * self._longest + WITNESS_ROOM)
        out = np.empty(min(len(batch), AT_ONCE) * room, np.uint8)
        parts: list[bytes] = []
        at = 0
        while at < len(batch):
            rows = batch.rows[at : at + AT_ONCE]
            floats = rows.view(np.float64).reshape(len(rows), _WIDTH)
            ints = rows.view(np.int64).reshape(len(rows), _WIDTH)[:, FLOATS + MOST_WITNESSES :]
            done, size = write_lines(floats, ints, prefix, *self._spelt, kinds, *identities, out)
            parts.append(out[:size].tobytes())
            at += done
            if done < len(rows):
                parts.append(_encoder.encode_lines(batch.tracks([at])))
                at += 1
        return b"".join(parts)


@gate
def write_lines(
    floats: Floats,
    ints: Ints,
    prefix: Bytes,
    sensors: Bytes,
    sensor_starts: Ints,
    kinds: Ints,
    identities: Bytes,
    identity_starts: Ints,
    out: Bytes,
) -> tuple[int, int]:
    """Lines into `out` up to the first that is not plain; how many, and how many bytes.

    `ints` holds uid, status, claim, the number of witnesses, and their sensors.
    """
    size = 0
    for k in range(floats.shape[0]):
        f, n = floats[k], ints[k]
        if not _is_plain(f, n[3]):
            return k, size
        p = _number(out, _say(out, size, T), f[0], 3)
        p = _digits(out, _copy(out, _say(out, p, NAME), prefix, 0, prefix.size), n[0])
        p = _say(out, _say(out, p, STATUS), STATUSES_AT + n[1])
        p = _number(out, _say(out, p, LAT), f[1], 7)
        p = _number(out, _say(out, p, LON), f[2], 7)
        p = _number(out, _say(out, p, VE), f[4], 3)
        p = _number(out, _say(out, p, VN), f[5], 3)
        p = _number(out, _say(out, p, SIGMA), f[7], 2)
        high = not np.isnan(f[3])
        if high:
            p = _number(out, _say(out, p, ALT), f[3], 2)
            p = _number(out, _say(out, p, VU), f[6], 3)
        for c in range(4):
            p = _number(out, _say(out, p, DRONE + c), f[10 + c], 4)
        p = _say(out, p, CLASS_END)
        if n[2] >= 0:
            p = _say(out, p, IDENTITY)
            p = _copy(out, p, identities, identity_starts[n[2]], identity_starts[n[2] + 1])
        if n[3] > 0:
            p = _list_sensors(out, p, n, sensors, sensor_starts)
        p = _number(out, _say(out, p, SIGMA_V), f[8], 3)
        if high:
            p = _number(out, _say(out, p, SIGMA_ALT), f[9], 2)
        for c in range(3):
            p = _number(out, _say(out, p, MAJOR + c), f[14 + c], 2)
        p = _say(out, p, ELLIPSE_END)
        if n[3] > 0:
            p = _list_witnesses(out, p, f, n, sensors, sensor_starts, kinds)
        p = _number(out, _say(out, p, FIRST), f[17], 3)
        size = _say(out, p, END)
    return floats.shape[0], size


@kernel
def _is_plain(f: Floats, witnesses: int) -> bool:
    """Whether every number is plainly decimal."""
    high = not np.isnan(f[3])
    for k in range(FLOATS + witnesses):
        if k in (3, 6, 9) and not high:
            continue
        size, most = abs(f[k]), 1e8 if k in (1, 2) else 1e12  # 15 digits with their decimals
        if not (size < most and (size == 0.0 or size >= 1e-5)):
            return False
    return True


@kernel
def _copy(out: Bytes, at: int, text: Bytes, begin: int, end: int) -> int:
    for p in range(begin, end):
        out[at] = text[p]
        at += 1
    return at


@kernel
def _say(out: Bytes, at: int, text: int) -> int:
    return _copy(out, at, LETTERS, STARTS[text], STARTS[text + 1])


@kernel
def _digits(out: Bytes, at: int, value: int) -> int:
    """A whole number, not negative."""
    size, rest = 1, value // 10
    while rest > 0:
        size += 1
        rest //= 10
    for p in range(at + size - 1, at - 1, -1):
        out[p] = 48 + value % 10
        value //= 10
    return at + size


@kernel
def _number(out: Bytes, at: int, value: float, places: int) -> int:
    """A number that was rounded to so many decimals, without noughts at its end but one."""
    scale = 10**places
    whole = int(np.rint(abs(value) * scale))
    if value < 0.0:
        out[at] = 45
        at += 1
    at = _digits(out, at, whole // scale)
    out[at] = 46
    at += 1
    part, scale = whole % scale, scale // 10
    while True:
        out[at] = 48 + part // scale
        at += 1
        part %= scale
        if part == 0:
            return at
        scale //= 10


@kernel
def _list_sensors(out: Bytes, at: int, n: Ints, sensors: Bytes, starts: Ints) -> int:
    at = _say(out, at, SENSORS)
    for w in range(n[3]):
        if w > 0:
            at = _say(out, at, COMMA)
        at = _copy(out, at, sensors, starts[n[4 + w]], starts[n[4 + w] + 1])
    return _say(out, at, SENSORS_END)


@kernel
def _list_witnesses(
    out: Bytes, at: int, f: Floats, n: Ints, sensors: Bytes, starts: Ints, kinds: Ints
) -> int:
    at = _say(out, at, WITNESSES)
    for w in range(n[3]):
        if w > 0:
            at = _say(out, at, COMMA)
        at = _say(out, at, WITNESS)
        at = _copy(out, at, sensors, starts[n[4 + w]], starts[n[4 + w] + 1])
        at = _say(out, _say(out, at, KIND), KINDS_AT + kinds[n[4 + w]])
        at = _number(out, _say(out, at, WHEN), f[FLOATS + w], 3)
        at = _say(out, at, WITNESS_END)
    return _say(out, at, WITNESSES_END)
