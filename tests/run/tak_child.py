"""Run beside a TAK server, in its own network: our peer tells, a second client writes down.

usage: tak_child.py FOLDER. Leaves FOLDER/heard.bin, what the second client was sent, and
FOLDER/health.json, how our peer was.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import msgspec
from tests.run.tak_news import alarm, all_clear, gone, tracks, zone

from tocsin.encode.cot_news import Speaker, speaker_key
from tocsin.run.cot import CotServer
from tocsin.share.stream import StreamPeer

PORT = 8087
LISTENER = (
    '<event version="2.0" uid="second-client" type="a-f-G-U-C" how="m-g" time="{t}" start="{t}"'
    ' stale="{stale}"><point lat="0.0" lon="0.0" hae="0.0" ce="9999999.0" le="9999999.0"/><detail>'
    '<takv version="1" platform="test" device="test" os="1"/><contact callsign="SECOND"'
    ' endpoint="*:-1:stcp"/><uid Droid="SECOND"/><__group name="Cyan" role="Team Member"/>'
    '<status battery="99"/><track course="0.0" speed="0.0"/></detail></event>'
)


def iso(t: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(t))


async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(120):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", PORT)
            except OSError:
                await asyncio.sleep(0.5)


async def main(folder: Path) -> None:
    reader, writer = await connect()
    now = time.time()
    writer.write(LISTENER.format(t=iso(now), stale=iso(now + 600)).encode())
    await asyncio.sleep(3)
    heard = bytearray()

    async def listen() -> None:
        while data := await reader.read(65_536):
            heard.extend(data)

    listening = asyncio.create_task(listen())
    talk = CotServer(Speaker("Clinic", speaker_key("Clinic")), [zone()], time.time)
    peer = StreamPeer("tak", talk, "127.0.0.1", PORT, time.time)
    running = asyncio.create_task(peer.run())
    await asyncio.sleep(25)
    t = round(time.time(), 3)
    for news in (
        lambda: (tracks(t), [alarm(t)]),
        lambda: ([], [all_clear(t)]),
        lambda: (gone(t), []),
    ):
        peer.tell(t, *news())
        await asyncio.sleep(3)
    await asyncio.sleep(3)
    (folder / "heard.bin").write_bytes(heard)
    health = json.loads(msgspec.json.encode(peer.health()))
    (folder / "health.json").write_text(json.dumps({"t": t, **health}))
    for task in (running, listening):
        task.cancel()
    writer.close()


asyncio.run(main(Path(sys.argv[1])))
