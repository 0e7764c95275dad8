"""The site's seal on CAP messages: its key, its certificate, and how well they are.

The files are looked at again whenever a message is to be signed, so that a new pair is used as
soon as both lie there; while they do not fit together the former pair goes on being used. A key
that others on this machine may read is not used at all. Nothing here is on the way to a siren:
each message is signed on a thread by whoever publishes it, once, and what cannot be signed within
two seconds goes out unsigned or, where the site says so, is withheld.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tocsin.encode.cap_signature import SigningPair, check_time, read_pair, says, sign_cap
from tocsin.errors import SigningError
from tocsin.ports import Clock

SIGN_WITHIN_S = 2.0
"""Half a millisecond is usual; a disk that hangs is not waited for."""

WARN_BEFORE_S = 30 * 86_400.0
"""A certificate that ends so soon is said to end."""

_MOST_KEPT = 200
_DAY_S = 86_400.0


class Sealed(msgspec.Struct, frozen=True):
    """A message as it is published. `xml` is empty where it is withheld; `why` it is not signed."""

    xml: bytes
    signed: bool
    why: str | None = None


class SealHealth(msgspec.Struct, frozen=True):
    """Whether messages can be signed: `why` not, and when the certificate ends."""

    why: str | None = None
    until_t: float | None = None
    subject: str | None = None

    def days_left(self, now: float) -> int | None:
        """Whole days until the certificate ends, where that is soon; None where it is not."""
        if self.until_t is None or self.until_t - now > WARN_BEFORE_S:
            return None
        return max(0, int((self.until_t - now) // _DAY_S))


class _Exposed(SigningError):
    """Somebody else may have the key: not even its former use goes on."""


class CapSeal:
    """Signs what the site itself says; hands on untouched what others said."""

    def __init__(
        self, sender: str, key: Path, certificate: Path, clock: Clock, *, withhold: bool = False
    ) -> None:
        self._sender, self._key, self._certificate = sender, key, certificate
        self._clock = clock
        self._withhold = withhold
        self._pair: SigningPair | None = None
        self._seen: tuple[tuple[int, int], ...] = ()
        self._made: dict[bytes, asyncio.Task[Sealed]] = {}

    async def sign(self, xml: bytes) -> Sealed:
        """The message, signed; the same bytes for all who ask. Never raises."""
        name = hashlib.sha256(xml).digest()
        task = self._made.get(name)
        if task is None:
            task = asyncio.create_task(self._sign_in_time(xml), name="cap seal")
            self._made[name] = task
            while len(self._made) > _MOST_KEPT:
                del self._made[next(iter(self._made))]
        sealed = await asyncio.shield(task)
        if sealed.why is not None:
            self._made.pop(name, None)  # another try may find the key mended
        return sealed

    def health(self) -> SealHealth:
        """How the pair is now, by its files."""
        try:
            pair = self._fresh_pair()
        except SigningError as error:
            held = self._pair
            return SealHealth(str(error), None if held is None else held.until_t)
        return SealHealth(None, pair.until_t, pair.subject)

    async def _sign_in_time(self, xml: bytes) -> Sealed:
        try:
            async with asyncio.timeout(SIGN_WITHIN_S):
                return await asyncio.to_thread(self._sign, xml)
        except TimeoutError:
            return self._without(xml, f"no signature within {SIGN_WITHIN_S:g} s")

    def _sign(self, xml: bytes) -> Sealed:
        try:
            sender, signed = says(xml)
            if signed or sender != self._sender:
                return Sealed(xml, signed)
            return Sealed(sign_cap(xml, self._usable_pair()), signed=True)
        except SigningError as error:
            return self._without(xml, str(error))

    def _without(self, xml: bytes, why: str) -> Sealed:
        return Sealed(b"" if self._withhold else xml, signed=False, why=why)

    def _usable_pair(self) -> SigningPair:
        """The files' pair, else the former one if it still holds. Raises SigningError."""
        try:
            return self._fresh_pair()
        except _Exposed:
            raise
        except SigningError:
            if self._pair is None:
                raise
            check_time(self._pair, self._clock.now())
            return self._pair

    def _fresh_pair(self) -> SigningPair:
        try:
            states = [file.stat() for file in (self._key, self._certificate)]
            seen = tuple((one.st_mtime_ns, one.st_ino) for one in states)
            check_key_mode(states[0])
            if self._pair is None or seen != self._seen:
                pair = read_pair(self._key.read_bytes(), self._certificate.read_bytes())
                check_time(pair, self._clock.now())
                self._pair, self._seen = pair, seen
        except OSError as error:
            name = Path(error.filename or "").name
            raise SigningError(f"{name}: {error.strerror}", remedy="see [cap]") from None
        check_time(self._pair, self._clock.now())
        return self._pair


def check_key_mode(state: os.stat_result) -> None:
    """Raises SigningError for a key that others may read or that is not ours."""
    if stat.S_IMODE(state.st_mode) & 0o077:
        raise _Exposed("others on this machine may read the key", remedy="chmod 600; a new key")
    if state.st_uid not in (os.geteuid(), 0):
        raise _Exposed("the key belongs to somebody else", remedy="chown it to Tocsin's user")


def day(t: float) -> str:
    """The UTC date of a time."""
    return datetime.fromtimestamp(t, UTC).date().isoformat()
