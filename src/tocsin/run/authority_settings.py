"""`[[authority]]`: whose CAP warnings a site listens to, whom it believes, and what it hands on."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from tocsin.run.settings import Id, Seconds

Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]


class AuthorityTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[authority]]` a civil-protection service whose CAP warnings are shown and can be handed on.

    id: short name
    url: address of its Atom or RSS feed, or of one message; it is never shown
    folder: folder into which its messages are put, in place of `url`
    signers: files of the certificates that sign its messages
    authorities: files of the certificates that issue those, in place of `signers`
    names: names of which a certificate of `authorities` must bear one
    senders: the `sender` of messages that are listened to; any if absent
    unsigned: show messages that nobody signed; they are never handed on
    relay: "ask" hands a message on when a person presses, "automatic" also by itself, or "never"
    automatic_from: the least severity that is handed on by itself
    zones: ids of the zones that are told; those that the warning's area touches if absent
    hosts: hosts besides the feed's own that its messages may be fetched from
    interval_s: how often the feed is asked
    timeout_s: how long one answer may take
    user: the name to sign in with (basic authentication)
    password_file: file of the password, readable by nobody else
    token_file: file of a bearer token, readable by nobody else
    ca: file of the certificates that the server's must come from, for https
    """

    id: Id
    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://[^\s@]+)?$")] = ""
    folder: str = ""
    signers: list[str] = []
    authorities: list[str] = []
    names: list[str] = []
    senders: list[str] = []
    unsigned: bool = False
    relay: Literal["ask", "automatic", "never"] = "ask"
    automatic_from: Severity = "Extreme"
    zones: list[str] = []
    hosts: list[str] = []
    interval_s: Annotated[float, msgspec.Meta(ge=1.0)] = 30.0
    timeout_s: Seconds = 10.0
    user: str = ""
    password_file: str = ""
    token_file: str = ""
    ca: str = ""
