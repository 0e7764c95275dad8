"""The seal never stands in the way: whatever happens to its key, people are told."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.certificates import Identity
from tests.shared import VECTORS
from tests.warn.conftest import HandClock, Relay

from tocsin.encode.cap_signature import says
from tocsin.warn.cap_seal import CapSeal
from tocsin.warn.registry import make_channel
from tocsin.words import Alert

XML = (VECTORS / "cap" / "2-alarm.xml").read_bytes()
SENDER = "tocsin@dam.example"
AUTHORITY = Identity("Test authority", ca=True)
NOW = datetime.now(UTC).timestamp()
DAY_S = 86_400.0


def make_seal(folder: Path, *, withhold: bool = False, until_days: float = 365.0) -> CapSeal:
    identity = Identity("warnings.dam.example", AUTHORITY, until_days=until_days)
    key, certificate = identity.write(folder, "cap")
    return CapSeal(SENDER, key, certificate, HandClock(NOW), withhold=withhold)


def certificate_of(xml: bytes) -> bytes:
    start, end = xml.index(b"<ds:X509Certificate>"), xml.index(b"</ds:X509Certificate>")
    return xml[start:end]


def test_all_who_ask_get_the_same_bytes(tmp_path: Path) -> None:
    async def run() -> None:
        seal = make_seal(tmp_path)
        first, second = await asyncio.gather(seal.sign(XML), seal.sign(XML))
        assert first.signed
        assert first.xml == second.xml == (await seal.sign(XML)).xml
        assert says(first.xml) == (SENDER, True)
        assert first.why is None

    asyncio.run(run())


def test_what_others_said_is_handed_on_untouched(tmp_path: Path) -> None:
    async def run() -> None:
        seal = make_seal(tmp_path)
        foreign = XML.replace(SENDER.encode(), b"civil@protection.example")
        assert await seal.sign(foreign) == (await seal.sign(foreign))
        assert (await seal.sign(foreign)).xml == foreign
        assert not (await seal.sign(foreign)).signed
        signed = (await seal.sign(XML)).xml
        assert (await seal.sign(signed)).xml == signed

    asyncio.run(run())


@pytest.mark.parametrize("withhold", [False, True])
def test_a_key_that_is_lost_or_open_to_others_is_not_used(tmp_path: Path, withhold: bool) -> None:
    async def run() -> None:
        seal = make_seal(tmp_path, withhold=withhold)
        key = tmp_path / "cap.key"
        key.chmod(0o640)
        assert "others" in str(seal.health().why)
        sealed = await seal.sign(XML)
        assert not sealed.signed
        assert sealed.xml == (b"" if withhold else XML)
        assert "others on this machine" in str(sealed.why)
        key.chmod(0o600)
        assert (await seal.sign(XML)).signed, "mended, it is used at once"
        key.chmod(0o604)
        assert not (await seal.sign(XML.replace(b"T7", b"T8"))).signed, "nor what was read before"

    asyncio.run(run())


def test_there_is_no_key_at_all(tmp_path: Path) -> None:
    async def run() -> None:
        seal = CapSeal(SENDER, tmp_path / "no.key", tmp_path / "no.pem", HandClock(NOW))
        sealed = await seal.sign(XML)
        assert (sealed.xml, sealed.signed) == (XML, False)
        assert sealed.why == seal.health().why
        assert "no.key" in str(sealed.why)

    asyncio.run(run())


def test_a_new_pair_is_used_as_soon_as_both_files_are_there(tmp_path: Path) -> None:
    async def run() -> None:
        seal = make_seal(tmp_path)
        old = certificate_of((await seal.sign(XML)).xml)
        fresh = Identity("warnings.dam.example", AUTHORITY, until_days=500)
        (tmp_path / "new.key").touch(mode=0o600)
        (tmp_path / "new.key").write_bytes(fresh.key_pem)
        (tmp_path / "new.key").replace(tmp_path / "cap.key")
        between = await seal.sign(XML.replace(b"T7", b"T8"))
        assert certificate_of(between.xml) == old, "half a change changes nothing"
        assert "does not belong" in str(seal.health().why)
        (tmp_path / "cap.pem").write_bytes(fresh.pem)
        after = await seal.sign(XML.replace(b"T7", b"T9"))
        assert after.signed
        assert certificate_of(after.xml) != old
        assert seal.health().why is None

    asyncio.run(run())


def test_an_ended_certificate_signs_nothing_and_its_end_is_foretold(tmp_path: Path) -> None:
    async def run() -> None:
        clock = HandClock(NOW)
        now = datetime.fromtimestamp(NOW, UTC)
        identity = Identity("warnings.dam.example", AUTHORITY, until_days=40.5, now=now)
        key, certificate = identity.write(tmp_path, "cap")
        seal = CapSeal(SENDER, key, certificate, clock)
        assert seal.health().days_left(clock.now()) is None
        later = HandClock(NOW + 15 * DAY_S)
        assert seal.health().days_left(later.now()) == 25
        ended = CapSeal(SENDER, key, certificate, HandClock(NOW + 41 * DAY_S))
        sealed = await ended.sign(XML)
        assert not sealed.signed
        assert "ended" in str(sealed.why)

    asyncio.run(run())


def test_a_disk_that_hangs_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is a pipe that nobody writes into: reading it never ends."""

    async def run() -> None:
        identity = Identity("warnings.dam.example", AUTHORITY)
        _, certificate = identity.write(tmp_path, "cap")
        pipe = tmp_path / "pipe.key"
        os.mkfifo(pipe, 0o600)
        monkeypatch.setattr("tocsin.warn.cap_seal.SIGN_WITHIN_S", 0.1)
        seal = CapSeal(SENDER, pipe, certificate, HandClock(NOW))
        sealed = await seal.sign(XML)
        assert (sealed.xml, sealed.signed) == (XML, False)
        assert "within" in str(sealed.why)
        with pipe.open("wb"):  # let the thread go
            pass

    asyncio.run(run())


def test_a_folder_gets_signed_messages_and_a_siren_is_untouched(
    tmp_path: Path, alarm: Alert, relay: Relay
) -> None:
    async def run() -> None:
        clock = HandClock(NOW)
        seal = make_seal(tmp_path)
        folder = make_channel("f", "cap-folder", {"folder": str(tmp_path / "out")}, clock, seal)
        hook = make_channel("h", "webhook", {"url": relay.url}, clock, seal)
        siren = make_channel("s", "siren-command", {"command": ["true"]}, clock, seal)
        for post in (folder, hook, siren):
            assert (await post.channel.deliver(alarm, {}, XML)).delivered
            assert (await post.channel.self_test()).channel == post.channel.name
            await post.channel.close()
        (file,) = (tmp_path / "out").iterdir()
        assert says(file.read_bytes()) == (SENDER, True)
        assert b"ds:Signature" in relay.calls[0][2]
        assert type(siren.channel).__name__ == "SirenCommand"

    asyncio.run(run())


def test_what_is_withheld_fails_where_it_would_be_published_and_rings_elsewhere(
    tmp_path: Path, alarm: Alert, relay: Relay
) -> None:
    async def run() -> None:
        clock = HandClock(NOW)
        seal = make_seal(tmp_path, withhold=True)
        (tmp_path / "cap.key").unlink()
        folder = make_channel("f", "cap-folder", {"folder": str(tmp_path / "out")}, clock, seal)
        hook = make_channel("h", "webhook", {"url": relay.url}, clock, seal)
        told = await folder.channel.deliver(alarm, {}, XML)
        assert not told.delivered
        assert "withheld" in str(told.detail)
        assert (await hook.channel.deliver(alarm, {}, XML)).delivered
        assert b"cap_xml" not in relay.calls[0][2]
        for post in (folder, hook):
            await post.channel.close()

    asyncio.run(run())
