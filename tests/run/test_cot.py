"""TAK neighbours over real sockets: XML and protocol 1, TLS with certificates, datagrams; a server
that goes is found again."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.run.tak_news import alarm, all_clear, gone, tracks, zone

from tocsin.decode.cot import CotSplitter, read_cot
from tocsin.decode.tak import TakSplitter, read_tak
from tocsin.encode.cap import CapSender
from tocsin.encode.cot_news import Speaker, speaker_key
from tocsin.errors import ConfigError, Refused
from tocsin.run.clock import MachineClock
from tocsin.run.cot import CotServer, CotWire
from tocsin.run.peers import open_peers
from tocsin.run.settings import PeerTable
from tocsin.run.site import Site
from tocsin.share.stream import StreamPeer
from tocsin.words.cot import CotEvent

T = 1795523522.118
SPEAKER = Speaker("Clinic", speaker_key("Clinic"))
SITE = Site("Clinic", ("en",), (), (zone(),), (), CapSender("a@b.invalid", "Clinic"))


def talk(kind: str, content: str) -> bytes:
    return (
        f'<event version="2.0" uid="nego" type="{kind}" how="m-g" time="2026-11-24T12:00:00Z"'
        ' start="2026-11-24T12:00:00Z" stale="2026-11-24T12:01:00Z"><point lat="0.0" lon="0.0"'
        ' hae="0.0" ce="999999" le="999999"/><detail><TakControl>'
        f"{content}</TakControl></detail></event>"
    ).encode()


OFFER = talk(
    "t-x-takp-v", '<TakProtocolSupport version="1"/><TakServerVersionInfo apiVersion="3"/>'
)
YES = talk("t-x-takp-r", '<TakResponse status="true"/>')
NO = talk("t-x-takp-r", '<TakResponse status="false"/>')


def kinds(messages: Sequence[bytes], *, tak: bool = False) -> list[str]:
    read = [read_tak(m) if tak else read_cot(m) for m in messages]
    return [event.type for event in read if event is not None]


def server(wire: str = "xml", now: float = T) -> CotServer:
    dialogue = CotServer(SPEAKER, [zone()], lambda: now, "tak1" if wire == "tak1" else "xml")
    dialogue.hello(now)
    return dialogue


def told(dialogue: CotServer, *news: Sequence[object]) -> list[bytes]:
    return [dialogue.worded(m) for _, m in dialogue.news(T, tracks(T), [alarm(T)])]


def test_xml_unless_we_want_more_and_the_server_offers_it() -> None:
    plain = server()
    assert plain.answer(OFFER, T) == []
    assert kinds(told(plain)) == ["b-a-g", "a-u-A-M-H-Q", "a-n-A-C-F"]
    keen = server("tak1")
    assert kinds(told(keen)) == ["b-a-g", "a-u-A-M-H-Q", "a-n-A-C-F"]
    assert keen.admitted()


def test_the_change_to_protocol_1() -> None:
    keen = server("tak1")
    (request,) = keen.answer(OFFER[:50], T) or keen.answer(OFFER[50:], T)
    asked = read_cot(request)
    assert (asked.type, asked.uid) == ("t-x-takp-q", "nego")
    assert '<TakRequest version="1"/>' in asked.more
    assert not keen.admitted()
    assert keen.answer(NO, T) == []
    assert keen.admitted()
    assert kinds(told(keen)) == ["b-a-g", "a-u-A-M-H-Q", "a-n-A-C-F"]
    keen.answer(OFFER, T)
    queued = keen.news(T, tracks(T), [])
    vector = Path(__file__).parents[1] / "vectors" / "cot" / "marker-stream.bin"
    keen.answer(YES + vector.read_bytes()[:30], T)
    keen.answer(vector.read_bytes()[30:], T)
    assert keen.refused.total() == 0
    assert keen.admitted()
    stream = b"".join([*(keen.worded(m) for _, m in queued), *keen.pulse(T)])
    splitter = TakSplitter()
    assert kinds(splitter.feed(stream), tak=True)[:2] == ["a-u-A-M-H-Q", "a-n-A-C-F"]
    assert splitter.dropped == 0
    assert kinds(keen.hello(T)) == ["a-u-G"], "the next connection begins in XML"


def test_a_server_that_never_agrees_or_falls_silent_is_given_up() -> None:
    now = [T]
    keen = CotServer(SPEAKER, [], lambda: now[0], "tak1")
    keen.hello(T)
    keen.answer(OFFER, T)
    now[0] += 61
    with pytest.raises(Refused):
        keen.admitted()
    quiet = server()
    assert quiet.pulse(T + 300), "it never answered a ping, so silence says nothing"
    quiet.answer(talk("t-x-c-t-r", ""), T)
    quiet.pulse(T + 59)
    with pytest.raises(Refused):
        quiet.pulse(T + 61)
    assert quiet.answer(b"rubbish</event>", T) == []
    assert quiet.refused == {"cot-xml": 1}


def test_what_stands_is_told_again_and_what_is_over_three_times() -> None:
    wire = CotWire(SPEAKER, [zone()])
    assert kinds(wire.pulse(T)) == ["u-d-f"]
    assert kinds([m for _, m in wire.news(T, [], [alarm(T)])]) == ["b-a-g"]
    assert kinds(wire.pulse(T + 20)) == ["b-a-g", "u-d-f"]
    assert kinds(wire.pulse(T + 40)) == ["b-a-g"]
    assert kinds([m for _, m in wire.news(T, [], [all_clear(T)])]) == ["b-a-o-can"]
    assert [kinds(wire.pulse(T + k)) for k in (60, 80, 100)] == [["b-a-o-can"], ["b-a-o-can"], []]
    watch = replace(alarm(T), alert="b", level="watch")
    assert wire.news(T, [], [watch, replace(watch, level="all-clear")]) == []


def test_a_track_that_ends_is_taken_off_and_one_nobody_saw_is_not() -> None:
    wire = CotWire(SPEAKER, [])
    assert wire.news(T, gone(T), []) == []
    keys = [key for key, _ in wire.news(T, tracks(T), [])]
    assert keys == ["track T1", "track T2"]
    ended = wire.news(T, gone(T), [])
    assert [key for key, _ in ended] == ["track T1"]
    assert kinds([m for _, m in ended]) == ["t-x-d-d"]
    assert wire.news(T, gone(T), []) == []
    tentative = [replace(tracks(T)[0], status="tentative")]
    assert wire.news(T, tentative, []) == []


async def next_event(reader: asyncio.StreamReader, splitter: CotSplitter) -> CotEvent:
    async with asyncio.timeout(10):
        while True:
            for message in splitter.feed(await reader.readuntil(b"</event>")):
                return read_cot(message)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates")
def test_a_server_that_goes_is_found_again_and_told_the_newest(tmp_path: Path) -> None:
    """Over TLS, both sides showing certificates; the server's names no host of ours."""
    for name in ("takserver", "tocsin"):
        certificate(tmp_path, name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "tocsin.pem")
    context.load_cert_chain(tmp_path / "takserver.pem", tmp_path / "takserver.key")
    context.verify_mode = ssl.CERT_REQUIRED

    async def run() -> list[str]:
        came: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        listening = await asyncio.start_server(
            lambda r, w: came.put_nowait((r, w)), "127.0.0.1", 0, ssl=context
        )
        port = listening.sockets[0].getsockname()[1]
        table = PeerTable(
            "tak", "cot-tls", "127.0.0.1", port, ca="takserver.pem", certificate="tocsin.pem",
            key="tocsin.key", tls_name="takserver",
        )  # fmt: skip
        (peer,) = open_peers([table], tmp_path, SITE, MachineClock())
        assert isinstance(peer, StreamPeer)
        peer.tell(T, tracks(T), [])
        running = asyncio.create_task(peer.run())
        said = []
        for turn in range(2):
            reader, writer = await came.get()
            subject = dict(pair[0] for pair in writer.get_extra_info("peercert")["subject"])
            assert subject["commonName"] == "tocsin"
            splitter = CotSplitter()
            said += [(await next_event(reader, splitter)).type for _ in range(3 - turn)]
            writer.transport.abort()
            peer.tell(T + 1, tracks(T + 1)[:1], [])
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        listening.close()
        return said

    assert asyncio.run(run())[:3] == ["a-u-G", "a-u-A-M-H-Q", "a-n-A-C-F"]


def test_tls_is_never_left_out_by_mistake(tmp_path: Path) -> None:
    table = PeerTable("tak", "cot-tls", "127.0.0.1", 8089)
    with pytest.raises(ConfigError):
        open_peers([table], tmp_path, SITE, MachineClock())


@pytest.mark.parametrize("protocol", ["xml", "tak1"])
@pytest.mark.parametrize("host", ["127.0.0.1", "239.2.3.1"])
def test_datagrams_to_one_and_to_a_group(host: str, protocol: str, tmp_path: Path) -> None:
    async def run() -> list[bytes]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
            ear.settimeout(5)
            ear.bind((host, 0))
            if host != "127.0.0.1":
                member = socket.inet_aton(host) + socket.inet_aton("127.0.0.1")
                ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            table = PeerTable(
                "tak", "cot-udp", host, ear.getsockname()[1], interface="127.0.0.1",
                protocol="tak1" if protocol == "tak1" else "xml",
            )  # fmt: skip
            (peer,) = open_peers([table], tmp_path, SITE, MachineClock())
            running = asyncio.create_task(peer.run())
            await asyncio.sleep(0.05)
            peer.tell(T, tracks(T), [])
            count = 4 if protocol == "tak1" else 3
            heard = [ear.recv(65_536) for _ in range(count)]
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert peer.health().connected
            return heard

    tak = protocol == "tak1"
    heard = asyncio.run(run())
    assert all(one.startswith(b"\xbf\x01\xbf") == tak for one in heard)
    assert kinds(heard, tak=tak) == ["u-d-f", "a-u-A-M-H-Q", "a-n-A-C-F"]


def certificate(folder: Path, name: str) -> None:
    """One that vouches for itself, with its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
         "-addext", f"subjectAltName=DNS:{name}", "-days", "2"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
