"""A stranger's bytes → a message of an authority that the site listens to, or the rule it broke.

In this order: size, XML without document types, signature, CAP 1.2 by its schema and by meaning,
then what the site accepts: sender, status, scope, kind. Only what was signed is read.
"""

from __future__ import annotations

import hashlib

import msgspec
from lxml import etree

from tocsin.decode.cap.faults import check_meaning, parse_cap
from tocsin.decode.cap.message import read_message
from tocsin.decode.cap.signature import Trust, is_signed, verify
from tocsin.errors import Refused
from tocsin.words.authority import AuthorityAlert, AuthorityNotice


class Policy(msgspec.Struct, frozen=True):
    """What the site accepts by one `[[authority]]`: whose signature, and which senders (any, where
    none is named). `unsigned` messages are shown, where they are allowed, and never relayed."""

    authority: str
    trust: Trust = Trust()
    senders: tuple[str, ...] = ()
    unsigned: bool = False


def read_notice(xml: bytes, policy: Policy, now: float) -> AuthorityNotice:
    """The message, received at `now`. Raises Refused."""
    root = parse_cap(xml)
    signed_by = None
    if is_signed(root) or not policy.unsigned:
        vouched = verify(xml, policy.trust, now)
        root, signed_by = vouched.root, vouched.signed_by
    check_meaning(root)
    alert = read_message(root)
    _check_accepted(alert, policy)
    digest = hashlib.sha256(etree.tostring(root, method="c14n", exclusive=True)).hexdigest()
    return AuthorityNotice(
        authority=policy.authority,
        alert=alert,
        received_t=round(now, 3),
        digest=digest,
        signed_by=signed_by,
        xml=xml,
    )


def _check_accepted(alert: AuthorityAlert, policy: Policy) -> None:
    if policy.senders and alert.sender not in policy.senders:
        raise Refused("sender", f"{alert.sender} is not listened to")
    if alert.status not in ("Actual", "Exercise"):
        raise Refused("status", f"{alert.status} is not for people")
    if alert.scope != "Public":
        raise Refused("scope", f"{alert.scope} is not for everybody")
    if alert.kind in ("Ack", "Error"):
        raise Refused("message-type", f"{alert.kind} is no warning")
    if alert.kind != "Cancel" and not alert.infos:
        raise Refused("no-info", "says nothing")
    for info in alert.infos:
        if not info.areas and alert.kind != "Cancel":
            raise Refused("no-area", "does not say where")
