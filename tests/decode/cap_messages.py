"""Messages of a made-up civil protection, signed as a real one would: what the attacks start from.

Signing here is signxml's, with everything in the caller's hand; it shares no code with ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner
from tests.certificates import Identity

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SENDER = "alertes@protection-civile.example"

AUTHORITY = Identity("National authority", ca=True, now=NOW)
SIGNER = Identity("protection-civile.example", AUTHORITY, now=NOW, server=True)

INFO = """<info>
<language>{language}</language>
<category>Security</category>
<category>Safety</category>
<event>{event}</event>
<responseType>Shelter</responseType>
<urgency>Immediate</urgency>
<severity>Extreme</severity>
<certainty>Observed</certainty>
<audience>General Public</audience>
<eventCode><valueName>OET:v1.2</valueName><value>OET-020</value></eventCode>
<effective>{sent}</effective>
<onset>{sent}</onset>
<expires>{expires}</expires>
<senderName>{name}</senderName>
<headline>{headline}</headline>
<description>Drones seen over the river.</description>
<instruction>{instruction}</instruction>
<web>https://protection-civile.example/1</web>
<contact>+223 00 00 00 00</contact>
<parameter><valueName>layer</valueName><value>1</value></parameter>
<resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>1234</size>\
<uri>https://protection-civile.example/1.png</uri></resource>
<area>
<areaDesc>Kayes</areaDesc>
<polygon>14.30,-11.40 14.30,-11.30 14.40,-11.30 14.40,-11.40 14.30,-11.40</polygon>
<circle>14.45,-11.44 12.5</circle>
<geocode><valueName>ISO3166-2</valueName><value>ML-1</value></geocode>
</area>
</info>
"""

ALERT = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>{identifier}</identifier>
<sender>{sender}</sender>
<sent>{sent}</sent>
<status>Actual</status>
<msgType>{kind}</msgType>
<scope>Public</scope>
{references}{infos}</alert>
"""


def cap_time(minutes: float = 0.0) -> str:
    """A time, minutes from NOW, as CAP writes it."""
    return (NOW + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def reference(identifier: str, minutes: float = 0.0, sender: str = SENDER) -> str:
    """sender,identifier,sent."""
    return f"{sender},{identifier},{cap_time(minutes)}"


def message(
    identifier: str = "pc-1",
    kind: str = "Alert",
    *,
    minutes: float = 0.0,
    until: float = 60.0,
    about: Sequence[str] = (),
    sender: str = SENDER,
) -> str:
    """A sound message in French and English, sent `minutes` from NOW."""
    times = {"sent": cap_time(minutes), "expires": cap_time(until)}
    infos = INFO.format(
        language="fr-FR", event="Drone", name="Protection civile", **times,
        headline="Drones armés près de Kayes", instruction="Mettez-vous à l’abri.",
    ) + INFO.format(
        language="en-GB", event="Drone", name="Civil Protection", **times,
        headline="Armed drones near Kayes", instruction="Take cover.",
    )  # fmt: skip
    references = f"<references>{' '.join(about)}</references>\n" if about else ""
    return ALERT.format(
        identifier=identifier, sender=sender, sent=times["sent"], kind=kind,
        references=references, infos=infos,
    )  # fmt: skip


def sign(
    xml: str | bytes,
    signer: Identity = SIGNER,
    *above: Identity,
    method: SignatureMethod | None = None,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    canonical: CanonicalizationMethod = (CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0),
    uri: str | None = None,
) -> bytes:
    """The message with an enveloped signature."""
    root = etree.fromstring(xml.encode() if isinstance(xml, str) else xml)
    curve = isinstance(signer.key, ec.EllipticCurvePrivateKey)
    usual = SignatureMethod.ECDSA_SHA256 if curve else SignatureMethod.RSA_SHA256
    tool = XMLSigner(
        signature_algorithm=method or usual, digest_algorithm=digest, c14n_algorithm=canonical
    )
    chain = [one.certificate for one in (signer, *above)]
    signed = tool.sign(root, key=signer.key, cert=chain, reference_uri=uri)
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
