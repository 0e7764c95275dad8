"""After a restart the journal's notices are told to the CAP book again: the feed forgets nothing,
and an update or a cancellation goes on naming what it replaces.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tocsin.encode.cap_book import CapMessage
from tocsin.errors import JournalError
from tocsin.keep.reader import JournalReader
from tocsin.run.scribe import KEEP_EXPIRED_S, Scribe
from tocsin.words import Alert, Envelope, Topic

_log = logging.getLogger("tocsin.run")


def journalled(journal: Path, topics: Sequence[Topic], since_t: float) -> list[Envelope]:
    """What the journal holds of some topics since a time, in order; nothing if it cannot be read:
    a site must warn without its memory."""
    if not journal.exists():
        return []
    try:
        found = [one for one in JournalReader(journal).read(topics=topics) if one.t >= since_t]
    except JournalError as error:
        _log.warning("the journal cannot be read, the CAP feed begins anew: %s", error)
        return []
    return found


def refill(scribe: Scribe, journal: Path, now: float) -> list[tuple[Alert, CapMessage]]:
    """Each statement that still stands or can be referred to, with the message that was sent."""
    found = []
    for envelope in journalled(journal, ("notice",), now - KEEP_EXPIRED_S):
        try:
            alert = msgspec.json.decode(envelope.body, type=Alert)
        except msgspec.MsgspecError:
            continue  # of a later version of Tocsin: it is not ours to compose
        message = scribe.recall(alert)
        if message is not None:
            found.append((alert, message))
    return found
