"""Hostile and broken messages, each with the rule that must refuse it.

Every one starts from a message that is accepted (`cap_messages`) and has one thing done to it. The
signed ones are signed as an authority, or an attacker who has what the attack supposes, would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from tests.certificates import Identity
from tests.decode.cap_messages import AUTHORITY, NOW, cap_time, message, reference, sign

from tocsin.decode.cap.faults import MAX_BYTES
from tocsin.decode.cap.ledger import MOST_STANDING

DAY = timedelta(days=1).total_seconds()
SIGNED = sign(message())
TR = "http://www.w3.org/TR/1999/"
SCOPE = "<scope>Public</scope>"
NO_CERTIFICATE = b"<ds:X509Certificate>%s</ds:X509Certificate>"
INCLUDE = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/hostname"/>'


@dataclass(frozen=True)
class Attack:
    """`xml` arrives after those of `before`; `parses` says that a careless reader would read it."""

    name: str
    rule: str
    xml: bytes
    before: tuple[bytes, ...] = ()
    unsigned: bool = False
    later_s: float = 0.0
    parses: bool = True
    forged: bool = field(default=False)
    """The signature itself is wrong: validators that are not ours must refuse it too."""


def swap(xml: bytes, old: str, new: str, count: int = -1) -> bytes:
    """Replaced, and surely so."""
    assert old.encode() in xml, f"{old!r} is not in the message"
    return xml.replace(old.encode(), new.encode(), count)


def changed(old: str, new: str, count: int = -1) -> str:
    """The sound message with other words, before it is signed."""
    return swap(message().encode(), old, new, count).decode()


def _xml() -> list[Attack]:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    assert SIGNED.startswith(b"<?xml")
    body = SIGNED.partition(b"?>\n")[2]

    def with_type(document_type: str, old: str = "Kayes", new: str = "Kayes") -> bytes:
        return f"{head}{document_type}".encode() + swap(body, old, new)

    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 7))
    long = "x" * 20_000
    types = {
        "empty": ("<!DOCTYPE alert>", "Kayes", "Kayes"),
        "entity": ('<!DOCTYPE alert [<!ENTITY e "Extreme">]>', "Drones seen", "&e;"),
        "file": (
            '<!DOCTYPE alert [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
            "Drones seen",
            "&e;",
        ),
        "http": (
            '<!DOCTYPE alert [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
            "Drones seen",
            "x",
        ),
        "external-subset": ('<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">', "seen", "seen"),
        "public": ('<!DOCTYPE alert PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">', "seen", "seen"),
        "parameter-entity": (
            '<!DOCTYPE alert [<!ENTITY % p SYSTEM "file:///etc/hostname">]>',
            "seen",
            "seen",
        ),
        "billion-laughs": (
            f'<!DOCTYPE alert [<!ENTITY l0 "ha">{laughs}]>',
            "Drones seen",
            "ha",
        ),
        "quadratic": (f'<!DOCTYPE alert [<!ENTITY q "{long}">]>', "Drones seen", "&q;" * 20),
        "default-attribute": (
            '<!DOCTYPE alert [<!ATTLIST alert kind CDATA "x">]>',
            "seen",
            "seen",
        ),
        "notation": (
            '<!DOCTYPE alert [<!NOTATION n SYSTEM "http://127.0.0.1:9/n">]>',
            "seen",
            "seen",
        ),
    }
    found = [Attack(f"doctype-{n}", "document-type", with_type(*t)) for n, t in types.items()]
    found += [
        Attack("too-long", "size", sign(changed("Drones seen", "x" * MAX_BYTES))),
        Attack("too-long-by-spaces", "size", SIGNED + b" " * MAX_BYTES),
        Attack("cut-short", "xml", SIGNED[: len(SIGNED) // 2], parses=False),
        Attack("nothing", "xml", b"", parses=False),
        Attack("text", "xml", b"Take cover!", parses=False),
        Attack("nul", "xml", SIGNED.replace(b"Drones", b"Dro\0nes"), parses=False),
        Attack("wrong-encoding", "xml", SIGNED.replace(b"UTF-8", b"UTF-16"), parses=False),
        Attack("undeclared-entity", "xml", swap(SIGNED, "Drones seen", "&x;"), parses=False),
        Attack("two-roots", "xml", SIGNED + b"<alert/>", parses=False),
    ]
    return found


def _kinds() -> list[Attack]:
    cap = "urn:oasis:names:tc:emergency:cap:1.2"
    plain = message().partition("?>")[2]
    return [
        Attack("cap-1.1", "version", sign(changed("cap:1.2", "cap:1.1"))),
        Attack("cap-1.0", "version", sign(changed(cap, "http://www.incident.com/cap/1.0"))),
        Attack("no-namespace", "version", sign(changed(f' xmlns="{cap}"', ""))),
        Attack("cap-1.3", "version", sign(changed("cap:1.2", "cap:1.3"))),
        Attack("a-page", "not-cap", sign(f"<html><body>{plain}</body></html>")),
        Attack("a-feed", "not-cap", sign(f"<feed><entry>{plain}</entry></feed>")),
        Attack("edxl", "not-cap", sign(f"<EDXLDistribution>{plain}</EDXLDistribution>")),
    ]


ALTERED = [
    ("identifier", ">pc-1<", ">pc-2<"),
    ("sender", "alertes@", "pas@"),
    ("sent", f"<sent>{cap_time()}", f"<sent>{cap_time(-1)}"),
    ("status", "Actual", "Exercise"),
    ("kind", "<msgType>Alert", "<msgType>Cancel"),
    ("scope", "Public", "Restricted"),
    ("urgency", "Immediate", "Past"),
    ("severity", "Extreme", "Minor"),
    ("certainty", "Observed", "Unlikely"),
    ("response", "Shelter", "AllClear"),
    ("category", "<category>Security", "<category>Met"),
    ("event", "<event>Drone", "<event>Rain"),
    ("expires", cap_time(60), cap_time(600)),
    ("headline", "Armed drones", "No drones"),
    ("instruction", "Take cover.", "Go outside."),
    ("language", "en-GB", "fr-CA"),
    ("sender-name", "Civil Protection", "Tocsin"),
    ("polygon", "14.30,-11.40", "14.31,-11.40"),
    ("circle", "12.5</circle>", "12.6</circle>"),
    ("geocode", "ML-1", "ML-2"),
    ("area", "<areaDesc>Kayes", "<areaDesc>Bamako"),
    ("audience", "General Public", "Nobody"),
    ("web", "example/1</web>", "example/2</web>"),
    ("contact", "+223 00", "+223 01"),
    ("parameter", "<value>1</value>", "<value>2</value>"),
    ("digest-word", "Drones seen over", "Drones seen  over"),
    ("reference-added", "</scope>", "</scope><references>a,b,c</references>"),
    ("note-added", "</scope>", "</scope><note>ignore this</note>"),
    ("code-added", "</scope>", "</scope><code>x</code>"),
    ("attribute-added", "<info>", '<info xml:lang="fr">'),
    ("namespace-added", "<event>", '<event xmlns:x="urn:x" x:y="z">'),
    ("text-between", "<info>", "x<info>"),
]
"""One word of a signed message altered: every element is protected."""


def _altered() -> list[Attack]:
    found = [
        Attack(f"altered-{name}", "digest-mismatch", swap(SIGNED, old, new, 1), forged=True)
        for name, old, new in ALTERED
    ]
    start, end = SIGNED.index(b"<info>"), SIGNED.index(b"</info>") + len(b"</info>")
    first, second = SIGNED[start:end], SIGNED[end : SIGNED.index(b"</info>", end) + len(b"</info>")]
    found += [
        Attack("info-removed", "digest-mismatch", SIGNED.replace(first, b""), forged=True),
        Attack("info-twice", "digest-mismatch", SIGNED.replace(first, first * 2), forged=True),
        Attack(
            "infos-swapped",
            "digest-mismatch",
            SIGNED.replace(first + second, second + first),
            forged=True,
        ),
    ]
    value = SIGNED.index(b"<ds:SignatureValue>") + len(b"<ds:SignatureValue>")
    letter = b"B" if SIGNED[value] == ord("A") else b"A"
    other_value = SIGNED[:value] + letter + SIGNED[value + 1 :]
    mended = sign(changed("Armed drones", "No drones"))  # the attacker's digest, our signature
    forged_digest = _graft(mended, SIGNED, "SignatureValue")
    twin = Identity("protection-civile.example", AUTHORITY, now=NOW, server=True)
    found += [
        Attack("signature-value", "signature-mismatch", other_value, forged=True),
        Attack("digest-mended", "signature-mismatch", forged_digest, forged=True),
        Attack(
            "another-s-certificate",
            "signature-mismatch",
            _graft(SIGNED, sign(message(), twin), "X509Certificate"),
            forged=True,
        ),
        Attack(
            "replayed-signature",
            "signature-mismatch",
            _graft(sign(message("pc-9")), SIGNED, "SignatureValue"),
            forged=True,
        ),
    ]
    return found


def _graft(into: bytes, source: bytes, name: str) -> bytes:
    """One element of a signature put into another's."""
    tag = f"{{http://www.w3.org/2000/09/xmldsig#}}{name}"
    root, other = etree.fromstring(into), etree.fromstring(source)
    there, here = next(root.iter(tag)), next(other.iter(tag))
    there.text = here.text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _wrapped() -> list[Attack]:
    """Signature wrapping: a true signature over something, and something else to be read."""
    start, end = SIGNED.index(b"<ds:Signature "), SIGNED.index(b"</alert>")
    signature, inner = SIGNED[start:end], SIGNED.partition(b"?>\n")[2]
    evil = changed("Armed drones", "No drones").encode()
    named = message().replace("<alert ", '<alert Id="a1" ')
    part = sign(named, uri="#a1").partition(b"?>\n")[2]
    in_object = signature.replace(
        b"</ds:Signature>", b"<ds:Object>" + inner + b"</ds:Object></ds:Signature>"
    )

    def put(what: bytes, before: bytes = b"</alert>") -> bytes:
        at = evil.rindex(before)
        return evil[:at] + what + evil[at:]

    by_part = sign(message().replace("<info>", '<info Id="i1">', 1), uri="#i1")
    outside = SIGNED.replace(b'Reference URI=""', b'Reference URI="http://127.0.0.1:9/x"')
    within = SIGNED.replace(b'Reference URI=""', b'Reference URI="#xpointer(/)"')
    bare = SIGNED.replace(b'Reference URI=""', b"Reference")
    return [
        Attack("wrap-original-in-object", "signature-count", put(in_object)),
        Attack("wrap-original-in-area", "signature-place", put(inner, b"</area>")),
        Attack("wrap-original-in-info", "signature-place", put(inner, b"</info>")),
        Attack("wrap-original-beside", "signature-place", put(inner)),
        Attack("wrap-signature-in-info", "signature-place", put(signature, b"</info>")),
        Attack("wrap-signature-moved", "digest-mismatch", put(signature), forged=True),
        Attack("wrap-named-original", "signature-place", put(part)),
        Attack("sign-a-part", "signature-reference", by_part),
        Attack("sign-by-name", "signature-reference", sign(named, uri="#a1")),
        Attack("sign-outside", "signature-reference", outside),
        Attack("sign-by-pointer", "signature-reference", within),
        Attack("sign-without-uri", "signature-reference", bare),
        Attack("two-signatures", "signature-count", sign(SIGNED)),
        Attack("signature-twice", "signature-count", SIGNED.replace(signature, signature * 2)),
        Attack(
            "with-object",
            "signature-form",
            swap(SIGNED, "</ds:Signature>", "<ds:Object/></ds:Signature>"),
        ),
        Attack("without-info", "signature-form", _without(SIGNED, "SignedInfo")),
        Attack("without-value", "signature-form", _without(SIGNED, "SignatureValue")),
        Attack("without-digest", "signature-form", _without(SIGNED, "DigestValue")),
        Attack("without-reference", "signature-reference", _without(SIGNED, "Reference")),
        Attack(
            "two-references",
            "signature-reference",
            _doubled(SIGNED, "Reference"),
        ),
    ]


def _without(xml: bytes, name: str) -> bytes:
    root = etree.fromstring(xml)
    gone = next(root.iter(f"{{http://www.w3.org/2000/09/xmldsig#}}{name}"))
    parent = gone.getparent()
    assert parent is not None
    parent.remove(gone)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _doubled(xml: bytes, name: str) -> bytes:
    root = etree.fromstring(xml)
    one = next(root.iter(f"{{http://www.w3.org/2000/09/xmldsig#}}{name}"))
    one.addnext(etree.fromstring(etree.tostring(one)))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _algorithms() -> list[Attack]:
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    envelope = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    transform = f'<ds:Transform Algorithm="{exclusive}"/>'
    ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    method = f'<ds:SignatureMethod Algorithm="{ecdsa}"/>'
    canonical = f'<ds:CanonicalizationMethod Algorithm="{exclusive}"/>'
    transforms = {
        "xslt": f'{transform}<ds:Transform Algorithm="{TR}REC-xslt-19991116"/>',
        "xpath": f'<ds:Transform Algorithm="{TR}REC-xpath-19991116"/>',
        "xpath-filter": '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>',
        "base64": '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/>',
        "comments": f'<ds:Transform Algorithm="{exclusive}WithComments"/>',
        "unknown": '<ds:Transform Algorithm="urn:x"/>',
    }
    found = [
        Attack(f"transform-{name}", "signature-transform", swap(SIGNED, transform, new, 1))
        for name, new in transforms.items()
    ]
    found.append(
        Attack("transform-not-enveloped", "signature-transform", swap(SIGNED, envelope, exclusive))
    )
    methods = {
        "hmac": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "rsa-sha1": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "ecdsa-sha1": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        "dsa-sha1": "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "none": "urn:none",
    }
    found += [
        Attack(
            f"method-{name}",
            "signature-algorithm",
            swap(SIGNED, method, f'<ds:SignatureMethod Algorithm="{new}"/>'),
        )
        for name, new in methods.items()
    ]
    sha256 = "http://www.w3.org/2001/04/xmlenc#sha256"
    for name, new in (
        ("sha1", "http://www.w3.org/2000/09/xmldsig#sha1"),
        ("md5", "http://www.w3.org/2001/04/xmldsig-more#md5"),
        ("unknown", "urn:x"),
    ):
        old = f'<ds:DigestMethod Algorithm="{sha256}"/>'
        xml = swap(SIGNED, old, f'<ds:DigestMethod Algorithm="{new}"/>')
        found.append(Attack(f"digest-{name}", "digest-algorithm", xml))
    for name, new in (("comments", f"{exclusive}WithComments"), ("unknown", "urn:x")):
        xml = swap(SIGNED, canonical, f'<ds:CanonicalizationMethod Algorithm="{new}"/>')
        found.append(Attack(f"canonical-{name}", "signature-canonical", xml))
    with_comments = CanonicalizationMethod.CANONICAL_XML_1_1_WITH_COMMENTS
    really = sign(message(), canonical=with_comments)
    found.append(Attack("signed-with-comments", "signature-transform", really))
    other = sign(message(), method=SignatureMethod.ECDSA_SHA3_256, digest=DigestAlgorithm.SHA256)
    found.append(Attack("method-sha3", "signature-algorithm", other))
    return found


def _certificates() -> list[Attack]:
    other_ca = Identity("National authority", ca=True, now=NOW)
    name = "protection-civile.example"
    middle = Identity("Middle", AUTHORITY, ca=True, now=NOW)
    old_middle = Identity("Middle", AUTHORITY, ca=True, now=NOW, from_days=-9, until_days=-1)
    leaf = Identity("leaf", AUTHORITY, now=NOW)
    rsa1024 = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP256K1())
    start = SIGNED.index(b"<ds:KeyInfo>")
    end = SIGNED.index(b"</ds:KeyInfo>") + len(b"</ds:KeyInfo>")
    shown = SIGNED[SIGNED.index(b"<ds:X509Certificate>") : SIGNED.index(b"</ds:X509Data>")]

    def by(identity: Identity, *above: Identity) -> bytes:
        return sign(message(), identity, *above)

    return [
        Attack("stranger", "certificate-untrusted", by(Identity(name, now=NOW)), forged=True),
        Attack(
            "same-name-other-authority",
            "certificate-untrusted",
            by(Identity(name, other_ca, now=NOW)),
            forged=True,
        ),
        Attack(
            "brings-its-own-authority",
            "certificate-untrusted",
            by(Identity(name, other_ca, now=NOW), other_ca),
            forged=True,
        ),
        Attack("middle-missing", "certificate-untrusted", by(Identity(name, middle, now=NOW))),
        Attack(
            "middle-ended",
            "certificate-untrusted",
            by(Identity(name, old_middle, now=NOW), old_middle),
        ),
        Attack(
            "issued-by-no-authority",
            "certificate-untrusted",
            by(Identity(name, leaf, now=NOW), leaf),
            forged=True,
        ),
        Attack(
            "certificate-ended",
            "certificate-expired",
            by(Identity(name, AUTHORITY, now=NOW, from_days=-9, until_days=-1)),
        ),
        Attack(
            "certificate-to-come",
            "certificate-early",
            by(Identity(name, AUTHORITY, now=NOW, from_days=1)),
        ),
        Attack("signed-long-after", "certificate-expired", SIGNED, later_s=400 * DAY),
        Attack("authority-itself", "certificate-purpose", by(AUTHORITY)),
        Attack("middle-itself", "certificate-purpose", by(middle)),
        Attack(
            "may-not-sign",
            "certificate-purpose",
            by(Identity(name, AUTHORITY, now=NOW, signs=False)),
        ),
        Attack(
            "another-s-name", "certificate-name", by(Identity("meteo.example", AUTHORITY, now=NOW))
        ),
        Attack(
            "name-with-more",
            "certificate-name",
            by(Identity(f"{name}.evil.example", AUTHORITY, now=NOW)),
        ),
        Attack("rsa-1024", "key-weak", by(Identity(name, AUTHORITY, now=NOW, key=rsa1024))),
        Attack("curve-of-coins", "key-kind", by(Identity(name, AUTHORITY, now=NOW, key=curve))),
        Attack("no-key-info", "certificate-missing", SIGNED[:start] + SIGNED[end:]),
        Attack(
            "key-name-only",
            "certificate-missing",
            SIGNED[:start] + b"<ds:KeyInfo><ds:KeyName>pc</ds:KeyName></ds:KeyInfo>" + SIGNED[end:],
        ),
        Attack(
            "certificate-of-nothing",
            "certificate-unreadable",
            SIGNED.replace(shown, NO_CERTIFICATE % b"aGVsbG8="),
        ),
        Attack(
            "certificate-no-base64",
            "certificate-unreadable",
            SIGNED.replace(shown, NO_CERTIFICATE % b"!"),
        ),
        Attack("seven-certificates", "certificate-count", SIGNED.replace(shown, shown * 7)),
        Attack("unsigned", "unsigned", message().encode()),
        Attack("signature-taken-off", "unsigned", _without(SIGNED, "Signature")),
    ]


def _shapes() -> list[Attack]:
    """Signed by the authority itself, which may err or be robbed of its key."""
    polygon = "14.30,-11.40 14.30,-11.30 14.40,-11.30 14.40,-11.40 14.30,-11.40"
    made = [
        ("schema", "status", "<status>Actual", "<status>Real"),
        ("schema", "no-sent", f"<sent>{cap_time()}</sent>\n<status>", "<status>"),
        ("schema", "sent-z", f"<sent>{cap_time()}", "<sent>2026-11-24T12:00:00Z"),
        ("schema", "sent-words", f"<sent>{cap_time()}", "<sent>now"),
        ("schema", "scope-twice", "<scope>Public</scope>", "<scope>Public</scope>" * 2),
        ("schema", "kind", "<msgType>Alert", "<msgType>Alarm"),
        ("schema", "no-urgency", "<urgency>Immediate</urgency>", ""),
        ("schema", "severity", "<severity>Extreme", "<severity>Fatal"),
        ("schema", "unknown-element", "<audience>", "<colour>red</colour><audience>"),
        ("schema", "order", "<scope>Public</scope>", "<code>x</code><scope>Public</scope>"),
        ("schema", "include", "<audience>", f"{INCLUDE}<audience>"),
        ("schema", "hidden-twin", "<sender>", "<identifier>pc-0</identifier><sender>"),
        ("schema", "foreign-element", "</alert>", '<x xmlns="urn:x"/></alert>'),
        ("identifier", "identifier-space", "pc-1", "pc 1"),
        ("identifier", "identifier-comma", "pc-1", "pc,1"),
        ("identifier", "identifier-empty", "pc-1", ""),
        ("sender", "sender-space", "alertes@", "les alertes@"),
        ("sender", "sender-other", "alertes@", "meteo@"),
        ("sender", "sender-longer", ".example</sender>", ".example.net</sender>"),
        ("event", "event-empty", "<event>Drone</event>", "<event> </event>"),
        (
            "expires-before-sent",
            "expires-first",
            f"<expires>{cap_time(60)}",
            f"<expires>{cap_time(-1)}",
        ),
        (
            "expires-before-effect",
            "effective-last",
            f"<effective>{cap_time()}",
            f"<effective>{cap_time(90)}",
        ),
        ("expires-before-onset", "onset-last", f"<onset>{cap_time()}", f"<onset>{cap_time(90)}"),
        ("time", "midnight-24", f"<onset>{cap_time()}", "<onset>2026-11-23T24:00:00-00:00"),
        ("polygon-corner", "polygon-92", "14.40,-11.30", "92.0,-11.30"),
        ("polygon-corner", "polygon-181", "14.40,-11.30", "14.40,181"),
        ("polygon-corner", "polygon-nan", "14.40,-11.30", "nan,-11.30"),
        ("polygon-corner", "polygon-words", "14.40,-11.30", "here"),
        ("polygon-open", "polygon-open", " 14.30,-11.40</polygon>", "</polygon>"),
        ("polygon-corners", "polygon-three", polygon, "1,1 2,2 1,1"),
        ("polygon-flat", "polygon-flat", polygon, "1,1 2,2 2,2 1,1"),
        ("circle", "circle-alone", "14.45,-11.44 12.5", "14.45,-11.44"),
        ("circle", "circle-negative", "14.45,-11.44 12.5", "14.45,-11.44 -1"),
        ("circle", "circle-infinite", "14.45,-11.44 12.5", "14.45,-11.44 inf"),
        ("circle", "circle-94", "14.45,-11.44 12.5", "94,-11.44 1"),
        ("ceiling", "ceiling-alone", "</area>", "<ceiling>100</ceiling></area>"),
        (
            "ceiling",
            "ceiling-under",
            "</area>",
            "<altitude>9</altitude><ceiling>1</ceiling></area>",
        ),
        ("status", "test", "<status>Actual", "<status>Test"),
        ("status", "draft", "<status>Actual", "<status>Draft"),
        ("status", "system", "<status>Actual", "<status>System"),
        ("scope", "restricted", SCOPE, "<scope>Restricted</scope><restriction>x</restriction>"),
        ("scope", "private", SCOPE, "<scope>Private</scope><addresses>x</addresses>"),
        ("references", "update-of-nothing", "<msgType>Alert", "<msgType>Update"),
        ("references", "cancel-of-nothing", "<msgType>Alert", "<msgType>Cancel"),
    ]
    found = [Attack(name, rule, sign(changed(old, new))) for rule, name, old, new in made]
    bare = message()[: message().index("<info>")] + "</alert>"
    start, end = message().index("<area>"), message().index("</area>") + len("</area>")
    found += [
        Attack("no-info", "no-info", sign(bare)),
        Attack("no-area", "no-area", sign(message()[:start] + message()[end:])),
    ]
    for kind in ("Ack", "Error"):
        xml = sign(message("pc-2", kind, about=[reference("pc-1")]))
        found.append(Attack(kind.lower(), "message-type", xml, before=(SIGNED,)))
    for name, rule, about in (
        ("reference-of-two-words", "references-malformed", "a,b"),
        ("reference-without-sender", "references-malformed", f",pc-1,{cap_time()}"),
        ("reference-without-time", "references-malformed", "a,b,yesterday"),
        ("reference-to-itself", "references-self", reference("pc-2")),
        ("reference-to-the-future", "references-later", reference("pc-1", 30)),
    ):
        found.append(Attack(name, rule, sign(message("pc-2", "Update", minutes=1, about=[about]))))
    return found


def _clock() -> list[Attack]:
    """Rollback and replay: true messages at the wrong time or in the wrong order."""
    second = sign(message("pc-2", "Update", minutes=2, about=[reference("pc-1")]))
    cancel = sign(message("pc-3", "Cancel", minutes=3, about=[reference("pc-1")]))
    older = sign(message("pc-4", "Update", minutes=1, about=[reference("pc-1")]))
    same = sign(message("pc-5", "Update", minutes=2, about=[reference("pc-1")]))
    foreign = sign(
        message("pc-6", "Cancel", minutes=2, about=[reference("m-1", sender="meteo@x.example")])
    )
    other_time = sign(message("pc-7", "Cancel", minutes=2, about=[reference("pc-1", -5)]))
    unsigned = message("pc-8", "Cancel", minutes=2, about=[reference("pc-1")]).encode()
    old_cancel = sign(
        message("pc-9", "Cancel", minutes=-2000, about=[reference("pc-0", -2001)], until=60)
    )
    crowd = tuple(sign(message(f"n-{n}")) for n in range(MOST_STANDING))
    return [
        Attack("replay-after-update", "superseded", SIGNED, before=(second,)),
        Attack("replay-after-cancel", "superseded", SIGNED, before=(cancel,)),
        Attack("older-update", "rollback", older, before=(SIGNED, second)),
        Attack("older-update-after-cancel", "rollback", older, before=(SIGNED, cancel)),
        Attack("update-of-the-same-minute", "rollback", same, before=(SIGNED, second)),
        Attack("update-of-a-cancelled", "rollback", second, before=(SIGNED, cancel)),
        Attack("name-taken", "identifier-reused", sign(changed("Armed", "No")), before=(SIGNED,)),
        Attack(
            "name-taken-unsigned",
            "identifier-reused",
            swap(message().encode(), "Armed", "No"),
            before=(SIGNED,),
            unsigned=True,
        ),
        Attack("cancel-of-another-s", "references-other-sender", foreign, before=(SIGNED,)),
        Attack("cancel-with-a-wrong-time", "references-mismatch", other_time, before=(SIGNED,)),
        Attack(
            "unsigned-cancel", "unsigned-replaces-signed", unsigned, before=(SIGNED,), unsigned=True
        ),
        Attack(
            "broken-signature-where-none-is-asked",
            "digest-mismatch",
            swap(SIGNED, "Armed", "No"),
            unsigned=True,
            forged=True,
        ),
        Attack("expired", "expired", sign(message(minutes=-90, until=-1))),
        Attack("replay-tomorrow", "expired", SIGNED, later_s=DAY),
        Attack("old-cancel-of-unknown", "expired", old_cancel),
        Attack("from-the-future", "sent-ahead", sign(message(minutes=10))),
        Attack("flood", "flood", sign(message("one-more")), before=crowd),
    ]


MAKERS: tuple[Callable[[], list[Attack]], ...] = (
    _xml,
    _kinds,
    _altered,
    _wrapped,
    _algorithms,
    _certificates,
    _shapes,
    _clock,
)


def attacks() -> list[Attack]:
    """All of them."""
    return [attack for make in MAKERS for attack in make()]
