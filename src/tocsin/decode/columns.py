"""A whole `detections.ndjson` → one batch of columns.

Lines of the plain shape are read by compiled code (`plain`), any other by the ordinary decoder, so
that what a line means and how it is refused is the same (a test compares).
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.decode.plain import IDENTITY, SENSOR, SOURCE, read_plain
from tocsin.words import Detection, Identity
from tocsin.words.batch import DETECTION, DETECTION_FLOATS, BatchMaker, DetectionBatch

_decode = msgspec.json.Decoder(Detection).decode
_identity = msgspec.json.Decoder(Identity).decode


class Refusals(msgspec.Struct, frozen=True):
    """Lines that are no detection: how many, and what is wrong with the first."""

    count: int
    first: str


def read_batch(data: bytes) -> tuple[DetectionBatch, Refusals]:
    """All detections of a file, in its order; lines that are none are counted."""
    room = data.count(b"\n") + 1
    rows = np.empty(room, DETECTION)
    places = rows.view(np.int64).reshape(room, -1)[:, DETECTION_FLOATS:]
    lines, spans = np.empty((room, 3), np.int64), np.empty((3 * room, 3), np.int64)
    table = np.full(1 << (6 * room).bit_length(), -1)
    raw = np.frombuffer(data + b"\n", np.uint8)
    numbers = rows.view(np.float64).reshape(room, -1)
    count, texts = read_plain(raw, numbers, places, lines, spans, table)
    maker = BatchMaker()
    _name(maker, data, spans[:texts], places[:count], lines[:count, 2] == 1)
    kept, refused = _read_others(maker, data, lines[:count], rows)
    maker.batch.rows = rows[:count] if kept is None else rows[:count][kept]
    return maker.batch, refused


def _name(
    maker: BatchMaker,
    data: bytes,
    spans: NDArray[np.int64],
    places: NDArray[np.int64],
    plain: NDArray[np.bool_],
) -> None:
    """Texts into the lists of the batch, and each row's places of texts to places in its list."""
    for column, key in ((2, SENSOR), (3, IDENTITY), (4, SOURCE)):
        where = np.full(len(spans) + 1, -1)
        used = np.unique(places[plain, column]).tolist()
        for k in used:
            if k < 0:
                continue
            text = data[spans[k, 0] : spans[k, 1]]
            if key == IDENTITY:
                where[k] = maker.identity(_identity(text))
            else:
                name = text[1:-1].decode("ascii")
                where[k] = maker.sensor(name) if key == SENSOR else maker.source(name)
        places[plain, column] = where[places[plain, column]]


def _read_others(
    maker: BatchMaker, data: bytes, lines: NDArray[np.int64], rows: NDArray[np.void]
) -> tuple[NDArray[np.bool_] | None, Refusals]:
    """Lines that are not plain, by the ordinary decoder: which lines stay (None: all)."""
    odd = np.flatnonzero(lines[:, 2] == 0)
    if odd.size == 0:
        return None, Refusals(0, "")
    kept = np.ones(len(lines), np.bool_)
    bad, first = 0, ""
    for k in odd.tolist():
        line = data[lines[k, 0] : lines[k, 1]]
        try:
            rows[k] = maker.rows([_decode(line)])[0]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            kept[k] = False
            if line.strip():
                bad += 1
                number = data.count(b"\n", 0, int(lines[k, 0])) + 1
                first = first or f"line {number}: {error}"
    return kept, Refusals(bad, first)
