"""The checker finds what the schema misses, and takes nothing from a stranger but text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.decode.cap.faults import MAX_BYTES, cap_faults

VECTORS = Path(__file__).parent.parent / "vectors" / "cap"
SAMPLE = (VECTORS / "3-all-clear.xml").read_text("utf-8")
FIRST_REFERENCE = "tocsin@dam.example,felou-20270115T080000-T7-1,2027-01-15T08:00:00-00:00"


def _faults(old: str, new: str) -> list[str]:
    assert old in SAMPLE, "the sample no longer holds what this test replaces"
    return cap_faults(SAMPLE.replace(old, new).encode())


def test_the_sample_is_sound() -> None:
    assert cap_faults(SAMPLE.encode()) == []


BY_SCHEMA = [
    ("<status>Actual</status>", "<status>Real</status>", "status"),
    ("<status>Actual</status>", "", "status"),
    ("02:00-00:00</sent>", "02:00Z</sent>", "sent"),
    ("<urgency>Past</urgency>", "", "urgency"),
    ("<scope>Public</scope>", "<scope>Public</scope><scope>Public</scope>", "scope"),
    ("2027-01-15T08:02:00-00:00</sent>", "2027-02-30T08:02:00-00:00</sent>", "sent"),
    ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1", "alert"),
]

BEYOND_SCHEMA = [
    ("14.340000,-11.360000 14.340000", "92.000000,-11.360000 14.340000", "polygon"),
    ("14.340000,-11.360000 14.340000", "14.340000,-181.000000 14.340000", "polygon"),
    ("14.340000,-11.360000 14.340000", "14.340000,nan 14.340000", "polygon"),
    ("14.340000,-11.360000 14.340000", "14.340000;-11.360000 14.340000", "polygon"),
    (" 14.340000,-11.360000</polygon>", "</polygon>", "polygon: the last corner"),
    ("14.370000,-11.330000 14.370000,-11.360000 ", "", "polygon: fewer than four"),
    ("14.340000,-11.330000 14.370000,-11.330000 14.370000,-11.360000",
     "14.340000,-11.360000 14.340000,-11.360000 14.340000,-11.360000", "different corners"),
    ("</polygon>", "</polygon><circle>14,-11</circle>", "circle"),
    ("</polygon>", "</polygon><circle>94,-11 5</circle>", "circle"),
    ("</polygon>", "</polygon><circle>14,-11 -5</circle>", "circle"),
    ("</polygon>", "</polygon><ceiling>300</ceiling>", "ceiling"),
    ("</polygon>", "</polygon><altitude>400</altitude><ceiling>300</ceiling>", "ceiling"),
    ("T7-3</identifier>", "T7 3</identifier>", "identifier"),
    ("T7-3</identifier>", "T7,3</identifier>", "identifier"),
    ("T7-3</identifier>", "T7&lt;3</identifier>", "identifier"),
    ("<sender>tocsin@dam.example", "<sender>", "sender"),
    ("<scope>Public</scope>", "<scope>Restricted</scope>", "restriction"),
    ("<scope>Public</scope>", "<scope>Public</scope><restriction>x</restriction>", "restriction"),
    ("<scope>Public</scope>", "<scope>Private</scope>", "addresses"),
    ("<status>Actual</status>", "<status>Exercise</status>", "note"),
    (FIRST_REFERENCE + " ", "tocsin@dam.example,,2027-01-15T08:00:00-00:00 ", "references"),
    (FIRST_REFERENCE + " ", "tocsin@dam.example,x,yesterday ", "references"),
    (FIRST_REFERENCE + " ", "tocsin@dam.example,x,2027-01-15T08:00:00 ", "references"),
    (FIRST_REFERENCE + " ", FIRST_REFERENCE + " " + FIRST_REFERENCE + " ", "twice"),
    (FIRST_REFERENCE + " ", "a,b,2027-01-15T08:02:01-00:00 ", "later"),
    ("T7-1,2027", "T7-3,2027", "refers to itself"),
    ("08:32:00-00:00</expires>", "08:02:00-00:00</expires>", "expires before it is sent"),
    ("<language>en", "<language>fr", "second block"),
    ("<language>en", "<language>FR", "second block"),
    ("<event>Drone</event>", "<event> </event>", "event"),
    ("<expires>", "<effective>2027-01-15T09:00:00-00:00</effective><expires>", "in effect"),
    ("<expires>", "<onset>2027-01-15T09:00:00-00:00</onset><expires>", "onset"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "word"), BY_SCHEMA + BEYOND_SCHEMA)
def test_each_fault_is_found_and_named(old: str, new: str, word: str) -> None:
    faults = _faults(old, new)
    assert any(word in fault for fault in faults), faults


def test_an_update_without_references_is_a_fault() -> None:
    start, end = SAMPLE.index("<references>"), SAMPLE.index("</references>") + len("</references>")
    without = SAMPLE[:start] + SAMPLE[end:]
    assert any("references" in fault for fault in cap_faults(without.encode()))
    as_alert = without.replace("<msgType>Update", "<msgType>Alert")
    assert cap_faults(as_alert.encode()) == []


def test_several_faults_are_all_told() -> None:
    bad = SAMPLE.replace("14.340000,-11.360000 14.340000", "92,-11 14.340000")
    bad = bad.replace("T7-3</identifier>", "T7 3</identifier>")
    assert len(cap_faults(bad.encode())) >= 3


def test_a_signature_does_not_disturb() -> None:
    signed = SAMPLE.replace(
        "</alert>",
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature></alert>',
    )
    assert cap_faults(signed.encode()) == []


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE alert [<!ENTITY x "y">]>',
        '<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/evil.dtd">',
        '<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_document_types_and_entities_are_refused(prologue: str) -> None:
    head, _, rest = SAMPLE.partition("?>")
    hostile = f"{head}?>{prologue}{rest}".replace("<event>Drone", "<event>&x;&b;")
    faults = cap_faults(hostile.encode())
    assert faults != []
    assert all("root:" not in fault for fault in faults)


def test_a_billion_laughs_end_quickly() -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE alert [<!ENTITY l0 "ha">{levels}]><alert>&l11;</alert>'
    assert cap_faults(bomb.encode()) != []
    attribute = f'<!DOCTYPE alert [<!ENTITY l0 "ha">{levels}]><alert a="&l11;"/>'
    assert cap_faults(attribute.encode()) != []


def test_what_is_too_long_is_not_read() -> None:
    (fault,) = cap_faults(SAMPLE.encode() + b" " * MAX_BYTES)
    assert "not read" in fault


@pytest.mark.parametrize("junk", [b"", b"hello", b"<alert>", b"\xff\xfe\x00", b"<a/>"])
def test_what_is_not_cap_is_said_to_be_so(junk: bytes) -> None:
    assert cap_faults(junk) != []


@given(st.binary(max_size=200), st.integers(0, len(SAMPLE)))
def test_no_bytes_make_it_fail(noise: bytes, place: int) -> None:
    sample = SAMPLE.encode()
    cap_faults(noise)
    cap_faults(sample[:place] + noise + sample[place:])
