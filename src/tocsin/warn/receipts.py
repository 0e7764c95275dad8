"""Receipts: what a channel says became of one statement."""

from __future__ import annotations

from tocsin.ports import Clock
from tocsin.words import Alert, Receipt

SELF_TEST = "self-test"
"""Stands for the alert in the receipt of a channel's self-test."""


def receipt(
    channel: str,
    alert: Alert,
    clock: Clock,
    sent_t: float,
    failure: str | None = None,
    *,
    note: str | None = None,
) -> Receipt:
    """Delivered, unless there is a failure to tell."""
    return Receipt(
        channel=channel,
        alert=alert.alert,
        sequence=alert.sequence,
        level=alert.level,
        t_sent=round(sent_t, 3),
        delivered=failure is None,
        t_done=round(clock.now(), 3),
        detail=failure or note,
    )


def self_test_receipt(channel: str, clock: Clock, sent_t: float, failure: str | None) -> Receipt:
    """The receipt of a self-test, which alarms nobody and so has no alert."""
    return Receipt(
        channel=channel,
        alert=SELF_TEST,
        sequence=0,
        level="all-clear",
        t_sent=round(sent_t, 3),
        delivered=failure is None,
        t_done=round(clock.now(), 3),
        detail=failure,
    )
