"""The last minute of a microphone: kept small, told to whoever looks, never anything else."""

from __future__ import annotations

import asyncio
import math
import sys

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.hear.bands import bands_db
from tocsin.serve.hearing import EDGES_HZ, KEPT_WINDOWS, LastMinute
from tocsin.serve.hub import Hub
from tocsin.serve.shown import SiteView
from tocsin.words import BANDS, HeardWindow, Sensor

LEVELS = tuple(-30.0 - k for k in range(BANDS))


def window(t: float, p: float | None = 0.5, sensor: str = "mic") -> HeardWindow:
    return HeardWindow(sensor, t, 1.0, p, -30.0, 182.4, bands_db=LEVELS, threshold=0.7)


def test_a_minute_is_kept_in_the_order_of_the_sensor_and_no_more() -> None:
    kept = LastMinute({"mic"})
    kept.note([window(0.5 * k) for k in range(300) if k != 290])
    kept.note([window(145.0), window(20.0), window(149.5, sensor="stranger")])
    heard = kept.heard("mic")
    times = [one.t for one in heard.windows]
    assert times == sorted(times)
    assert 145.0 in times
    assert len(times) <= KEPT_WINDOWS
    assert times[0] >= 149.5 - 60.0
    assert not kept.knows("stranger")
    assert kept.heard("stranger").windows == ()


def test_numbers_are_rounded_and_what_is_unknown_is_absent() -> None:
    kept = LastMinute({"mic"})
    kept.note([window(1.0, 0.93), HeardWindow("mic", 1.5, 1.0, deaf="clipping")])
    heard = kept.heard("mic")
    assert heard.threshold == 0.7
    first, second = msgspec.to_builtins(heard.windows)
    assert first["p"] == 0.93
    assert first["bpf_hz"] == 182
    assert first["bands"] == tuple(-30 - k for k in range(BANDS))
    assert second == {"t": 1.5, "dur_s": 1.0, "deaf": "clipping"}


def test_a_tone_is_loudest_in_the_band_that_is_drawn_around_it() -> None:
    """What the ear measures and where the page draws it are two places: they must agree."""
    t = np.arange(16_000) / 16_000.0
    for band in range(3, BANDS):  # below, a band is narrower than what tells tones apart
        low, high = EDGES_HZ[band], EDGES_HZ[band + 1]
        tone = np.sin(2.0 * math.pi * math.sqrt(low * high) * t).astype(np.float32)
        assert int(np.argmax(bands_db(tone))) == band


any_number = st.one_of(st.none(), st.floats(width=32))


@given(st.lists(st.floats(), max_size=BANDS), any_number, any_number, any_number)
def test_no_window_breaks_it(
    bands: list[float], p: float | None, level: float | None, bpf: float | None
) -> None:
    kept = LastMinute({"mic"})
    kept.note([HeardWindow("mic", 1.0, 1.0, p, level, bpf, bands_db=tuple(bands))])
    (shown,) = msgspec.json.decode(msgspec.json.encode(kept.heard("mic")))["windows"]
    assert all(-127 <= level <= 0 for level in shown.get("bands", ()))


def test_a_microphone_costs_fifteen_kilobytes() -> None:
    kept = LastMinute({"mic"})
    kept.note([window(0.5 * k) for k in range(300)])
    rows = kept._rows["mic"]
    size = sys.getsizeof(rows) + sum(sys.getsizeof(row) for row in rows)
    print(f"{size} bytes a microphone")
    assert size <= 15_000


def test_only_the_screen_that_asked_is_told() -> None:
    async def look() -> tuple[list[bytes], list[bytes]]:
        hub = Hub(SiteView("dam", sensors=(Sensor("mic", "acoustic", 0, 0),)))
        hub.tell_hearing([window(1.0)])
        asked, other = hub.follow(None, "mic"), hub.follow(None)
        seen: tuple[list[bytes], list[bytes]] = [], []
        for _ in range(3):
            seen[0].append(await anext(asked))
        for _ in range(2):
            seen[1].append(await anext(other))
        hub.tell_hearing([window(1.5), window(1.5, sensor="stranger")])
        seen[0].append(await anext(asked))
        seen[1].append(await anext(other))
        assert hub.stream.seq == 0, "it is news for one screen, not a numbered envelope"
        return seen

    asked, other = asyncio.run(look())
    assert b"event: snapshot" in asked[1]
    assert b"event: hearing" in asked[2]
    news = asked[3].split(b"data: ")[1].split(b"\n")[0]
    assert [one["t"] for one in msgspec.json.decode(news)["windows"]] == [1.5]
    assert len(asked[3]) < 350, "bytes each half second"
    assert b"hearing" not in b"".join(other)
