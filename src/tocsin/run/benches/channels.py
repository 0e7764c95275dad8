"""From alert to receipt, by channel: with a sound peer, a slow, a lying and a dead one."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time

from tocsin.encode.speech import wordings
from tocsin.run.benches import Figure
from tocsin.run.benches.channel_peers import NEEDS, PEERS, Mood
from tocsin.run.clock import MachineClock
from tocsin.warn.registry import make_channel
from tocsin.words import Alert, Reason, Zone

_MOODS: dict[Mood, int] = {"sound": 200, "slow": 10, "lying": 10, "dead": 10}
"""How many alerts are told to a peer of each mood."""

_SLOW_KINDS = frozenset({"voice"})  # a second or more each: a tenth as many are told
_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
_ZONE = Zone("dam", {"fr": "le barrage"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), languages=("fr",))


async def tell(kind: str, mood: Mood, count: int) -> tuple[list[float], int]:
    """(seconds from alert to receipt, how many receipts say delivered)."""
    clock = MachineClock()
    took_s, delivered = [], 0
    async with PEERS[kind](mood) as table:
        channel = make_channel("bench", kind, {"kind": kind, **table}, clock).channel
        try:
            for number in range(count):
                alert = Alert(
                    t=clock.now(),
                    alert=f"dam-{number}",
                    zone="dam",
                    track="T1",
                    level="alarm",
                    kind="new",
                    reasons=(),
                    because=(Reason("inside"),),
                    public=True,
                )
                texts = wordings(alert, _ZONE)
                began_s = time.perf_counter()
                receipt = await channel.deliver(alert, texts, b"")
                took_s.append(time.perf_counter() - began_s)
                delivered += receipt.delivered
        finally:
            await channel.close()
    return sorted(took_s), delivered


def measure() -> list[Figure]:
    """Each kind whose peer can run here; takes about five minutes."""
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    figures = []
    for kind in PEERS:
        if kind in NEEDS and shutil.which(NEEDS[kind], path=_PATH) is None:
            continue
        for mood, count in _MOODS.items():
            told = max(5, count // 10) if kind in _SLOW_KINDS else count
            took_s, delivered = asyncio.run(tell(kind, mood, told))
            note = f"{told} alerts, {delivered} receipts say delivered"
            for share, name in ((0.5, "p50"), (0.99, "p99")):
                value = took_s[min(len(took_s) - 1, int(share * len(took_s)))] * 1000.0
                what = f"{kind}, peer {mood}: alert to receipt, {name}"
                figures.append(Figure("channels", what, value, "ms", note=note))
    return figures
