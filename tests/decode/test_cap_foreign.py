"""Real messages of authorities all over the world, read with all that they say."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from cryptography import x509
from lxml import etree
from tests.shared import VECTORS

from tocsin.decode.cap import Ledger, Policy, Trust, feed_links, is_feed, read_notice
from tocsin.decode.cap.feed import MOST_ENTRIES, MOST_FEED_BYTES
from tocsin.errors import Refused
from tocsin.words.authority import AuthorityAlert, AuthorityArea, AuthorityInfo, Pair

FOLDER = VECTORS / "cap" / "foreign"
CAP_TOOLS = json.loads((FOLDER / "cap_tools.json").read_text("utf-8"))
SIGNED = {
    "seychelles_valid.xml": (datetime(2024, 7, 5, tzinfo=UTC), "www.meteo.sc"),
    "togo_valid.xml": (datetime(2024, 7, 5, tzinfo=UTC), "www.anamet-togo.com"),
}


def unsigned(name: str) -> AuthorityAlert:
    """Read without its signature, where it has one that is not ours to judge."""
    root = etree.fromstring((FOLDER / name).read_bytes())
    for signature in list(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")):
        root.remove(signature)
    policy = Policy("foreign", unsigned=True)
    return read_notice(etree.tostring(root), policy, 0.0).alert


def same_time(ours: float | None, theirs: str | None) -> bool:
    return ours == (None if theirs is None else datetime.fromisoformat(theirs).timestamp())


def words(text: str | None) -> str | None:
    """Without the spaces around it; what is empty says nothing."""
    return (text or "").strip() or None


def pairs(theirs: list[dict[str, dict[str, str]]]) -> tuple[Pair, ...]:
    said = [(one["value_name"]["value"], one["value"]["value"]) for one in theirs]
    return tuple((name.strip(), value.strip()) for name, value in said)


@pytest.mark.parametrize("name", CAP_TOOLS)
def test_a_foreign_reader_reads_the_same(name: str) -> None:
    ours, theirs = unsigned(name), CAP_TOOLS[name]
    assert ours.identifier == theirs["identifier"].strip()
    assert ours.sender == theirs["sender"].strip()
    assert same_time(ours.sent_t, theirs["sent"])
    assert (ours.status, ours.kind) == (theirs["status"], theirs["msg_type"])
    assert (ours.scope, ours.source) == (theirs["scope"], words(theirs["source"]))
    for said in ("note", "restriction", "addresses", "incidents"):
        assert getattr(ours, said) == words(theirs[said])
    assert list(ours.codes) == theirs["codes"]
    references = [f"{r.sender},{r.identifier},{r.sent}" for r in ours.references]
    assert references == (theirs["references"] or "").split()
    assert len(ours.infos) == len(theirs["infos"]) > 0
    for info, other in zip(ours.infos, theirs["infos"], strict=True):
        same_info(info, other)


def same_info(ours: AuthorityInfo, theirs: dict[str, object]) -> None:
    assert ours.language == (theirs["language"] or "en-US")
    assert list(ours.categories) == theirs["categories"]
    assert list(ours.responses) == theirs["response_types"]
    told = (ours.urgency, ours.severity, ours.certainty)
    assert told == (theirs["urgency"], theirs["severity"], theirs["certainty"])
    for said in ("event", "audience", "sender_name", "headline", "web", "contact"):
        assert getattr(ours, said) == words(theirs[said])  # type: ignore[arg-type]
    for said in ("description", "instruction"):
        assert getattr(ours, said) == words(theirs[said])  # type: ignore[arg-type]
    for time in ("effective", "onset", "expires"):
        assert same_time(getattr(ours, f"{time}_t"), theirs[time])  # type: ignore[arg-type]
    assert ours.event_codes == pairs(theirs["event_codes"])  # type: ignore[arg-type]
    assert ours.parameters == pairs(theirs["parameters"])  # type: ignore[arg-type]
    resources = theirs["resources"]
    assert isinstance(resources, list)
    for resource, other in zip(ours.resources, resources, strict=True):
        assert resource.description == other["resource_desc"]
        assert (resource.mime_type, resource.uri) == (other["mime_type"], words(other["uri"]))
    areas = theirs["areas"]
    assert isinstance(areas, list)
    for area, other in zip(ours.areas, areas, strict=True):
        same_area(area, other)


def same_area(ours: AuthorityArea, theirs: dict[str, object]) -> None:
    assert ours.description == words(theirs["area_desc"])  # type: ignore[arg-type]
    assert ours.geocodes == pairs(theirs["geocodes"])  # type: ignore[arg-type]
    polygons = [
        tuple((float(lon), float(lat)) for lat, lon in (p.split(",") for p in text.split()))
        for text in theirs["polygons"]  # type: ignore[attr-defined]
    ]
    assert list(ours.polygons) == polygons
    assert len(ours.circles) == len(theirs["circles"])  # type: ignore[arg-type]
    for name in ("altitude", "ceiling"):
        told = theirs[name]
        assert getattr(ours, f"{name}_ft") == (None if told is None else float(str(told)))


def test_australia_s_two_blocks_in_one_language_are_read() -> None:
    alert = unsigned("australia.cap")
    assert alert.name == ("webmaster@rfs.nsw.gov.au", "tag:www.rfs.nsw.gov.au2011-10-06:40184")
    assert [info.language for info in alert.infos] == ["en-AU", "en-AU"]
    assert [info.event for info in alert.infos] == ["Fire", "Fire"]
    assert [len(info.areas) for info in alert.infos] == [1, 1]


def certificates(name: str) -> tuple[x509.Certificate, ...]:
    root = etree.fromstring((FOLDER / name).read_bytes())
    found = root.iter("{http://www.w3.org/2000/09/xmldsig#}X509Certificate")
    return tuple(
        x509.load_der_x509_certificate(b64decode("".join((one.text or "").split())))
        for one in found
    )


@pytest.mark.parametrize("name", SIGNED)
def test_real_signatures_are_verified(name: str) -> None:
    """As of the day on which their certificates, ended since, held."""
    when, signer = SIGNED[name]
    policy = Policy("wmo", Trust(signers=certificates(name)))
    xml = (FOLDER / name).read_bytes()
    notice = read_notice(xml, policy, when.timestamp())
    assert notice.signed_by == signer
    assert notice.alert == unsigned(name)
    assert notice.xml == xml
    with pytest.raises(Refused, match="ended on 2024"):
        read_notice(xml, policy, datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    with pytest.raises(Refused, match="nobody here trusts"):
        read_notice(xml, Policy("wmo"), when.timestamp())


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("seychelles_invalid_digest.xml", "signature-form"),  # their digest is one letter too long
        ("seychelles_invalid_signature.xml", "signature-form"),
        ("seychelles_invalid_certificate.xml", "signature-form"),
        ("canada_signed.cap", "signature-count"),
        ("naads_WindWarning.xml", "signature-count"),
        ("earthquake_signed.cap", "signature-canonical"),
        ("weather.cap", "version"),
        ("noaa_errors.cap", "version"),
        ("canada_errors.cap", "references"),
        ("weather.atom", "not-cap"),
        ("ny_index.rss", "not-cap"),
    ],
)
def test_what_is_wrong_with_real_messages_is_named(name: str, rule: str) -> None:
    trust = Trust(signers=certificates("seychelles_valid.xml"))
    when = datetime(2024, 7, 5, tzinfo=UTC).timestamp()
    with pytest.raises(Refused) as refused:
        read_notice((FOLDER / name).read_bytes(), Policy("x", trust, unsigned=True), when)
    assert refused.value.rule == rule, str(refused.value)


def test_a_real_message_stands_until_it_says() -> None:
    ledger = Ledger()
    policy = Policy("x", unsigned=True)
    sent = datetime.fromisoformat("2003-06-17T14:57:00-07:00").timestamp()
    notice = read_notice((FOLDER / "oasis_ThunderstormWarning.xml").read_bytes(), policy, sent)
    assert ledger.admit(notice, sent)
    assert len(ledger.standing(sent + 3779)) == 1
    assert ledger.standing(sent + 3780) == []


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("weather.atom", 1, "http://www.weather.gov/alerts-beta/wwacapget.php?x="),
        ("earthquake_index.atom", 1, "http"),
        ("ny_index.rss", 2, "http://www.nyalert.gov/Public/News/GetCapAlert.aspx?capID="),
    ],
)
def test_the_links_of_real_feeds_are_found(name: str, count: int, first: str) -> None:
    xml = (FOLDER / name).read_bytes()
    assert is_feed(xml)
    links = feed_links(xml)
    assert len(links) == count
    assert links[0][0].startswith(first)
    assert all(version for _, version in links)


def test_our_own_feed_is_read_too() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><link href="self.xml" rel="self"/>'
        '<entry><updated>1</updated><link href="page.html" type="text/html"/>'
        '<link href="a.xml" type="application/cap+xml"/></entry>'
        '<entry><updated>2</updated><link href="page.html" type="text/html"/></entry>'
        '<entry><link href="b" rel="enclosure" type="text/xml; charset=utf-8"/></entry></feed>'
    )
    assert feed_links(atom.encode()) == [("a.xml", "1"), ("b", "")]
    rss = (
        '<rss><channel><item><pubDate>x</pubDate><link>page</link>'
        '<enclosure url="a.xml" type="application/cap+xml"/></item></channel></rss>'
    )  # fmt: skip
    assert feed_links(rss.encode()) == [("a.xml", "x")]


@pytest.mark.parametrize(
    ("xml", "rule"),
    [
        (b"hello", "feed-xml"),
        (b"<html/>", "feed-kind"),
        (b'<!DOCTYPE rss [<!ENTITY e "x">]><rss/>', "feed-document-type"),
        (b"<rss>" + b" " * MOST_FEED_BYTES + b"</rss>", "feed-size"),
    ],
)
def test_what_is_no_feed_is_refused(xml: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        feed_links(xml)
    assert refused.value.rule == rule


def test_an_endless_feed_has_an_end() -> None:
    items = "".join(f"<item><link>{n}</link></item>" for n in range(MOST_ENTRIES + 9))
    assert len(feed_links(f"<rss><channel>{items}</channel></rss>".encode())) == MOST_ENTRIES
