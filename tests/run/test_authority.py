"""The desk for other people's warnings: a folder as its door, a journal as its memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.assess.test_relay import FAR, INSIDE
from tests.certificates import Identity
from tests.decode import cap_messages
from tests.decode.cap_messages import SENDER, message, reference, sign
from tests.run.test_config import SOUND, write

from tocsin.assess.ladder import Ladder
from tocsin.keep.journal import Journal
from tocsin.run.authority import AuthorityDesk
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.clock import MachineClock
from tocsin.run.config import read_config
from tocsin.run.memory import JournalMemory
from tocsin.run.scribe import Message
from tocsin.serve.authority import ShownAuthority, public_authorities
from tocsin.serve.hub import NOT_THERE
from tocsin.words import Order, Reason

ZONES = (replace(INSIDE, tell=("siren", "sms")), replace(FAR, tell=("siren",)))


class Told:
    """Whoever is told, and what."""

    def __init__(self) -> None:
        self.rung: list[Message] = []
        self.known: list[Message] = []
        self.orders: list[Order] = []
        self.published: list[Message] = []
        self.shown: tuple[ShownAuthority, ...] = ()

    def know(self, message: Message) -> None:
        self.known.append(message)

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:
        self.rung += messages
        self.orders += orders

    def publish(self, alert: str, sequence: int, message: Message) -> None:
        self.published.append(message)

    def show(self, t: float, shown: Sequence[ShownAuthority]) -> None:
        self.shown = tuple(shown)

    @property
    def levels(self) -> list[str]:
        return [one.alert.level for one in self.rung]


class Site:
    """A site's folder with its trust, its journal, and as many runs as are wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Identity("National authority", ca=True)
        self.signer = Identity("protection-civile.example", self.authority)
        (folder / "ca.pem").write_bytes(self.authority.pem)
        (folder / "in").mkdir()
        self.table = AuthorityTable(
            id="pc",
            folder="in",
            authorities=["ca.pem"],
            names=["protection-civile.example"],
            senders=[SENDER],
        )
        self.notes: list[Reason] = []

    def put(self, name: str, xml: str | bytes) -> None:
        signed = sign(xml, self.signer) if isinstance(xml, str) else xml
        (self.folder / "in" / name).write_bytes(signed)

    async def run(self, told: Told, *, looks: int = 3) -> AuthorityDesk:
        """A new run of the desk that has looked a few times."""
        memory = JournalMemory(self.folder / "journal.sqlite", self.notes.append)
        desk = AuthorityDesk(
            [self.table], self.folder, ZONES, Ladder(ZONES), MachineClock(), memory, told
        )
        desk.recall(self.folder / "journal.sqlite")
        self.memory = memory
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0.6 * looks)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return desk


@pytest.fixture(autouse=True)
def the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cap_messages, "NOW", datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_message_in_the_folder_is_shown_and_rings_nothing(site: Site) -> None:
    async def run() -> None:
        site.put("1.xml", message())
        told = Told()
        desk = await site.run(told)
        (shown,) = told.shown
        assert (shown.authority, shown.signed_by) == ("pc", "protection-civile.example")
        assert shown.may_relay
        assert told.rung == []
        (health,) = desk.health()
        assert (health.kind, health.seen, health.decoded) == ("authority", 1, 1)
        await site.memory.close()

    asyncio.run(run())


def test_a_press_tells_the_zones_it_touches_in_their_language(site: Site) -> None:
    async def run() -> None:
        site.put("1.xml", message())
        told = Told()
        desk = await site.run(told)
        assert await desk.relay("nothing", "ada") == NOT_THERE
        assert await desk.relay(told.shown[0].id, "ada") is None
        (said,) = told.rung
        assert (said.alert.zone, said.alert.level, said.alert.automatic) == (
            "inside", "alarm", False,
        )  # fmt: skip
        assert list(said.texts) == ["fr"]
        assert said.texts["fr"].headline == "Protection civile: Drones armés près de Kayes"
        assert said.cap.xml == (site.folder / "in" / "1.xml").read_bytes()
        assert (said.cap.identifier, said.cap.signed) == ("pc-1", True)
        assert told.published == told.known == [said]
        assert [one.channel for one in told.orders] == ["siren", "sms"]
        assert [one.zone for one in told.shown[0].relayed] == ["inside"]
        assert await desk.relay(told.shown[0].id, "ada") == "it is handed on already"
        await site.memory.close()

    asyncio.run(run())


def test_by_itself_once_also_across_runs_and_in_named_zones(site: Site) -> None:
    async def run() -> None:
        site.table = replace(site.table, relay="automatic", zones=["far", "inside"])
        site.put("1.xml", message())
        site.put("2.xml", message("pc-2").replace("Extreme", "Severe"))
        told = Told()
        await site.run(told)
        assert [(one.alert.zone, one.alert.level) for one in told.rung] == [
            ("far", "alarm"), ("inside", "alarm"),
        ]  # fmt: skip
        await site.memory.close()
        again = Told()
        desk = await site.run(again)
        assert again.rung == []
        assert len(desk.standing()) == 2
        assert desk.repeat(desk.standing()[0]) == told.rung[0]
        site.put("3.xml", message("pc-3", "Cancel", minutes=0.05, about=[reference("pc-1")]))
        await site.memory.close()
        last = Told()
        await site.run(last)
        assert [(one.alert.level, one.alert.kind) for one in last.rung] == [
            ("all-clear", "cancel")
        ] * 2
        assert [one.alert.sequence for one in last.rung] == [2, 2]
        assert b"<msgType>Cancel" in last.published[0].cap.xml
        await site.memory.close()

    asyncio.run(run())


def test_what_a_killed_run_had_received_and_not_handed_on_is_handed_on(site: Site) -> None:
    """As if the process had died between the journal and the bell."""

    async def run() -> None:
        site.put("1.xml", message())
        await site.run(Told())
        await site.memory.close()
        (site.folder / "in" / "1.xml").unlink()
        site.table = replace(site.table, relay="automatic")
        told = Told()
        await site.run(told)
        assert told.levels == ["alarm"]
        await site.memory.close()

    asyncio.run(run())


def test_an_update_and_the_end_follow_without_a_press(site: Site) -> None:
    async def run() -> None:
        site.put("1.xml", message())
        told = Told()
        desk = await site.run(told)
        assert await desk.relay(told.shown[0].id, "ada") is None
        await site.memory.close()
        less = message("pc-2", "Update", minutes=0.05, about=[reference("pc-1")], until=0.12)
        site.put("2.xml", less.replace("Extreme", "Severe"))
        later = Told()
        await site.run(later, looks=16)
        assert later.levels == ["warning", "all-clear"]
        ended = later.rung[-1]
        assert ended.texts["fr"].spoken == "L’avertissement de Protection civile a pris fin."
        assert ended.cap.xml == b""
        assert later.published == later.rung[:1]
        assert later.shown == ()
        await site.memory.close()

    asyncio.run(run())


def test_what_nobody_signed_is_shown_never_relayed_and_never_public(site: Site) -> None:
    async def run() -> None:
        site.table = replace(site.table, unsigned=True)
        site.put("1.xml", message().encode())
        told = Told()
        desk = await site.run(told)
        (shown,) = told.shown
        assert (shown.signed_by, shown.may_relay) == (None, False)
        assert await desk.relay(shown.id, "ada") == "nobody vouches for it"
        assert public_authorities(told.shown, MachineClock().now()) == ()
        await site.memory.close()

    asyncio.run(run())


def test_what_is_refused_is_counted_and_leaves_no_trace(site: Site) -> None:
    async def run() -> None:
        site.put("1.xml", b"hello")
        site.put("2.xml", message().encode())
        site.put("3.xml", sign(message(), Identity("x")))
        told = Told()
        desk = await site.run(told)
        (health,) = desk.health()
        assert health.refused == {"xml": 1, "unsigned": 1, "certificate-untrusted": 1}
        assert told.shown == ()
        await site.memory.close()
        with Journal(site.folder / "journal.sqlite") as journal:
            assert journal.head().seq == 0

    asyncio.run(run())


def test_where_the_site_wants_none_of_it_handed_on_no_press_does(site: Site) -> None:
    async def run() -> None:
        site.table = replace(site.table, relay="never")
        site.put("1.xml", message())
        told = Told()
        desk = await site.run(told)
        assert not told.shown[0].may_relay
        assert "hands nothing" in str(await desk.relay(told.shown[0].id, "ada"))
        await site.memory.close()

    asyncio.run(run())


AUTHORITY = """
[[authority]]
id = "pc"
url = "https://x.example/feed.xml"
signers = ["pc.pem"]
"""


def test_a_sound_authority_is_read(tmp_path: Path) -> None:
    file = write(tmp_path, SOUND + AUTHORITY)
    (tmp_path / "pc.pem").write_bytes(Identity("pc").pem)
    config, faults = read_config(file)
    assert faults == []
    assert config is not None
    assert config.authorities[0].relay == "ask"


@pytest.mark.parametrize(
    ("more", "key", "words"),
    [
        ('folder = "in"', "authority[1]", "no address, or two"),
        ('zones = ["moon"]', "authority[1].zones", "no zone 'moon'"),
        ('names = ["x"]', "authority[1].names", "nothing to be compared"),
        ('authorities = ["none.pem"]', "authority[1].authorities", "none.pem"),
        ('ca = "none.pem"', "authority[1].ca", "no file"),
        ('password_file = "pc.pem"', "authority[1]", "without a user"),
        ('relay = "automatic"', "authority[1].relay", "named senders"),
        ("interval_s = 0.1", "authority[1].interval_s", "1"),
        ('relay = "always"', "authority[1].relay", "always"),
        ("colour = 1", "authority[1].colour", "unknown"),
    ],
)
def test_each_fault_of_an_authority_is_named(
    tmp_path: Path, more: str, key: str, words: str
) -> None:
    file = write(tmp_path, f"{SOUND}{AUTHORITY}{more}\n")
    (tmp_path / "pc.pem").write_bytes(Identity("pc").pem)
    _, faults = read_config(file)
    assert any(fault.key == key and words in str(fault) for fault in faults), faults


def test_nobody_to_believe_and_a_spoilt_certificate_are_faults(tmp_path: Path) -> None:
    nobody = AUTHORITY.replace('signers = ["pc.pem"]', 'relay = "automatic"')
    _, faults = read_config(write(tmp_path, SOUND + nobody))
    assert any("nobody is believed" in str(fault) for fault in faults)
    assert any("never handed on" in str(fault) for fault in faults)
    (tmp_path / "pc.pem").write_text("hello")
    _, faults = read_config(write(tmp_path, SOUND + AUTHORITY))
    assert any(fault.key == "authority[1].signers" for fault in faults)
