"""Who signed a CAP message, and what exactly: only that may be read.

Standard   XML Signature 1.1, enveloped (CAP 1.2, clause 3.3.2.1); X.509 (RFC 5280)
Accepts    one signature, a child of the root, with one reference, to the whole document; ECDSA with
           a NIST curve or RSA of 2,048 bits and more, SHA-256 and more; canonical XML 1.0, 1.1 and
           exclusive, without comments; a certificate that the site pinned, or one whose authority
           it named, that holds now and may sign
Refuses    everything else, by a named rule; wrapping above all: a signature over a part of the
           document says nothing of the rest
Spaces     a message that was indented after it was signed (WMO's samples) is tried once more
           without the spaces between elements, which mean nothing; only what was signed is read
Leaves out revocation lists: a site need not be on line; take the anchor out instead
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from datetime import UTC, datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidSignature, SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from tocsin.decode.cap.faults import parse_cap
from tocsin.errors import Refused

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = DS + "enveloped-signature"
CANONICAL = frozenset(
    {
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    }
)
METHODS = frozenset(
    {
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
LEAST_RSA_BITS = 2048
MOST_CERTIFICATES = 6
_MAY_BE_SPACES = ("digest-mismatch", "signature-mismatch")
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


class Trust(msgspec.Struct, frozen=True):
    """Whom a site trusts to speak for an authority: the certificates themselves (`signers`), or
    those that issue them (`authorities`), then with one of `names`, where there are any."""

    signers: tuple[x509.Certificate, ...] = ()
    authorities: tuple[x509.Certificate, ...] = ()
    names: tuple[str, ...] = ()


class Vouched(msgspec.Struct, frozen=True):
    """What was signed, without the signature, and by whom."""

    root: etree._Element
    signed_by: str


def is_signed(root: etree._Element) -> bool:
    """Whether there is any signature in it, sound or not."""
    return next(root.iter(f"{{{DS}}}Signature"), None) is not None


def verify(xml: bytes, trust: Trust, now: float) -> Vouched:
    """What of a message may be believed at the time `now`. Raises Refused."""
    root = parse_cap(xml)
    signature = _the_signature(root)
    _check_form(signature)
    chain = _certificates(signature)
    _check_certificate(chain, trust, now)
    try:
        result = _check_bytes(root, chain[0], now)
    except Refused as refused:
        if refused.rule not in _MAY_BE_SPACES:
            raise
        result = _without_spaces(xml, chain[0], now, refused)
    if result.signed_xml is None or result.signed_xml.tag != root.tag:
        raise Refused("wrapped", "what was signed is not the message")
    return Vouched(result.signed_xml, name_of(chain[0]))


def name_of(certificate: x509.Certificate) -> str:
    """What people call the holder: the common name, else the whole subject."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()


def _the_signature(root: etree._Element) -> etree._Element:
    found = list(root.iter(f"{{{DS}}}Signature"))
    if not found:
        raise Refused("unsigned", "bears no signature")
    if len(found) > 1:
        raise Refused("signature-count", f"bears {len(found)} signatures; one is verified")
    if found[0].getparent() is not root:
        raise Refused("signature-place", "the signature is not a child of the alert itself")
    return found[0]


def _check_form(signature: etree._Element) -> None:
    """Everything about it that can be judged without a key."""
    info = signature.find(_ds("SignedInfo"))
    if info is None or signature.find(_ds("Object")) is not None:
        raise Refused("signature-form", "is no enveloped signature")
    references = info.findall(_ds("Reference"))
    if len(references) != 1:
        raise Refused("signature-reference", f"{len(references)} things are signed, not one")
    if references[0].get("URI") != "":
        what = f"{references[0].get('URI')!r} is signed and not the whole message"
        raise Refused("signature-reference", what)
    transforms = [_algorithm(one) for one in references[0].iter(_ds("Transform"))]
    if transforms[:1] != [ENVELOPED] or len(transforms) > 2 or set(transforms[1:]) - CANONICAL:
        raise Refused("signature-transform", f"signed after {', '.join(transforms) or 'nothing'}")
    if _algorithm(info.find(_ds("CanonicalizationMethod"))) not in CANONICAL:
        raise Refused("signature-canonical", "canonicalised in a way that is not accepted")
    _check_algorithms(info, references[0])


def _check_algorithms(info: etree._Element, reference: etree._Element) -> None:
    method, digest = info.find(_ds("SignatureMethod")), reference.find(_ds("DigestMethod"))
    if _algorithm(method) not in {one.value for one in METHODS}:
        what = f"{_algorithm(method) or 'nothing'} is not accepted"
        raise Refused("signature-algorithm", what)
    if _algorithm(digest) not in {one.value for one in DIGESTS}:
        raise Refused("digest-algorithm", f"{_algorithm(digest) or 'nothing'} is not accepted")


def _certificates(signature: etree._Element) -> list[x509.Certificate]:
    """Those that it shows, the signer's first."""
    shown = list(signature.iterfind(f"{_ds('KeyInfo')}/{_ds('X509Data')}/{_ds('X509Certificate')}"))
    if not shown:
        raise Refused("certificate-missing", "shows no certificate")
    if len(shown) > MOST_CERTIFICATES:
        raise Refused("certificate-count", f"shows {len(shown)} certificates")
    try:
        return [
            x509.load_der_x509_certificate(b64decode("".join((one.text or "").split())))
            for one in shown
        ]
    except (ValueError, binascii.Error):
        raise Refused("certificate-unreadable", "shows what is no certificate") from None


def _check_certificate(chain: list[x509.Certificate], trust: Trust, now: float) -> None:
    signer = chain[0]
    when = datetime.fromtimestamp(now, UTC)
    if when > signer.not_valid_after_utc:
        raise Refused("certificate-expired", f"ended on {signer.not_valid_after_utc.date()}")
    if when < signer.not_valid_before_utc:
        raise Refused("certificate-early", f"begins on {signer.not_valid_before_utc.date()}")
    _check_key(signer)
    if signer in trust.signers:
        return
    _check_usage(signer)
    _check_path(chain, trust, when)
    if trust.names and not set(trust.names) & _names(signer):
        raise Refused("certificate-name", f"{name_of(signer)} is not one of those who may sign")


def _check_key(signer: x509.Certificate) -> None:
    try:
        key = signer.public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("key-kind", "a key of a kind that is not accepted") from None
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_RSA_BITS:
            raise Refused("key-weak", f"an RSA key of {key.key_size} bits")
    elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
        raise Refused("key-kind", "a key of a kind that is not accepted")


def _check_usage(signer: x509.Certificate) -> None:
    """An authority's own certificate issues others and signs no messages."""
    try:
        if signer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise Refused("certificate-purpose", "the certificate is an authority's own")
    except x509.ExtensionNotFound:
        pass
    try:
        usage = signer.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        raise Refused("certificate-purpose", "does not say that it may sign") from None
    if not usage.digital_signature:
        raise Refused("certificate-purpose", "the certificate may not sign")


def _check_path(chain: list[x509.Certificate], trust: Trust, when: datetime) -> None:
    if not trust.authorities:
        raise Refused("certificate-untrusted", f"nobody here trusts {name_of(chain[0])}")
    below = ExtensionPolicy.permit_all().require_present(
        x509.KeyUsage, Criticality.AGNOSTIC, _may_sign
    )
    builder = PolicyBuilder().store(Store(list(trust.authorities))).time(when)
    policies = builder.extension_policies(
        ee_policy=below, ca_policy=ExtensionPolicy.webpki_defaults_ca()
    )
    try:
        policies.build_client_verifier().verify(chain[0], chain[1:])
    except VerificationError as error:
        what = f"{name_of(chain[0])}: {error}".replace("\n", " ")
        raise Refused("certificate-untrusted", what[:300]) from None


def _may_sign(_policy: Policy, _signer: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature:
        raise ValueError("may not sign")


def _names(signer: x509.Certificate) -> set[str]:
    """All names that its issuer vouches for."""
    subject = [str(one.value) for one in signer.subject]
    try:
        other = signer.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set(subject)
    return {
        *subject,
        *other.get_values_for_type(x509.DNSName),
        *other.get_values_for_type(x509.RFC822Name),
        *other.get_values_for_type(x509.UniformResourceIdentifier),
    }


def _without_spaces(
    xml: bytes, signer: x509.Certificate, now: float, first: Refused
) -> VerifyResult:
    """The verdict on the message as it was before somebody indented it; else the first one."""
    try:
        return _check_bytes(parse_cap(xml, blanks=False), signer, now)
    except Refused as refused:
        raise (refused if refused.rule == "digest-mismatch" else first) from None


def _check_bytes(root: etree._Element, signer: x509.Certificate, now: float) -> VerifyResult:
    """The library's own verdict. Raises Refused."""
    wanted = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=METHODS,
        digest_algorithms=DIGESTS,
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    try:
        result = XMLVerifier().verify(root, x509_cert=signer, expect_config=wanted)
    except InvalidDigest:
        raise Refused("digest-mismatch", "it was changed after it was signed") from None
    except InvalidSignature:
        what = "the signature was not made with the certificate's key"
        raise Refused("signature-mismatch", what) from None
    except (SignXMLException, etree.LxmlError, ValueError, KeyError, TypeError) as error:
        raise Refused("signature-form", f"cannot be verified: {error}"[:300]) from None
    assert isinstance(result, VerifyResult)  # one reference gives one result
    return result


def _algorithm(element: etree._Element | None) -> str:
    return "" if element is None else (element.get("Algorithm") or "")


def _ds(name: str) -> str:
    return f"{{{DS}}}{name}"
