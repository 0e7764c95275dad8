"""The compiled reader of plain detection lines: bytes to numbers, without an object in between.

A plain line has keys and names of printable ASCII without escapes, each part once, no null, and
numbers of at most 2^53 times or over 10^22: both are exact as doubles, so that one multiplication
or division rounds correctly (Clinger, How to read floating point numbers accurately, 1990). Any
other line is left to the ordinary decoder.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tocsin.earth.compile import gate, kernel
from tocsin.words.batch import KINDS, STATUSES

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_TOP = ("t", "sensor", "kind", "position", "bearing", "sigma", "class", "identity", "level_db",
        "received", "motion", "signal_dbm", "source", "claimed_t")  # fmt: skip
_PARTS = (
    ("lat", "lon", "alt_m"),
    ("azimuth_deg", "elevation_deg", "range_m", "range_rate_mps"),
    ("azimuth_deg", "elevation_deg", "range_m", "range_rate_mps", "horizontal_m", "alt_m"),
    ("drone", "bird", "aircraft", "other"),
    ("ve", "vn", "vu", "sigma_mps"),
)
SENSOR, KIND, IDENTITY, SOURCE = 1, 2, 7, 12
REQUIRED = 7  # bits of t, sensor and kind
COLUMN = np.array([0, -1, -1, -1, -1, -1, -1, -1, 19, 1, -1, 24, -1, 25])
"""Column of each number of the first level, -1 for what is none."""
PART = np.array([-1, -1, -1, 0, 1, 2, 3, -1, -1, -1, 4, -1, -1, -1])
"""Which part each key of the first level opens, -1 for none."""
PART_COLUMN = np.array([2, 5, 9, 15, 20])
PART_SAYS = np.array([1, 2, 0, 4, 8])
TOP_WORDS, CLASS_WORDS, KIND_WORDS = 0, 4, 6
FLOWN_WORDS, WHO_WORDS, STATUS_WORDS, ELLIPSE_WORDS = 7, 8, 9, 10
_FLOWN = ("t", "id", "track", "kind", "status", "lat", "lon", "alt_m", "ve", "vn", "vu", "sigma_m",
          "cover", "serial", "class", "identity", "ellipse")  # fmt: skip
_WHO = ("serial", "icao24", "session", "suspicion")
_ELLIPSE = ("major_m", "minor_m", "azimuth_deg")
_GROUPS = (_TOP, *_PARTS, KINDS, _FLOWN, _WHO, STATUSES, _ELLIPSE)
_WORDS = [word for group in _GROUPS for word in group]
LETTERS = np.zeros((len(_WORDS), 16), np.uint8)
for _k, _spelt in enumerate(_WORDS):
    LETTERS[_k, : len(_spelt)] = list(_spelt.encode())
SIZES = np.array([len(word) for word in _WORDS])
FIRST = np.cumsum([0, *(len(group) for group in _GROUPS)])
"""Where each group of words begins: the first level, the parts, the kinds, those of `flown`."""
POWERS = np.array([float(10**k) for k in range(23)])
MOST = 1 << 53
QUOTE, COMMA, COLON, OPEN, CLOSE, NEWLINE = 34, 44, 58, 123, 125, 10


@gate
def read_plain(
    data: Bytes, floats: Floats, places: Ints, lines: Ints, spans: Ints, table: Ints
) -> tuple[int, int]:
    """Every line of `data`, which ends with a newline; how many, and how many different texts.

    Into `floats` go its numbers; into `places` what it says, its kind, and its sensor, identity and
    source as places in `spans` (-1: none); into `lines` where it begins and ends and whether it is
    plain (1) or not (0); into `spans` where each text begins and ends, and of which key it is.
    `table` is scratch of -1, a power of two, at least twice as many as there can be texts.
    """
    count = texts = at = 0
    spare = np.empty(1)
    while at < data.size:
        end = at
        while data[end] != NEWLINE:
            end += 1
        start = skip_blanks(data, at)
        if start < end:
            floats[count, :26] = np.nan
            places[count] = -1
            done, texts = _line(
                data, start, floats[count], places[count], spans, table, texts, spare
            )
            lines[count, 0], lines[count, 1], lines[count, 2] = start, end, 1 if done == end else 0
            count += 1
        at = end + 1
    return count, texts


@kernel
def _line(
    data: Bytes,
    at: int,
    row: Floats,
    place: Ints,
    spans: Ints,
    table: Ints,
    texts: int,
    spare: Floats,
) -> tuple[int, int]:
    """One line; where it was read to (-1: it is not plain), and the different texts so far."""
    place[0] = got = 0
    if data[at] != OPEN:
        return -1, texts
    at = skip_blanks(data, at + 1)
    while True:
        key, at = read_key(data, at, TOP_WORDS)
        if at < 0 or (key >= 0 and got >> key & 1):
            return -1, texts
        begin = at
        if key >= 0:
            got |= 1 << key
            at = _value(data, at, key, row, place)
        else:
            at = read_text(data, at) if data[at] == QUOTE else read_number(data, at, spare, 0)
        if at < 0:
            return -1, texts
        if key == KIND:
            place[1] = find_word(data, begin + 1, at - 1, KIND_WORDS)
        elif key in (SENSOR, IDENTITY, SOURCE):
            slot = 2 if key == SENSOR else (3 if key == IDENTITY else 4)
            place[slot], texts = know_text(data, begin, at, key, spans, table, texts)
        at = skip_blanks(data, at)
        if data[at] != COMMA:
            break
        at = skip_blanks(data, at + 1)
    whole = got & REQUIRED == REQUIRED and place[1] >= 0
    if place[0] & 1 and (np.isnan(row[2]) or np.isnan(row[3])):
        whole = False
    if data[at] != CLOSE or not whole:
        return -1, texts
    return skip_blanks(data, at + 1), texts


@kernel
def _value(data: Bytes, at: int, key: int, row: Floats, place: Ints) -> int:
    """Past the value of a known key of the first level; -1 if it is not plain."""
    if PART[key] >= 0:
        place[0] |= PART_SAYS[PART[key]]
        return read_part(data, at, PART[key] + 1, PART_COLUMN[PART[key]], row)
    if key == IDENTITY:
        return _flat(data, at)
    if key in (SENSOR, KIND, SOURCE):
        return read_text(data, at)
    return read_number(data, at, row, COLUMN[key])


@kernel
def skip_blanks(data: Bytes, at: int) -> int:
    """Past blanks, not past the end of the line."""
    while data[at] == 32 or data[at] == 9 or data[at] == 13:
        at += 1
    return at


@kernel
def read_text(data: Bytes, at: int) -> int:
    """Past a text; -1 if it is not plain."""
    if data[at] != QUOTE:
        return -1
    at += 1
    while data[at] != QUOTE:
        if data[at] < 32 or data[at] == 92 or data[at] > 126:
            return -1
        at += 1
    return at + 1


@kernel
def find_word(data: Bytes, begin: int, end: int, group: int) -> int:
    """Which word of a group this is, -1 for none."""
    size = end - begin
    for k in range(FIRST[group], FIRST[group + 1]):
        if SIZES[k] == size:
            p = 0
            while p < size and data[begin + p] == LETTERS[k, p]:
                p += 1
            if p == size:
                return k - int(FIRST[group])
    return -1


@kernel
def read_key(data: Bytes, at: int, group: int) -> tuple[int, int]:
    """A key and its colon: which word it is (-1: none), and where its value begins (-1: odd)."""
    end = read_text(data, at)
    if end < 0:
        return -1, -1
    word = find_word(data, at + 1, end - 1, group)
    at = skip_blanks(data, end)
    if data[at] != COLON:
        return -1, -1
    return word, skip_blanks(data, at + 1)


@kernel
def read_part(data: Bytes, at: int, group: int, column: int, row: Floats) -> int:
    """Past a part, the numbers of its words in `row` from `column`; -1 if it is not plain."""
    if data[at] != OPEN:
        return -1
    at = skip_blanks(data, at + 1)
    while True:
        word, at = read_key(data, at, group)
        if at < 0 or word < 0:
            return -1
        at = read_number(data, at, row, column + word)
        if at < 0:
            return -1
        at = skip_blanks(data, at)
        if data[at] != COMMA:
            return at + 1 if data[at] == CLOSE else -1
        at = skip_blanks(data, at + 1)


@kernel
def _flat(data: Bytes, at: int) -> int:
    """Past an object of nothing but plain texts; -1 if it is anything else."""
    if data[at] != OPEN:
        return -1
    at = skip_blanks(data, at + 1)
    while True:
        _, at = read_key(data, at, TOP_WORDS)
        if at < 0:
            return -1
        at = read_text(data, at)
        if at < 0:
            return -1
        at = skip_blanks(data, at)
        if data[at] != COMMA:
            return at + 1 if data[at] == CLOSE else -1
        at = skip_blanks(data, at + 1)


@kernel
def _digits(data: Bytes, at: int, value: int) -> tuple[int, int]:
    """Past digits, and the number that they continue; more than 2^53 stays more."""
    while 48 <= data[at] <= 57:
        if value <= MOST:
            value = value * 10 + (data[at] - 48)
        at += 1
    return at, value


@kernel
def read_number(data: Bytes, at: int, row: Floats, column: int) -> int:
    """Past a number, which is put into its column; -1 if it is not plain."""
    minus = data[at] == 45
    begin = at + 1 if minus else at
    at, value = _digits(data, begin, 0)
    if at == begin or (data[begin] == 48 and at > begin + 1):
        return -1
    scale = 0
    if data[at] == 46:
        begin = at + 1
        at, value = _digits(data, begin, value)
        scale = begin - at
        if scale == 0:
            return -1
    if data[at] == 101 or data[at] == 69:
        at += 1
        down = data[at] == 45
        begin = at + 1 if down or data[at] == 43 else at
        at, power = _digits(data, begin, 0)
        if at == begin or power > 99:
            return -1
        scale += -power if down else power
    if value > MOST or abs(scale) > 22 or (minus and value == 0):
        return -1
    exact = float(value) / POWERS[-scale] if scale < 0 else float(value) * POWERS[scale]
    row[column] = -exact if minus else exact
    return at


@kernel
def know_text(
    data: Bytes, begin: int, end: int, key: int, spans: Ints, table: Ints, texts: int
) -> tuple[int, int]:
    """The place of a text of a key among the different ones so far, and how many there are."""
    mixed = key
    for p in range(begin, end):
        mixed = (mixed ^ int(data[p])) * 1099511628211  # FNV-1a, 64 bits
    slot = (mixed ^ (mixed >> 29)) & (table.size - 1)
    while table[slot] >= 0:
        k = table[slot]
        if spans[k, 2] == key and spans[k, 1] - spans[k, 0] == end - begin:
            p = 0
            while p < end - begin and data[begin + p] == data[spans[k, 0] + p]:
                p += 1
            if p == end - begin:
                return int(k), texts
        slot = (slot + 1) & (table.size - 1)
    table[slot] = texts
    spans[texts, 0], spans[texts, 1], spans[texts, 2] = begin, end, key
    return texts, texts + 1
