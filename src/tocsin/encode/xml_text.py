"""Text that XML can carry: names and serial numbers may hold any letter, XML may not."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text; a character that XML cannot carry becomes a question mark."""
    return _NOT_XML.sub("?", text)
