"""What the tests of ear reports share: a key, and reports of every kind."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from tocsin.encode.ear_report import write_report
from tocsin.words import BANDS, HeardWindow
from tocsin.words.ear_layout import CLOCKS, DEAFNESS, PATHS, STATES, VERDICTS
from tocsin.words.ear_report import (
    ChirpTest,
    ClockQuality,
    EarEvent,
    EarReport,
    HeardBearing,
    Hearing,
    Heartbeat,
)

T0 = 1_780_000_000.123
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
PUBLIC_TEXT = base64.b64encode(PUBLIC).decode()
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
OTHER_PUBLIC = OTHER_KEY.public_key().public_bytes_raw()


def written(report: EarReport) -> bytes:
    return write_report(report, PUBLIC, KEY.sign)


def event_report(number: int = 1, t: float = T0, sensor: str = "north-7") -> EarReport:
    """A drone heard to the north."""
    bearing = HeardBearing(12.5, 4.0, 20.0, 9.5)
    event = EarEvent(3, "update", t - 4.5, 0.973, -32.5, 180.2, (bearing,))
    return EarReport(sensor, number, t, ClockQuality("ntp", 0.012), event)


def _steps(low: int, high: int, steps: float) -> st.SearchStrategy[float]:
    return st.integers(low, high).map(lambda n: n / steps)


def _maybe(what: st.SearchStrategy[float]) -> st.SearchStrategy[float | None]:
    return st.none() | what


_T_MS = 1_780_000_000_123
_before = st.integers(0, 2**31).map(lambda ms: (_T_MS - ms) / 1000.0)
_level = _maybe(_steps(-1500, 0, 10.0))
_p = _steps(0, 1000, 1000.0)
_bearings = st.builds(
    HeardBearing,
    _steps(0, 35_999, 100.0), _steps(1, 36_000, 100.0),
    _maybe(_steps(-9_000, 9_000, 100.0)), _maybe(_steps(1, 36_000, 100.0)),
)  # fmt: skip
_events = st.builds(
    EarEvent,
    st.integers(0, 2**32 - 1), st.sampled_from(STATES), _before, _p, _level,
    _maybe(_steps(0, 65_535, 10.0)), st.lists(_bearings, max_size=1).map(tuple),
)  # fmt: skip
_windows = st.builds(
    HeardWindow,
    st.just("north-7"), _before, _steps(0, 65_535, 1000.0), _maybe(_p), _level,
    _maybe(_steps(0, 65_535, 10.0)), st.none() | st.sampled_from(DEAFNESS),
    st.just(()) | st.lists(_steps(-255, 0, 2.0), min_size=BANDS, max_size=BANDS).map(tuple),
    st.booleans(), _maybe(_p),
)  # fmt: skip
_tests = st.builds(
    ChirpTest,
    st.sampled_from(VERDICTS), st.sampled_from(PATHS),
    st.integers(0, 10**6).map(lambda s: (_T_MS - 1000 * s) / 1000.0), _level,
    _maybe(_steps(0, 10_000, 1000.0)),
)  # fmt: skip
_count = st.integers(0, 2**32 - 1)
_beats = st.builds(
    Heartbeat,
    _count.map(float), st.binary(max_size=32), _count, _count, _count,
    st.none() | _windows, st.none() | _tests,
    _maybe(_steps(0, 65_535, 1000.0)), _maybe(_steps(-400, 900, 10.0)),
)  # fmt: skip
_clocks = st.builds(ClockQuality, st.sampled_from(CLOCKS), _maybe(_steps(0, 65_535, 1000.0)))


def reports(sensor: str = "north-7") -> st.SearchStrategy[EarReport]:
    """Any report, on the steps of the wire."""
    hearing = st.lists(_windows, min_size=1, max_size=8).map(lambda w: Hearing(tuple(w)))
    return st.builds(
        EarReport, st.just(sensor), _count, st.just(_T_MS / 1000.0), _clocks,
        _events | hearing | _beats,
    )  # fmt: skip
