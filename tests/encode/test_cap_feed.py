"""The feed of current messages is sound Atom and leads to the files."""

from __future__ import annotations

from urllib.parse import unquote

from lxml import etree
from msgspec.structs import replace

from tocsin.encode.cap import CapSender
from tocsin.encode.cap_book import CapBook, CapOrigin
from tocsin.encode.cap_feed import ATOM, CAP_MEDIA_TYPE, SIGNATURE_SCHEME, cap_feed
from tocsin.words import Alert, Zone

NS = {"a": ATOM}
ZONE = Zone("z", {"fr": "Félou"}, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), languages=("fr",))
ALERT = Alert(1.8e9, "odd name/é 1", "z", "T1", "alarm", "new", (), public=True)
SENDER = CapSender("tocsin@x.example", "X & Y")


def _feed(*alerts: Alert) -> tuple[etree._Element, list[str]]:
    book = CapBook(SENDER)
    messages = [book.compose(alert, ZONE) for alert in alerts]
    xml = cap_feed(messages, SENDER, base_url="/cap/", updated_t=5.0)
    return etree.fromstring(xml), [m.file_name for m in messages]


def test_an_empty_feed_has_all_that_atom_demands() -> None:
    root, _ = _feed()
    for name in ("id", "title", "updated", "author"):
        assert root.find(f"a:{name}", NS) is not None
    assert root.findtext("a:updated", "", NS) == "1970-01-01T00:00:05Z"
    assert root.findtext("a:title", "", NS) == "X & Y"


def test_each_message_is_an_entry_that_leads_to_its_file() -> None:
    root, names = _feed(ALERT, replace(ALERT, t=1.8e9 + 60, sequence=2, kind="update"))
    entries = root.findall("a:entry", NS)
    assert len(entries) == 2
    hrefs = []
    for entry in entries:
        link = entry.find("a:link", NS)
        assert link is not None
        assert link.get("type") == CAP_MEDIA_TYPE
        hrefs.append(link.get("href", ""))
        assert entry.findtext("a:title", "", NS).startswith("ALARME")
    assert [unquote(href.removeprefix("/cap/")) for href in hrefs] == names
    assert len({entry.findtext("a:id", "", NS) for entry in entries}) == 2
    assert root.findtext("a:updated", "", NS) == "2027-01-15T08:01:00Z"


def test_an_unsigned_message_is_marked_and_a_signed_one_is_not() -> None:
    message = CapBook(SENDER).compose(ALERT, ZONE)
    for signed in (False, True):
        xml = cap_feed([replace(message, signed=signed)], SENDER, base_url="/cap", updated_t=5.0)
        marks = etree.fromstring(xml).findall("a:entry/a:category", NS)
        assert [(m.get("scheme"), m.get("term")) for m in marks] == (
            [] if signed else [(SIGNATURE_SCHEME, "unsigned")]
        )


def test_a_message_that_is_handed_on_names_whose_it_is() -> None:
    origin = CapOrigin("urn:x:civil@protection.example", "Civil Protection")
    message = replace(CapBook(SENDER).compose(ALERT, ZONE), origin=origin)
    root = etree.fromstring(cap_feed([message], SENDER, base_url="/cap", updated_t=5.0))
    assert root.findtext("a:entry/a:source/a:id", "", NS) == origin.id
    assert root.findtext("a:entry/a:source/a:title", "", NS) == origin.name
