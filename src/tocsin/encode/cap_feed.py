"""The list of current CAP messages as an Atom feed, which aggregators read.

Standard   RFC 4287 (Atom); media type application/cap+xml for the messages
Marks      a message without a signature by a `category`; a message of somebody else that is handed
           on by Atom's `source` (4.2.11)
Leaves out  a signature of its own: each message bears one (`cap_signature.py`), and that is what
           readers of CAP verify; the feed changes with every request
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote

from lxml import etree

from tocsin.encode.cap import CapSender
from tocsin.encode.cap_book import CapMessage
from tocsin.encode.xml_text import xml_text

ATOM = "http://www.w3.org/2005/Atom"
CAP_MEDIA_TYPE = "application/cap+xml"
SIGNATURE_SCHEME = "urn:tocsin:cap:signature"
"""The `scheme` of the category that marks a message as unsigned."""

_DEFAULT_NAMESPACE = cast("dict[str, str]", {None: ATOM})  # the stubs know no default one


def cap_feed(
    messages: Sequence[CapMessage], sender: CapSender, *, base_url: str, updated_t: float
) -> bytes:
    """The feed as UTF-8 XML. `base_url` is the folder in which each message's file stands.

    `updated_t` is written when there is no message, else the newest message's time.
    """
    root = etree.Element(f"{{{ATOM}}}feed", nsmap=_DEFAULT_NAMESPACE)
    base = base_url.rstrip("/")
    newest = max((m.sent_t for m in messages), default=updated_t)
    _add(root, "id", f"urn:tocsin:cap:{quote(sender.id, safe='')}")
    _add(root, "title", sender.name)
    _add(root, "updated", _atom_time(newest))
    _add(etree.SubElement(root, f"{{{ATOM}}}author"), "name", sender.name)
    for message in messages:
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        _add(entry, "id", f"urn:tocsin:cap:{quote(sender.id, safe='')}:{message.name}")
        _add(entry, "title", message.title)
        _add(entry, "updated", _atom_time(message.sent_t))
        link = etree.SubElement(entry, f"{{{ATOM}}}link")
        link.set("rel", "alternate")
        link.set("type", CAP_MEDIA_TYPE)
        # the name holds %XX of its own, so its percent signs are escaped once more
        link.set("href", f"{base}/{quote(message.file_name)}")
        _add(entry, "summary", message.title)
        if not message.signed:
            mark = etree.SubElement(entry, f"{{{ATOM}}}category")
            mark.set("scheme", SIGNATURE_SCHEME)
            mark.set("term", "unsigned")
        if message.origin is not None:
            source = etree.SubElement(entry, f"{{{ATOM}}}source")
            _add(source, "id", message.origin.id)
            _add(source, "title", message.origin.name)
            _add(source, "updated", _atom_time(message.sent_t))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _atom_time(t: float) -> str:
    return datetime.fromtimestamp(math.floor(t), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = xml_text(text)
