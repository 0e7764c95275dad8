"""Opens a house to people: doors, road and pages in one event loop, until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterable, Callable, Sequence
from pathlib import Path

from tocsin.ports import Clock, Source
from tocsin.run.config import SiteConfig
from tocsin.run.live import LiveDoors
from tocsin.run.peers import open_peers
from tocsin.run.pipeline import House, watch_over
from tocsin.run.publishing import make_seal
from tocsin.run.site import Site, build_house
from tocsin.run.ticks import Tick
from tocsin.serve.app import make_app
from tocsin.serve.run import bind, serve
from tocsin.serve.shown import Mode
from tocsin.serve.token import first_run_token, read_token_hash
from tocsin.words import Reason

WILDCARDS = ("0.0.0.0", "::")  # noqa: S104  compared with, not bound to


class Opening:
    """One run of a house: where it listens, what it is told, and when it ends."""

    def __init__(
        self,
        config: SiteConfig,
        site: Site,
        data_dir: Path,
        *,
        mode: Mode,
        speed: float = 1.0,
        port: int | None = None,
    ) -> None:
        self._config, self._site, self._data_dir = config, site, data_dir
        self._mode, self._speed = mode, speed
        data_dir.mkdir(parents=True, exist_ok=True)
        self.token = first_run_token(data_dir)
        self._token_hash = read_token_hash(data_dir)
        host = config.serve.host
        self.listener: socket.socket = bind(host, config.serve.port if port is None else port)
        shown = "127.0.0.1" if host in WILDCARDS else host
        self.address = f"http://{shown}:{self.listener.getsockname()[1]}/"
        self._hosts = ["127.0.0.1", "localhost", "[::1]", shown]

    @property
    def link(self) -> str:
        """The address to open; with the token where it was made just now."""
        return self.address if self.token is None else f"{self.address}#token={self.token}"

    async def run(
        self,
        clock: Clock,
        ticks: Callable[[], AsyncIterable[Tick]],
        *,
        stay: bool,
        ready: Callable[[], None] = lambda: None,
        sources: Sequence[Source] = (),
    ) -> None:
        """Run until interrupted, or, unless it should `stay`, until the ticks end.

        `sources` are those whose health is shown. `ready` is called once the pages can be asked
        for, `ticks` right after it.
        """
        doors = LiveDoors(
            self._site,
            self._config,
            self._data_dir,
            clock,
            mode=self._mode,
            speed=self._speed,
            peers=open_peers(self._config.peers, self._config.folder, self._site, clock),
            sources=sources,
            seal=make_seal(self._config, clock),
        )
        house = build_house(self._site, doors.memory, doors.bell, doors.screens)
        if self._mode == "live":
            doors.remember(house)
        doors.listen_to_authorities(house)
        app = make_app(
            doors.hub,
            self._token_hash,
            hosts=self._hosts,
            sealed_read=doors.note_sealed_read,
            desk=doors.seat(house),
        )
        stop = _stop_on_signals()
        pages = asyncio.create_task(serve(app, doors.hub, self.listener), name="pages")
        ready()
        road = asyncio.create_task(_road(house, doors, ticks(), clock, stay=stay), name="road")
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait(
                {pages, road, stopped}, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done - {stopped}:
                task.result()  # a fault of the road or the pages is a fault of the house
        finally:
            for task in (road, stopped, pages):
                task.cancel()
            await asyncio.gather(road, stopped, pages, return_exceptions=True)
            await doors.close()


async def _road(
    house: House, doors: LiveDoors, ticks: AsyncIterable[Tick], clock: Clock, *, stay: bool
) -> None:
    """The road with an eye on the sensors; afterwards the pages may stay open."""
    eyes = [
        asyncio.create_task(doors.watch_health(house), name="health"),
        asyncio.create_task(doors.press.watch(), name="cap seal"),
        asyncio.create_task(doors.watch_authorities(), name="authorities"),
    ]
    try:
        await watch_over(house, ticks)
    finally:
        for eye in eyes:
            eye.cancel()
        await asyncio.gather(*eyes, return_exceptions=True)
    if stay:
        doors.hub.tell_note(clock.now(), Reason("recording-over"))
        await asyncio.Event().wait()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
