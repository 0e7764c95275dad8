"""What a node tells → a signed report of at most 200 bytes an event, and its frame on a line.

Standard   COSE_Sign1 (RFC 9052, 4.2) with EdDSA on Ed25519 (RFC 9053, 2.2; RFC 8032), tag 18, key
           id of 4 bytes in the unprotected header; body CBOR (RFC 8949), layout words/ear_layout
On a line  COBS (Cheshire and Baker 1999) of the report and its CRC-32 (ISO 3309), between zeros
Bound      the framed report of an event has at most 200 bytes: bearings that have no room are left
           out, the least certain first
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable

import msgspec

from tocsin.encode import cbor
from tocsin.words import BANDS, HeardWindow
from tocsin.words.ear_layout import (
    CLOCKS,
    DEAFNESS,
    KEY_ID_BYTES,
    PATHS,
    PROTECTED,
    STATES,
    VERDICTS,
    VERSION,
    WireBearing,
    WireBody,
    WireClock,
    WireEvent,
    WireHeartbeat,
    WireTest,
    WireWindow,
)
from tocsin.words.ear_report import (
    ChirpTest,
    ClockQuality,
    EarEvent,
    EarReport,
    HeardBearing,
    Hearing,
    Heartbeat,
)

MOST_EVENT_BYTES = 200

Sign = Callable[[bytes], bytes]
"""Makes the 64 bytes of an Ed25519 signature."""

_U16, _U32 = (1 << 16) - 1, (1 << 32) - 1
_S16 = (1 << 15) - 1


def key_id(public_key: bytes) -> bytes:
    """What a report calls its key: the head of the SHA-256 of the 32 bytes."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def write_report(report: EarReport, public_key: bytes, sign: Sign) -> bytes:
    """One signed report. Raises ValueError where an event does not fit."""
    while True:
        data = signed(cbor.write(_body(report)), public_key, sign)
        about = report.about
        if not isinstance(about, EarEvent) or len(framed(data)) <= MOST_EVENT_BYTES:
            return data
        if not about.bearings:
            raise ValueError(f"an event of {len(framed(data))} bytes")
        fewer = msgspec.structs.replace(about, bearings=about.bearings[:-1])
        report = msgspec.structs.replace(report, about=fewer)


def signed(payload: bytes, public_key: bytes, sign: Sign) -> bytes:
    """The payload under a signature: COSE_Sign1 with its tag."""
    protected = cbor.write(PROTECTED)
    body = cbor.write(payload)
    signature = sign(b"\x84\x6aSignature1" + protected + b"\x40" + body)
    unprotected = cbor.write({4: key_id(public_key)})
    return b"\xd2\x84" + protected + unprotected + body + cbor.write(signature)


def framed(report: bytes) -> bytes:
    """A report as it goes over a serial line; zeros stand before and after it and nowhere else."""
    return b"\0" + cobs(report + zlib.crc32(report).to_bytes(4, "big")) + b"\0"


def cobs(data: bytes) -> bytes:
    """The same bytes without a zero among them: each zero becomes the distance to the next."""
    out = bytearray()
    for block in data.split(b"\0"):
        while len(block) >= 254:
            out += b"\xff" + block[:254]
            block = block[254:]
        out.append(len(block) + 1)
        out += block
    return bytes(out)


def _body(report: EarReport) -> cbor.Value:
    t_ms = _ms(report.t)
    about = report.about
    wire = WireBody(
        version=VERSION,
        sensor=report.sensor,
        number=report.number,
        t_ms=t_ms,
        clock=_clock(report.clock),
        event=_event(about, t_ms) if isinstance(about, EarEvent) else None,
        windows=[_window(w, t_ms) for w in about.windows] if isinstance(about, Hearing) else None,
        heartbeat=_heartbeat(about, t_ms) if isinstance(about, Heartbeat) else None,
    )
    plain = msgspec.to_builtins(wire, builtin_types=(bytes,))
    return {int(key): value for key, value in plain.items()}


def _clock(clock: ClockQuality) -> WireClock:
    error_ms = None if clock.error_s is None else min(_ms(clock.error_s), _U16)
    return WireClock(CLOCKS.index(clock.source), error_ms)


def _event(event: EarEvent, t_ms: int) -> WireEvent:
    return WireEvent(
        number=event.number,
        state=STATES.index(event.state),
        since_ms=_since(t_ms, event.t_on),
        p_drone=_permille(event.p_drone),
        level=_tenths(event.level_dbfs),
        bpf=_hertz(event.bpf_hz),
        bearings=[_bearing(one) for one in event.bearings],
    )


def _bearing(one: HeardBearing) -> WireBearing:
    return WireBearing(
        azimuth=round(100.0 * one.azimuth_deg) % 36_000,
        sigma_azimuth=_sigma(one.sigma_azimuth_deg),
        elevation=None if one.elevation_deg is None else round(100.0 * one.elevation_deg),
        sigma_elevation=None
        if one.sigma_elevation_deg is None
        else _sigma(one.sigma_elevation_deg),
    )


def _window(one: HeardWindow, t_ms: int) -> WireWindow:
    return WireWindow(
        before_ms=_since(t_ms, one.t),
        dur_ms=min(_ms(one.dur_s), _U16),
        p_drone=None if one.p_drone is None else _permille(one.p_drone),
        level=_tenths(one.level_dbfs),
        bpf=_hertz(one.bpf_hz),
        deaf=None if one.deaf is None else DEAFNESS.index(one.deaf),
        bands=bytes(_band(db) for db in one.bands_db) if len(one.bands_db) == BANDS else b"",
        event=one.event,
        threshold=None if one.threshold is None else _permille(one.threshold),
    )


def _heartbeat(beat: Heartbeat, t_ms: int) -> WireHeartbeat:
    return WireHeartbeat(
        uptime_s=min(int(beat.uptime_s), _U32),
        model=beat.model,
        waiting=min(beat.waiting, _U32),
        lost=min(beat.lost, _U32),
        gaps=min(beat.gaps, _U32),
        window=None if beat.window is None else _window(beat.window, t_ms),
        self_test=None if beat.self_test is None else _test(beat.self_test, t_ms),
        battery_mv=None if beat.battery_v is None else min(_ms(beat.battery_v), _U16),
        temperature=_tenths(beat.temperature_c),
    )


def _test(test: ChirpTest, t_ms: int) -> WireTest:
    return WireTest(
        verdict=VERDICTS.index(test.verdict),
        path=PATHS.index(test.path),
        since_s=_since(t_ms, test.t) // 1000,
        level=_tenths(test.level_dbfs),
        delay_ms=None if test.delay_s is None else min(_ms(test.delay_s), _U32),
    )


def _ms(seconds: float) -> int:
    return max(0, round(1000.0 * seconds))


def _since(t_ms: int, t: float) -> int:
    return min(max(0, t_ms - _ms(t)), _U32)


def _permille(p: float) -> int:
    return round(1000.0 * p)


def _tenths(value: float | None) -> int | None:
    return None if value is None else min(max(round(10.0 * value), -_S16), _S16)


def _hertz(value: float | None) -> int | None:
    return None if value is None else min(max(round(10.0 * value), 0), _U16)


def _sigma(value: float) -> int:
    return min(max(round(100.0 * value), 1), 36_000)


def _band(db: float) -> int:
    return min(max(round(255.0 + 2.0 * db), 0), 255)
