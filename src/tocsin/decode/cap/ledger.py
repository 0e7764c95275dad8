"""Which messages of one authority stand: later ones replace earlier ones, and never the reverse.

Standard   OASIS CAP 1.2, clause 3.2.1 (`identifier`, `references`, `msgType`)
Refuses    what would turn the clock back: an old message again after it was replaced or withdrawn,
           an update that is not newer than what stands, another text under a name that is taken, a
           withdrawal of somebody else's message, an unsigned word against a signed one
Pure       times come with the messages; the same messages in the same order give the same ledger
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.errors import Refused
from tocsin.words.authority import UNTIL_UNSAID_S, AuthorityAlert, AuthorityNotice

AHEAD_S = 300.0
"""A sender's clock may be ahead by so much."""

MOST_STANDING = 500
"""Of one authority: more is no list that anybody can read."""

_KEEP_S = 7 * 86_400.0

Name = tuple[str, str]


class Ledger:
    """The messages of one authority, by sender and identifier."""

    def __init__(self) -> None:
        self._notices: dict[Name, AuthorityNotice] = {}
        self._replaced: dict[Name, Name] = {}

    def admit(self, notice: AuthorityNotice, now: float) -> bool:
        """Take a message in; False where it is known already. Raises Refused."""
        known = self._notices.get(notice.alert.name)
        if known is not None and known.digest == notice.digest:
            return False
        if known is not None:
            raise Refused("identifier-reused", "another message of this name was received before")
        self._check_times(notice.alert, now)
        self._check_place(notice)
        if len(self.standing(now)) >= MOST_STANDING:
            raise Refused("flood", f"{MOST_STANDING} messages stand already")
        self.enter(notice)
        self._forget(now)
        return True

    def enter(self, notice: AuthorityNotice) -> None:
        """Write it down unasked: for what was admitted before a restart."""
        self._notices[notice.alert.name] = notice
        if notice.alert.kind != "Alert":
            for reference in notice.alert.references:
                self._replaced[reference.name] = notice.alert.name

    def find(self, name: Name) -> AuthorityNotice | None:
        """A message by its name, whether or not it stands."""
        return self._notices.get(name)

    def latest(self, name: Name) -> AuthorityNotice | None:
        """What has become of a message: itself, or the last that replaced it."""
        for step in self._later(name):
            name = step
        return self._notices.get(name)

    def standing(self, now: float) -> list[AuthorityNotice]:
        """What is in force, newest first."""
        found = [
            one
            for name, one in self._notices.items()
            if name not in self._replaced and one.alert.kind != "Cancel" and one.alert.until_t > now
        ]
        return sorted(found, key=lambda one: (-one.alert.sent_t, one.alert.name))

    def _later(self, name: Name) -> Iterator[Name]:
        """The names that followed, each later than the one before; a ring has no end."""
        seen = {name}
        while (after := self._replaced.get(name)) is not None and after not in seen:
            seen.add(after)
            name = after
            yield name

    def _check_times(self, alert: AuthorityAlert, now: float) -> None:
        if alert.sent_t > now + AHEAD_S:
            raise Refused("sent-ahead", f"was sent {alert.sent_t - now:.0f} s from now")
        if alert.kind == "Cancel":
            about = any(one.name in self._notices for one in alert.references)
            if not about and alert.sent_t + UNTIL_UNSAID_S <= now:
                raise Refused("expired", "withdraws what nobody here knows, and is a day old")
        elif alert.until_t <= now:
            raise Refused("expired", f"ended {now - alert.until_t:.0f} s ago")

    def _check_place(self, notice: AuthorityNotice) -> None:
        """Whether it may stand where its references put it."""
        alert = notice.alert
        if alert.name in self._replaced:
            raise Refused("superseded", "was replaced or withdrawn already")
        if alert.kind == "Alert":
            return
        for reference in alert.references:
            if reference.sender != alert.sender:
                what = f"{alert.kind} of a message of {reference.sender}"
                raise Refused("references-other-sender", what)
            known = self._notices.get(reference.name)
            if known is not None and known.alert.sent != reference.sent:
                what = f"{reference.identifier} was sent at another time"
                raise Refused("references-mismatch", what)
            latest = self.latest(reference.name)
            if latest is None:
                continue
            if latest.alert.sent_t >= alert.sent_t:
                what = f"{latest.alert.identifier} is not older and stands in its place"
                raise Refused("rollback", what)
            if latest.verified and not notice.verified:
                raise Refused("unsigned-replaces-signed", "an unsigned word against a signed one")

    def _forget(self, now: float) -> None:
        """Drop what ended long ago; that it was replaced is remembered as long as its replacer."""
        old = [
            name
            for name, one in self._notices.items()
            if max(one.alert.until_t, one.received_t) < now - _KEEP_S
        ]
        for name in old:
            del self._notices[name]
        self._replaced = {
            name: after
            for name, after in self._replaced.items()
            if name in self._notices or after in self._notices
        }
