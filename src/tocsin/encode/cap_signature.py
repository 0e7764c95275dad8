"""Signs a CAP message, so that a receiver can tell that it is ours and that nobody changed it.

Standard   XML Signature 1.1 (W3C, 2013), enveloped, as CAP 1.2 wants it (clause 3.3.2.1)
Uses       ECDSA with P-256 and SHA-256; exclusive canonicalisation 1.0; one reference, to the
           whole document; our certificate and those between it and its authority in `X509Data`
White      spaces between elements are taken out before signing: some validators (WMO's among
           them) do so before they verify
Ours only  a message that somebody else sent is never signed here
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner

from tocsin.encode.cap import NAMESPACE
from tocsin.errors import SigningError

SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"


class SigningPair(msgspec.Struct, frozen=True):
    """A private key and the certificate that says whose it is, then the certificates above it."""

    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def subject(self) -> str:
        """Whose it is."""
        return self.chain[0].subject.rfc4514_string()

    @property
    def from_t(self) -> float:
        """Since when it holds, Unix seconds."""
        return self.chain[0].not_valid_before_utc.timestamp()

    @property
    def until_t(self) -> float:
        """Until when the first of the certificates ends."""
        return min(one.not_valid_after_utc.timestamp() for one in self.chain)


def read_pair(key_pem: bytes, certificate_pem: bytes) -> SigningPair:
    """The pair of two PEM files. Raises SigningError, which never shows what a file holds."""
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        remedy = "an unencrypted PEM key: openssl ecparam -name prime256v1 -genkey -noout"
        raise SigningError("the key cannot be read", remedy=remedy) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise SigningError("the key is not on the curve P-256", remedy="make another: see the docs")
    try:
        chain = tuple(x509.load_pem_x509_certificates(certificate_pem))
    except ValueError:
        raise SigningError("the certificate cannot be read", remedy="PEM, ours first") from None
    if chain[0].public_key() != key.public_key():
        remedy = "the file of the certificate begins with ours"
        raise SigningError("the key does not belong to the certificate", remedy=remedy)
    return SigningPair(key, chain)


def check_time(pair: SigningPair, now: float) -> None:
    """Raises SigningError where receivers would refuse the certificate because of its dates."""
    if now > pair.until_t:
        ended = datetime.fromtimestamp(pair.until_t, UTC).date()
        raise SigningError(f"the certificate ended on {ended}", remedy="put a new one in its place")
    if now < pair.from_t:
        begins = datetime.fromtimestamp(pair.from_t, UTC).date()
        raise SigningError(f"the certificate begins on {begins}", remedy="look at the clock")


def says(xml: bytes) -> tuple[str, bool]:
    """The sender of a message, and whether it bears a signature. Raises SigningError."""
    root = _parse(xml)
    signed = root.find(f".//{{{SIGNATURE_NAMESPACE}}}Signature") is not None
    return root.findtext(f"{{{NAMESPACE}}}sender", ""), signed


def sign_cap(xml: bytes, pair: SigningPair) -> bytes:
    """The message with its signature. Raises SigningError."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    chain: Sequence[x509.Certificate] = pair.chain
    try:
        signed = signer.sign(_parse(xml), key=pair.key, cert=list(chain))
    except (SignXMLException, etree.LxmlError, ValueError) as error:
        raise SigningError(f"the message cannot be signed: {error}") from error
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def _parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise SigningError(f"the message is not XML: {error.msg}") from None
