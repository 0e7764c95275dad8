"""Each hostile message is refused by the rule that is meant for it, and by no accident."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree
from tests.decode.cap_attacks import SIGNED, Attack, attacks
from tests.decode.cap_messages import AUTHORITY, NOW, SENDER, SIGNER, message, reference, sign
from tests.xml_validators import java_verdicts, needs_java, needs_xmlsec1, xmlsec1_accepts

import tocsin.decode.cap as room
from tocsin.decode.cap import Ledger, Policy, Trust, read_notice
from tocsin.decode.cap.faults import MANNERS
from tocsin.errors import Refused

ATTACKS = attacks()
SOURCES = Path(str(room.__file__)).parent
MANUAL = Path(__file__).parents[2] / "docs" / "reference" / "cap-authorities.md"
TRUST = Trust(authorities=(AUTHORITY.certificate,), names=("protection-civile.example",))
NOW_T = NOW.timestamp()


def receive(ledger: Ledger, xml: bytes, *, unsigned: bool = False, now: float = NOW_T) -> bool:
    """As a site does: read, then admit."""
    policy = Policy("pc", TRUST, senders=(SENDER,), unsigned=unsigned)
    return ledger.admit(read_notice(xml, policy, now), now)


def carelessly(xml: bytes) -> list[str]:
    """What a reader without any check would make of it: a name and what to do."""
    root = etree.fromstring(xml, etree.XMLParser(huge_tree=True, resolve_entities=True))
    wanted = ("identifier", "sender", "msgType")
    return [str(e.tag) for e in root.iter() if etree.QName(e).localname in wanted]


def test_there_are_more_than_a_hundred_that_a_careless_reader_would_read() -> None:
    assert len([a for a in ATTACKS if a.parses]) >= 150
    (most,) = [n for _, n in Counter(a.name for a in ATTACKS).most_common(1)]
    assert most == 1, "every attack has a name of its own"
    assert len({(a.xml, a.before, a.later_s, a.unsigned) for a in ATTACKS}) == len(ATTACKS)


def test_the_message_they_start_from_is_accepted() -> None:
    assert receive(Ledger(), SIGNED)
    assert receive(Ledger(), message().encode(), unsigned=True)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda a: a.name)
def test_each_is_refused_by_its_rule(attack: Attack) -> None:
    ledger = Ledger()
    for xml in attack.before:
        receive(ledger, xml, now=NOW_T)
    with pytest.raises(Refused) as refused:
        receive(ledger, attack.xml, unsigned=attack.unsigned, now=NOW_T + attack.later_s)
    assert refused.value.rule == attack.rule, str(refused.value)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.parses], ids=lambda a: a.name)
def test_each_would_be_read_if_nobody_checked(attack: Attack) -> None:
    assert len(carelessly(attack.xml)) >= 2


def _rules_of_the_source() -> set[str]:
    found: set[str] = set()
    for file in SOURCES.glob("*.py"):
        if file.name != "feed.py":
            found |= set(re.findall(r'(?:Refused|CapFault)\(\s*"([a-z-]+)"', file.read_text()))
    return found | {"identifier", "sender"}  # CapFault(name, …) of two elements


def test_every_rule_has_an_attack_and_a_line_in_the_manual() -> None:
    tried = {a.rule for a in ATTACKS}
    assert _rules_of_the_source() - MANNERS - tried == {"wrapped"}, "a rule that nothing tries"
    # that one is a second bolt: what would come to it is refused before
    told = set(re.findall(r"^\| `([a-z-]+)`", MANUAL.read_text("utf-8"), re.MULTILINE))
    assert tried - told == set()
    assert told <= _rules_of_the_source() | MANNERS


@needs_xmlsec1
def test_xmlsec1_refuses_the_forged_ones_too(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(AUTHORITY.pem)
    sound = tmp_path / "sound.xml"
    sound.write_bytes(SIGNED)
    assert xmlsec1_accepts(sound, ca, NOW)
    for attack in ATTACKS:
        if attack.forged:
            sound.write_bytes(attack.xml)
            assert not xmlsec1_accepts(sound, ca, NOW), attack.name


@needs_java
def test_the_jdk_refuses_the_forged_ones_too(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(AUTHORITY.pem)
    files = [tmp_path / "sound.xml"]
    files[0].write_bytes(SIGNED)
    forged = [attack for attack in ATTACKS if attack.forged]
    for attack in forged:
        files.append(tmp_path / f"{attack.name}.xml")
        files[-1].write_bytes(attack.xml)
    verdicts = java_verdicts(files, ca, NOW)
    assert verdicts[0] == "valid"
    let_through = [a.name for a, v in zip(forged, verdicts[1:], strict=True) if v == "valid"]
    assert let_through == []


def test_the_same_message_again_is_no_news() -> None:
    ledger = Ledger()
    assert receive(ledger, SIGNED)
    assert not receive(ledger, SIGNED)
    assert not receive(ledger, sign(message())), "nor with another signature of the same words"


def test_an_update_and_a_cancellation_take_the_place_of_what_they_name() -> None:
    ledger = Ledger()
    receive(ledger, SIGNED)
    receive(ledger, sign(message("pc-2", "Update", minutes=1, about=[reference("pc-1")])))
    assert [one.alert.identifier for one in ledger.standing(NOW_T)] == ["pc-2"]
    latest = ledger.latest((SENDER, "pc-1"))
    assert latest is not None
    assert latest.alert.identifier == "pc-2"
    about = [reference("pc-1"), reference("pc-2", 1)]
    receive(ledger, sign(message("pc-3", "Cancel", minutes=2, about=about)))
    assert ledger.standing(NOW_T) == []
    latest = ledger.latest((SENDER, "pc-1"))
    assert latest is not None
    assert latest.alert.kind == "Cancel"


def test_what_has_ended_no_longer_stands() -> None:
    ledger = Ledger()
    receive(ledger, SIGNED)
    assert len(ledger.standing(NOW_T + 3599)) == 1
    assert ledger.standing(NOW_T + 3600) == []


def test_a_ledger_that_is_told_again_is_the_same() -> None:
    ledger, again = Ledger(), Ledger()
    policy = Policy("pc", TRUST, senders=(SENDER,))
    cancel = sign(message("pc-3", "Cancel", minutes=2, about=[reference("pc-1")]))
    for xml in (SIGNED, sign(message("pc-2")), cancel):
        notice = read_notice(xml, policy, NOW_T)
        ledger.admit(notice, NOW_T)
        again.enter(notice)
    assert again.standing(NOW_T) == ledger.standing(NOW_T)
    with pytest.raises(Refused, match="name was received before"):
        receive(again, sign(message().replace("Armed", "No")))


def test_a_pinned_certificate_needs_no_authority() -> None:
    policy = Policy("pc", Trust(signers=(SIGNER.certificate,)))
    assert read_notice(SIGNED, policy, NOW_T).signed_by == "protection-civile.example"
