"""What we sign others verify: three validators that share no code with our signing but libxml2."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from msgspec.structs import replace
from tests.certificates import Identity
from tests.shared import VECTORS
from tests.xml_validators import java_verdicts, needs_java, needs_xmlsec1, xmlsec1_accepts

from tocsin.encode.cap_signature import (
    SIGNATURE_NAMESPACE,
    SigningPair,
    check_time,
    read_pair,
    says,
    sign_cap,
)
from tocsin.errors import SigningError

MESSAGES = sorted((VECTORS / "cap").glob("[1-6]-*.xml"))
DS = f"{{{SIGNATURE_NAMESPACE}}}"


@pytest.fixture(scope="module")
def authority() -> Identity:
    return Identity("Test authority", ca=True)


@pytest.fixture(scope="module")
def signer(authority: Identity) -> Identity:
    return Identity("warnings.dam.example", authority)


@pytest.fixture(scope="module")
def pair(authority: Identity, signer: Identity) -> SigningPair:
    return read_pair(signer.key_pem, signer.pem)


@pytest.fixture
def signed(tmp_path: Path, pair: SigningPair) -> list[Path]:
    """Every message of our vectors, signed."""
    files = []
    for message in MESSAGES:
        files.append(tmp_path / message.name)
        files[-1].write_bytes(sign_cap(message.read_bytes(), pair))
    return files


@pytest.fixture
def ca_file(tmp_path: Path, authority: Identity) -> Path:
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.pem)
    return file


def _broken(file: Path) -> Path:
    text = file.read_text("utf-8")
    other = file.with_name(f"broken-{file.name}")
    other.write_text(text.replace("Félou", "Gouina"))
    return other


def test_there_is_something_to_sign() -> None:
    assert len(MESSAGES) == 6


@needs_xmlsec1
def test_xmlsec1_accepts_what_we_sign_and_nothing_else(signed: list[Path], ca_file: Path) -> None:
    assert [xmlsec1_accepts(file, ca_file) for file in signed] == [True] * 6
    assert not any(xmlsec1_accepts(_broken(file), ca_file) for file in signed)


@needs_java
def test_the_jdk_accepts_what_we_sign_and_nothing_else(signed: list[Path], ca_file: Path) -> None:
    verdicts = java_verdicts([*signed, *map(_broken, signed)], ca_file)
    assert verdicts == ["valid"] * 6 + ["invalid: digest"] * 6


def test_wmo_s_validator_accepts_what_we_sign_and_nothing_else(signed: list[Path]) -> None:
    capvalidator = pytest.importorskip("capvalidator.validate")
    for file in signed:
        judge = capvalidator.Validator(file.read_bytes())
        assert judge.schema()[0], file.name
        assert judge.signature()[0], file.name
        judge = capvalidator.Validator(_broken(file).read_bytes())
        assert judge.schema()[0]
        assert not judge.signature()[0]


def test_certificates_above_ours_are_shown(authority: Identity) -> None:
    middle = Identity("Test middle", authority, ca=True)
    below = Identity("warnings.dam.example", middle)
    pair = read_pair(below.key_pem, below.pem + middle.pem)
    root = etree.fromstring(sign_cap(MESSAGES[0].read_bytes(), pair))
    assert len(root.findall(f".//{DS}X509Certificate")) == 2
    assert pair.subject == "CN=warnings.dam.example"


def test_the_signature_is_the_one_of_the_standard(pair: SigningPair) -> None:
    root = etree.fromstring(sign_cap(MESSAGES[1].read_bytes(), pair))
    (signature,) = root.findall(f"{DS}Signature")
    algorithms = [e.get("Algorithm") for e in signature.iter() if e.get("Algorithm")]
    assert algorithms == [
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ]
    (reference,) = signature.findall(f".//{DS}Reference")
    assert reference.get("URI") == ""


def test_signing_changes_no_word(pair: SigningPair) -> None:
    for message in MESSAGES:
        before = etree.fromstring(message.read_bytes())
        after = etree.fromstring(sign_cap(message.read_bytes(), pair))
        after.remove(after[-1])
        told = [[(e.tag, (e.text or "").strip()) for e in r.iter()] for r in (before, after)]
        assert told[0] == told[1]
        assert says(message.read_bytes()) == ("tocsin@dam.example", False)
        assert says(sign_cap(message.read_bytes(), pair))[1]


def test_pairs_that_cannot_be_used_are_named(authority: Identity, signer: Identity) -> None:
    other = Identity("other", authority)
    old_curve = Identity("curve", authority, key=ec.generate_private_key(ec.SECP384R1()))
    no_curve = Identity("rsa", authority, key=rsa.generate_private_key(65537, 2048))
    for key, certificate, words in (
        (b"hello", signer.pem, "key cannot be read"),
        (signer.key_pem, b"hello", "certificate cannot be read"),
        (signer.key_pem, other.pem, "does not belong"),
        (old_curve.key_pem, old_curve.pem, "P-256"),
        (no_curve.key_pem, no_curve.pem, "P-256"),
    ):
        with pytest.raises(SigningError, match=words) as told:
            read_pair(key, certificate)
        assert "PRIVATE" not in str(told.value)


def test_dates_outside_the_certificate_s_are_refused(pair: SigningPair) -> None:
    check_time(pair, pair.until_t - 1)
    for t, word in ((pair.until_t + 1, "ended"), (pair.from_t - 1, "begins")):
        with pytest.raises(SigningError, match=word):
            check_time(pair, t)


def test_a_pair_ends_with_the_first_of_its_certificates(authority: Identity) -> None:
    middle = Identity("Test middle", authority, ca=True, until_days=10)
    below = Identity("x", middle, until_days=100)
    pair = read_pair(below.key_pem, below.pem + middle.pem)
    assert pair.until_t == middle.certificate.not_valid_after_utc.timestamp()
    assert replace(pair, chain=pair.chain[:1]).until_t > pair.until_t
