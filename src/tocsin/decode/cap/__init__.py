"""Warnings of others: CAP 1.2 messages of a civil-protection authority, judged and read."""

from tocsin.decode.cap.faults import cap_faults
from tocsin.decode.cap.feed import feed_links, is_feed
from tocsin.decode.cap.ledger import Ledger
from tocsin.decode.cap.reading import Policy, read_notice
from tocsin.decode.cap.signature import Trust

__all__ = ["Ledger", "Policy", "Trust", "cap_faults", "feed_links", "is_feed", "read_notice"]
