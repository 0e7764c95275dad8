"""Where the messages of a CAP feed stand: the links of an Atom feed or of RSS.

Standard   RFC 4287 (Atom), RSS 2.0; media type application/cap+xml where a feed names it
Takes      of each entry the link to a CAP message, else to XML, else the only one that there is
Leaves out messages that stand whole within an entry (Canada's): a signature over a whole document
           cannot be verified there; such feeds also link to the message
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tocsin.errors import Refused

MOST_FEED_BYTES = 4 * 2**20
MOST_ENTRIES = 500
"""Of a feed that holds more the first are taken: feeds begin with the newest."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_CAP_TYPE = "application/cap+xml"
_RELATIONS = ("alternate", "enclosure")  # USGS calls its messages "related": the type tells

FeedLink = tuple[str, str]
"""Where a message stands, and a word that changes when it does."""


def feed_links(xml: bytes) -> list[FeedLink]:
    """The links of a feed, in its order. Raises Refused for what is neither Atom nor RSS."""
    if len(xml) > MOST_FEED_BYTES:
        raise Refused("feed-size", f"has {len(xml)} bytes, more than {MOST_FEED_BYTES}")
    root = _parse(xml)
    if root.tag == f"{_ATOM}feed":
        found = _atom(root)
    elif root.tag == "rss" or etree.QName(root).localname == "RDF":
        found = _rss(root)
    else:
        raise Refused("feed-kind", f"begins with <{etree.QName(root).localname}>")
    return list(dict.fromkeys(found))[:MOST_ENTRIES]


def is_feed(xml: bytes) -> bool:
    """Whether it is a list of messages, and not a message itself."""
    try:
        return etree.QName(_parse(xml)).localname in ("feed", "rss", "RDF")
    except Refused:
        return False


def _parse(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused("feed-xml", f"is not XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refused("feed-document-type", "carries a document type")
    return root


def _atom(root: etree._Element) -> Iterator[FeedLink]:
    for entry in root.iterfind(f"{_ATOM}entry"):
        version = entry.findtext(f"{_ATOM}updated", "").strip()
        links = [
            (one.get("href", "").strip(), one.get("type", ""), one.get("rel", "alternate"))
            for one in entry.iterfind(f"{_ATOM}link")
        ]
        href = _best(
            [(h, kind) for h, kind, rel in links if rel in _RELATIONS or kind == _CAP_TYPE]
        )
        if href:
            yield href, version


def _rss(root: etree._Element) -> Iterator[FeedLink]:
    for item in root.iter("{*}item"):
        version = item.findtext("{*}pubDate", "").strip()
        links = [
            (one.get("url", "").strip(), one.get("type", "")) for one in item.iterfind("enclosure")
        ]
        links += [((one.text or "").strip(), "") for one in item.iterfind("{*}link")]
        href = _best(links)
        if href:
            yield href, version


def _best(links: list[tuple[str, str]]) -> str:
    """CAP before XML before whatever does not call itself a page."""
    named = [(href, kind.partition(";")[0].strip().lower()) for href, kind in links if href]
    for wanted in ((_CAP_TYPE,), ("application/xml", "text/xml"), ("",)):
        for href, kind in named:
            if kind in wanted:
                return href
    return ""
