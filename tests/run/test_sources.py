"""`[[source]]`: what `tocsin check` says of each kind, the doors that become of them, and a site
that hears over MQTT, TCP and HTTP at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from tests.run.test_config import SOUND, write

from tocsin.listen.growing import FilesOfFolder
from tocsin.run.clock import MachineClock
from tocsin.run.config import load_config, read_config
from tocsin.run.reading import ReadingDesk, installed_decoders
from tocsin.run.source_settings import SOURCE_TABLES
from tocsin.run.sources import make_source, open_sources, source_health
from tocsin.words import SourceHealth

EACH = {
    "udp": 'group = "239.1.2.3"\nport = 8600\ninterface = "lo"',
    "tcp": "port = 8601",
    "sapient": "port = 8602",
    "tcp-client": 'host = "receiver"\nport = 30003',
    "mqtt": 'host = "broker"\ntopics = ["site/+/x", "y/#"]\nuser = "u"\npassword_file = "secret"',
    "serial": 'device = "/dev/ttyUSB0"\nbaud = 921600',
    "http": 'url = "http://127.0.0.1:1/data/aircraft.json"\ntoken_file = "secret"',
    "http-post": 'port = 8603\nformat = "ear-report"',
    "file": 'path = "growing.ndjson"',
    "wifi": 'interface = "wlan1"\nplan = [[6, 0.6], [149, 0.3]]',
    "bluetooth": "adapter = 1\ncoded = false",
}


def with_source(kind: str, settings: str) -> str:
    return f'{SOUND}\n[[source]]\nid = "s"\nkind = "{kind}"\n{settings}\n'


@pytest.mark.parametrize("kind", sorted(SOURCE_TABLES))
def test_every_kind_becomes_a_door(kind: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    config = load_config(write(tmp_path, with_source(kind, EACH[kind])))
    door = make_source(config.sources[0], config.folder, MachineClock())
    health = door.health()
    assert (health.source, health.kind, health.connected) == ("s", kind, False)


def test_a_folder_is_read_by_files(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    text = with_source("file", 'path = "drop"\nformat = "capture"')
    config = load_config(write(tmp_path, text))
    door = make_source(config.sources[0], config.folder, MachineClock())
    assert isinstance(door._antenna, FilesOfFolder)


@pytest.mark.parametrize(
    ("kind", "settings", "said", "remedy"),
    [
        ("udp", "", "the setting 'port' is missing", "add port"),
        ("upd", "port = 1", "there is no source kind 'upd'", "did you mean 'udp'"),
        ("udp", "port = 1\nbaud = 9600", "unknown setting", "known here: format, group"),
        ("udp", 'port = 1\ngroup = "10.0.0.1"', "is no multicast group", "224.0.0.0"),
        ("udp", 'port = 1\ninterface = "eth0"', "for multicast only", "add group"),
        ("tcp", 'port = 1\nformat = "capture"', "does not come in streams", "these do:"),
        ("tcp", 'port = 1\nformat = "x"', "there is no format 'x'", "known here:"),
        ("file", 'path = "x"\nformat = "capture"', "does not come in streams", "a folder of files"),
        ("mqtt", 'host = "b"\ntopics = ["a/#/b"]', "is no topic filter", "# for all"),
        ("mqtt", 'host = "b"\ntopics = ["a+"]', "is no topic filter", "+ stands for"),
        ("mqtt", 'host = "b"\ntopics = []', "length >= 1", "topics to subscribe to"),
        ("http-post", 'port = 1\nkey = "k"', "a key without", "add certificate"),
        (
            "mqtt",
            'host = "b"\ntopics = ["a"]\npassword_file = "p"',
            "there is no file 'p'",
            "paths",
        ),
        ("http", 'url = "ftp://x"', "expected str matching", "its address"),
        ("http", 'url = "http://me:s3cret@host/"', "expected str matching", "its address"),
        ("wifi", 'interface = "w"\nplan = [[6, 0]]', "> 0", "pairs of a channel"),
        ("bluetooth", "window_s = 60", "<= 10.24", "how long it listens"),
    ],
)
def test_faults_are_told_with_line_and_remedy(
    tmp_path: Path, kind: str, settings: str, said: str, remedy: str
) -> None:
    text = with_source(kind, settings)
    config, faults = read_config(write(tmp_path, text))
    assert config is None
    found = [str(fault) for fault in faults]
    assert any(said in one and remedy in one for one in found), found
    begins = text.count("\n", 0, text.index("[[source]]")) + 1
    assert all(fault.line is not None and fault.line >= begins for fault in faults)
    assert "s3cret" not in "".join(found)


LINE = {
    "kind": "radar", "position": {"lat": 15.0, "lon": -13.0, "alt_m": 90.0},
    "sigma": {"horizontal_m": 10.0, "alt_m": 20.0},
}  # fmt: skip


def line(sensor: str, t: float) -> bytes:
    return json.dumps({"t": t, "sensor": sensor, **LINE}).encode()


@asynccontextmanager
async def web_page(body: bytes) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()


@asynccontextmanager
async def caller(body: bytes) -> AsyncIterator[int]:
    writers: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        writer.write(body)
        await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    for writer in writers:
        writer.close()
        await writer.wait_closed()


def test_one_door_that_fails_stops_no_other_and_each_is_counted(tmp_path: Path) -> None:
    now = time.time()
    (tmp_path / "log").write_bytes(b"")

    async def run() -> dict[str, SourceHealth]:
        async with AsyncExitStack() as stack:
            page = await stack.enter_async_context(web_page(line("web", now) + b"\nnonsense\n"))
            call = await stack.enter_async_context(caller(line("radar", now - 60) + b"\n"))
            text = (
                SOUND
                + f"""
[[source]]
id = "page"
kind = "http"
url = "http://127.0.0.1:{page}/x"

[[source]]
id = "call"
kind = "tcp-client"
host = "127.0.0.1"
port = {call}

[[source]]
id = "dead"
kind = "tcp-client"
host = "127.0.0.1"
port = 1

[[source]]
id = "log"
kind = "file"
path = "log"
"""
            )
            config = load_config(write(tmp_path, text))
            sources = await open_sources(config, MachineClock())
            desk = ReadingDesk(installed_decoders())
            async with asyncio.timeout(20):
                while sum(s.health().seen for s in sources) < 3 or not sources[2].health().why:
                    await asyncio.sleep(0.01)
            desk.read([frame for source in sources for frame in source.drain()], now + 1)
            told = {one.source: one for one in source_health(sources, desk)}
            for source in sources:
                await source.close()
            return told

    told = asyncio.run(run())
    page, call, dead, log = (told[name] for name in ("page", "call", "dead", "log"))
    assert (page.seen, page.decoded, page.refused, page.late) == (2, 1, {"line-json": 1}, 0)
    assert (call.seen, call.decoded, call.late) == (1, 1, 1)
    assert (dead.connected, dead.seen) == (False, 0)
    assert dead.why
    assert log.connected
