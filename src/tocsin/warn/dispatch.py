"""Carries every statement to every channel of its zone, at once, and says what became of it.

`tell` never waits. Each channel has its own worker, so a dead one delays no other. A statement that
failed is tried again with growing pauses until a newer statement of the same alert takes its
place, or `retry_s` is over; meanwhile statements of other alerts get their own first try. The
statements of one alert reach a channel in their order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from tocsin.encode.speech import marked_drill
from tocsin.ports import Clock
from tocsin.warn.registry import Post
from tocsin.warn.worker import ChannelWorker, Delivery
from tocsin.words import Alert, Attempt, ChannelHealth, Receipt, Wording

_CLOSE_S = 2.0

Former = Mapping[str, Sequence[tuple[Alert, float]]]
"""By channel, what a former run of Tocsin told last of each alert, and when."""


async def _note_nothing(attempt: Attempt) -> None:
    """For houses without a memory."""


class Dispatcher:
    """Made inside the running loop. `on_receipt` is called on it for every receipt; `note_attempt`
    returns when it is on record that a channel is about to tell something.

    A delivery that fails is told at its first failure and again when it is delivered, replaced or
    given up: `Receipt.attempts` counts.
    """

    def __init__(
        self,
        posts: Mapping[str, Post],
        *,
        on_receipt: Callable[[Receipt], None],
        clock: Clock,
        note_attempt: Callable[[Attempt], Awaitable[None]] = _note_nothing,
        former: Former | None = None,
    ) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._on_receipt = on_receipt
        self._workers = {
            name: ChannelWorker(
                post, clock, self._hand_on, note_attempt, (former or {}).get(name, ())
            )
            for name, post in posts.items()
        }

    def tell(
        self,
        alert: Alert,
        names: Sequence[str],
        texts: Mapping[str, Wording],
        cap_xml: bytes,
    ) -> tuple[str, ...]:
        """Queue the statement for these channels; the names of those that will be told.

        A drill is marked in every text, whoever wrote it. A name that is no channel gives a failed
        receipt.
        """
        marked = _marked(alert, texts)
        told = []
        for name in dict.fromkeys(names):
            worker = self._workers.get(name)
            if worker is None:
                self._hand_on(_no_such_channel(name, alert, self._clock.now()))
            elif worker.put(Delivery(alert, marked, cap_xml, self._clock.now())):
                told.append(name)
        return tuple(told)

    def tell_late(
        self,
        name: str,
        alert: Alert,
        texts: Mapping[str, Wording],
        cap_xml: bytes,
        begun_t: float | None,
    ) -> None:
        """Queue what a former run owed one channel. A warning too old to be tried is given up; an
        all-clear is always told. `begun_t`: it may have been told at that time, so ask first."""
        worker = self._workers.get(name)
        if worker is None:
            self._hand_on(_no_such_channel(name, alert, self._clock.now()))
            return
        marked = _marked(alert, texts)
        queued_t = self._clock.now() if alert.level == "all-clear" else alert.t
        worker.put_late(Delivery(alert, marked, cap_xml, queued_t, begun_t=begun_t))

    def health(self) -> tuple[ChannelHealth, ...]:
        """Every channel's backlog and last proof of life."""
        return tuple(worker.health() for worker in self._workers.values())

    async def self_test(self, name: str) -> Receipt:
        """Have one channel prove itself; `on_receipt` hears of it too. Raises KeyError."""
        return await self._workers[name].self_test()

    async def drain(self) -> None:
        """Return when nothing is queued, being tried, or waiting for another try."""
        await asyncio.gather(*(worker.idle.wait() for worker in self._workers.values()))

    async def close(self) -> None:
        """Give what is being tried two seconds, then let go of every channel."""
        await asyncio.gather(*(worker.close(_CLOSE_S) for worker in self._workers.values()))

    def _hand_on(self, receipt: Receipt) -> None:
        # through the loop: a fault in the listener must not stop a channel's worker
        self._loop.call_soon(self._on_receipt, receipt)


def _marked(alert: Alert, texts: Mapping[str, Wording]) -> dict[str, Wording]:
    """A drill says so, whoever wrote the words."""
    if not alert.drill:
        return dict(texts)
    return {language: marked_drill(told, language) for language, told in texts.items()}


def _no_such_channel(name: str, alert: Alert, now: float) -> Receipt:
    return Receipt(
        channel=name,
        alert=alert.alert,
        sequence=alert.sequence,
        level=alert.level,
        t_sent=round(now, 3),
        delivered=False,
        attempts=0,
        detail="there is no channel of this name",
    )
