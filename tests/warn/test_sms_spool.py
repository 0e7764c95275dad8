"""Text messages by a real smsd and a simulated modem, and by a spool that nobody empties."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.modem import SMSD, Modem, Smsd, deliver_pdu
from tests.warn.plain import plain

from tocsin.ports import Channel
from tocsin.warn.registry import channel_faults, make_channel
from tocsin.words import Alert, Receipt

ONE, TWO = "+22370000001", "+22370000002"
needs_smsd = pytest.mark.skipif(SMSD is None, reason="smstools is not installed")


class WallClock:
    def now(self) -> float:
        return time.time()

    async def sleep_until(self, t: float) -> None:
        await asyncio.sleep(max(t - time.time(), 0.0))


def _channel(spool: Path, timeout_s: float = 30.0, **more: object) -> Channel:
    settings = {"to": [ONE, f"{TWO} ar"], "spool": str(spool), "timeout_s": timeout_s, **more}
    return make_channel("sms", "sms-spool", settings, WallClock()).channel


def _tell(channel: Channel, *alerts: Alert, short: str = "Alerte {1} é €") -> list[Receipt]:
    async def run() -> list[Receipt]:
        texts = {"fr": plain(short), "ar": plain("إنذار " * 15)}
        return [await channel.deliver(alert, texts, b"") for alert in alerts]

    return asyncio.run(run())


@pytest.fixture
def modem() -> Iterator[Modem]:
    made = Modem()
    yield made
    made.close()


@pytest.fixture
def smsd(tmp_path: Path, modem: Modem) -> Iterator[Smsd]:
    made = Smsd(tmp_path, modem)
    yield made
    made.stop()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """One that nobody empties."""
    for name in ("outgoing", "sent", "failed", "checked"):
        (tmp_path / name).mkdir()
    return tmp_path


@needs_smsd
def test_smsd_sends_each_person_their_language_in_the_alphabet_it_needs(
    smsd: Smsd, modem: Modem, alarm: Alert
) -> None:
    (receipt,) = _tell(_channel(smsd.spool), alarm)
    assert receipt.delivered
    assert receipt.detail == "2 of 2 sent by the modem"
    french = [sms for sms in modem.sent if sms.number == ONE[1:]]
    arabic = sorted((sms for sms in modem.sent if sms.number == TWO[1:]), key=lambda sms: sms.part)
    assert [sms.text for sms in french] == ["Alerte {1} é €"]
    assert "".join(sms.text for sms in arabic).strip() == ("إنذار " * 15).strip()
    assert len(arabic) == 2
    assert {sms.valid for sms in modem.sent} == {11}  # TS 23.040, 9.2.3.12.1: (11 + 1) * 5 min


@needs_smsd
def test_a_repeat_sends_nothing_again_and_neither_does_a_site_that_was_killed(
    smsd: Smsd, modem: Modem, alarm: Alert
) -> None:
    _tell(_channel(smsd.spool), alarm, alarm)
    _tell(_channel(smsd.spool), alarm)
    assert len(modem.sent) == 3  # one, and two parts


@needs_smsd
def test_the_telephone_confirms_and_a_modem_that_lies_is_found_out(
    smsd: Smsd, modem: Modem, alarm: Alert
) -> None:
    (honest,) = _tell(_channel(smsd.spool, confirm=True), alarm)
    assert honest.delivered
    assert honest.detail == "2 of 2 sent by the modem; 2 confirmed by the receiver"
    modem.silent = True
    (lied,) = _tell(_channel(smsd.spool, 8.0, confirm=True), replace(alarm, sequence=2))
    assert not lied.delivered
    assert "recipient 1: sent by the modem; the telephone has not confirmed it" in str(lied.detail)


@needs_smsd
def test_a_network_that_refuses_is_a_failure_and_is_tried_again(
    smsd: Smsd, modem: Modem, alarm: Alert
) -> None:
    modem.refuses = True
    channel = _channel(smsd.spool)
    (failed,) = _tell(channel, alarm)
    assert not failed.delivered
    assert "the modem could not send it" in str(failed.detail)
    assert modem.sent == []
    modem.refuses = False
    assert _tell(channel, alarm)[0].delivered


@needs_smsd
def test_the_self_test_finds_smsd_alive_and_sends_nothing(smsd: Smsd, modem: Modem) -> None:
    receipt = asyncio.run(_channel(smsd.spool).self_test())
    assert receipt.delivered, receipt.detail
    assert modem.sent == []


@needs_smsd
def test_smsd_puts_what_comes_in_where_a_source_can_read_it(smsd: Smsd, modem: Modem) -> None:
    modem.receive(deliver_pdu("22370000009", "D N 2"))
    for _ in range(200):
        files = list((smsd.spool / "incoming").iterdir())
        if files and b"\n\n" in files[0].read_bytes():
            break
        time.sleep(0.05)
    head, _, body = files[0].read_bytes().partition(b"\n\n")
    assert b"From: 22370000009" in head
    assert body.decode("utf-16-be") == "D N 2"


def test_a_dead_smsd_is_found_by_the_self_test_and_by_an_alarm(spool: Path, alarm: Alert) -> None:
    channel = _channel(spool, 0.6)
    tested = asyncio.run(channel.self_test())
    assert not tested.delivered
    assert "smsd took nothing" in str(tested.detail)
    assert list((spool / "outgoing").iterdir()) == []
    (told,) = _tell(channel, alarm)
    assert not told.delivered
    assert "waits in the spool" in str(told.detail)


def test_what_waits_is_withdrawn_when_a_newer_statement_comes(spool: Path, alarm: Alert) -> None:
    channel = _channel(spool, 0.5)
    _tell(channel, alarm)
    old = set((spool / "outgoing").iterdir())
    _tell(channel, replace(alarm, sequence=2))
    new = set((spool / "outgoing").iterdir())
    assert len(old) == len(new) == 2
    assert not old & new


def test_no_number_is_in_a_receipt_or_a_fault(spool: Path, alarm: Alert, tmp_path: Path) -> None:
    (told,) = _tell(_channel(spool, 0.5), alarm)
    assert ONE[1:] not in str(told)
    people = tmp_path / "people"
    people.write_text(f"{ONE} fr # the mayor\n70000002\n")
    table = {"to_file": str(people), "spool": str(spool)}
    people.chmod(0o644)
    (open_to_all,) = channel_faults("sms", "sms-spool", table)
    assert "can be read by others" in open_to_all.what
    people.chmod(0o600)
    (wrong,) = channel_faults("sms", "sms-spool", table)
    assert "recipient 2" in wrong.what
    assert "70000002" not in str(wrong)


def test_a_spool_without_its_folders_is_a_fault(tmp_path: Path) -> None:
    faults = channel_faults("sms", "sms-spool", {"to": [ONE], "spool": str(tmp_path)})
    assert [fault.key for fault in faults] == ["channels.sms.spool"] * 3
