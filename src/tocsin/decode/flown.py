"""The compiled reader of lines of truth and of tracks, for those who score ten thousand drones.

Plain lines only (see `plain`): where one is not, the whole part is left to the ordinary decoder, so
that what a line means and how it is refused is the same (a test compares). What nobody scores is
passed over, and only its brackets are looked at.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.decode.plain import (
    CLASS_WORDS,
    CLOSE,
    COMMA,
    ELLIPSE_WORDS,
    FLOWN_WORDS,
    NEWLINE,
    OPEN,
    QUOTE,
    STATUS_WORDS,
    WHO_WORDS,
    Bytes,
    Floats,
    Ints,
    find_word,
    know_text,
    read_key,
    read_number,
    read_part,
    read_text,
    skip_blanks,
)
from tocsin.earth.compile import gate, kernel

(
    T, ID, TRACK, KIND, STATUS, LAT, LON, ALT, VE, VN, VU, SIGMA, COVER, SERIAL, CLASS, IDENTITY,
    ELLIPSE,
) = range(17)  # fmt: skip
COLUMN = np.array([0, -1, -1, -1, -1, 1, 2, 3, 4, 5, 6, 7, -1, -1, -1, -1, -1])
SUSPICION, FIRST_CLASS, FIRST_AXIS, WIDTH = 8, 9, 13, 16
"""Columns of numbers behind those of `COLUMN`."""
NAME, WORD, WHO, SEEN, SAYS = range(5)
"""Columns of `places`: the id or track, the kind or status, the serial or claimed identity (places
in the list of texts, -1: none), cover (0: outside all), and whether an identity is claimed."""
TRUTH = 1 << T | 1 << ID | 1 << KIND | 1 << LAT | 1 << LON
REPORT = 1 << T | 1 << TRACK | 1 << STATUS | 1 << LAT | 1 << LON | 1 << VE | 1 << VN | 1 << SIGMA
_FOREIGN = (
    1 << TRACK | 1 << STATUS | 1 << IDENTITY,
    1 << ID | 1 << KIND | 1 << SERIAL | 1 << COVER,
)
"""Keys that lines of truth, and of tracks, do not know: they must not be mistaken for others."""
_OPENS, _CLOSES, _ESCAPE = (91, 123), (93, 125), 92


class Lines(NamedTuple):
    """Lines in columns: numbers (n, WIDTH), places (n, 5), and the texts that places point at."""

    floats: Floats
    places: Ints
    texts: list[str]


def read_lines(data: bytes, wanted: int) -> Lines | None:
    """All lines of `data`, which ends with a newline and has the keys `wanted` (TRUTH or REPORT) in
    each; None if any line is not plain."""
    room = data.count(b"\n")
    floats, places = np.empty((room, WIDTH)), np.empty((room, 5), np.int64)
    spans = np.empty((2 * room + 2, 3), np.int64)
    table = np.full(1 << (4 * room + 4).bit_length(), -1)
    raw = np.frombuffer(data, np.uint8)
    count, texts = _read(raw, floats, places, spans, table, wanted)
    if count < 0:
        return None
    told = [data[a + 1 : b - 1].decode("ascii") for a, b, _ in spans[:texts].tolist()]
    return Lines(floats[:count], places[:count], told)


@gate
def _read(
    data: Bytes, floats: Floats, places: Ints, spans: Ints, table: Ints, wanted: int
) -> tuple[int, int]:
    """How many lines there are (-1: one is not plain), and how many different texts."""
    count = texts = at = 0
    while at < data.size:
        at = skip_blanks(data, at)
        if data[at] != NEWLINE:
            floats[count] = np.nan
            places[count] = -1
            at, texts = _line(data, at, floats[count], places[count], spans, table, texts, wanted)
            if at < 0 or data[at] != NEWLINE:
                return -1, 0
            count += 1
        at += 1
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
    wanted: int,
) -> tuple[int, int]:
    """One line; where it was read to (-1: it is not plain), and the different texts so far."""
    got = 0
    place[SEEN], place[SAYS] = 1, 0
    if data[at] != OPEN:
        return -1, texts
    at = skip_blanks(data, at + 1)
    while True:
        key, at = read_key(data, at, FLOWN_WORDS)
        if at < 0 or (key >= 0 and got >> key & 1):
            return -1, texts
        if key >= 0:
            got |= 1 << key
        if key in (ID, TRACK, SERIAL):
            begin, at = at, read_text(data, at)
            if at < 0:
                return -1, texts
            slot = WHO if key == SERIAL else NAME
            place[slot], texts = know_text(data, begin, at, 0, spans, table, texts)
        elif key == IDENTITY:
            at, texts = _who(data, at, row, place, spans, table, texts)
        else:
            at = _value(data, at, key, row, place)
        if at < 0:
            return -1, texts
        at = skip_blanks(data, at)
        if data[at] != COMMA:
            break
        at = skip_blanks(data, at + 1)
    foreign = _FOREIGN[0] if wanted == TRUTH else _FOREIGN[1]
    if data[at] != CLOSE or got & wanted != wanted or got & foreign:
        return -1, texts
    return skip_blanks(data, at + 1), texts


@kernel
def _value(data: Bytes, at: int, key: int, row: Floats, place: Ints) -> int:
    """Past a value that is no name; -1 if it is not plain."""
    if key < 0:
        return _past(data, at)
    if key == CLASS:
        return read_part(data, at, CLASS_WORDS, FIRST_CLASS, row)
    if key == ELLIPSE:
        at = read_part(data, at, ELLIPSE_WORDS, FIRST_AXIS, row)
        return -1 if np.isnan(row[FIRST_AXIS : FIRST_AXIS + 3]).any() else at
    if key == COVER:
        if data[at] == 102 and data[at + 1] == 97:  # false
            place[SEEN] = 0
            return at + 5
        return at + 4 if data[at] == 116 and data[at + 1] == 114 else -1  # true
    if key in (KIND, STATUS):
        begin, at = at, read_text(data, at)
        if at < 0:
            return -1
        group = CLASS_WORDS if key == KIND else STATUS_WORDS
        place[WORD] = find_word(data, begin + 1, at - 1, group)
        return -1 if place[WORD] < 0 or (key == KIND and place[WORD] == 3) else at
    return read_number(data, at, row, COLUMN[key])


@kernel
def _who(
    data: Bytes, at: int, row: Floats, place: Ints, spans: Ints, table: Ints, texts: int
) -> tuple[int, int]:
    """Past a claimed identity: its serial, else its ICAO address, else its session."""
    place[SAYS], row[SUSPICION] = 1, 0.0
    begins, ends = np.full(3, -1), np.full(3, -1)
    if data[at] != OPEN:
        return -1, texts
    at = skip_blanks(data, at + 1)
    while data[at] != CLOSE:
        word, at = read_key(data, at, WHO_WORDS)
        if at < 0:
            return -1, texts
        begin = at
        if word == 3:
            at = read_number(data, at, row, SUSPICION)
        elif word >= 0:
            at = read_text(data, at)
            begins[word], ends[word] = begin, at
        else:
            at = _past(data, at)
        if at < 0:
            return -1, texts
        at = skip_blanks(data, at)
        if data[at] == COMMA:
            at = skip_blanks(data, at + 1)
        elif data[at] != CLOSE:
            return -1, texts
    for word in range(3):
        if begins[word] >= 0 and ends[word] > begins[word] + 2:
            place[WHO], texts = know_text(data, begins[word], ends[word], 0, spans, table, texts)
            break
    return at + 1, texts


@kernel
def _past(data: Bytes, at: int) -> int:
    """Past any value that ends within the line; -1 if there is none."""
    depth, begin = 0, at
    while data[at] != NEWLINE:
        c = data[at]
        if c == QUOTE:
            at += 1
            while data[at] != QUOTE:
                if data[at] == NEWLINE:
                    return -1
                at += 2 if data[at] == _ESCAPE and data[at + 1] != NEWLINE else 1
        elif c in _OPENS:
            depth += 1
        elif c in _CLOSES:
            if depth == 0:
                return at if at > begin else -1
            depth -= 1
        elif c == COMMA and depth == 0:
            return at if at > begin else -1
        at += 1
    return -1
