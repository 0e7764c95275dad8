"""Authentication pages → whole signatures, the latest of each transmitter.

Standard   ASTM F3411-22a, 5.4.5.8: page 0 names type, length, time and last page and holds 17
           bytes; pages 1 to 15 hold 23 bytes each
Bounds     16 pages an address, as many addresses as the address book; silent longest goes first
Begins     anew when a page differs from the one kept (signatures are made again and again), when
           the type does, and after 30 s of silence
Trust      none: no key is known here, so that a signature is kept and shown, never believed
"""

from __future__ import annotations

from collections import OrderedDict

from tocsin.decode.remote_id.address_book import LIFE_S, MOST_ADDRESSES
from tocsin.words.remote_id import Authentication, Signature


class _Pages:
    """What one address is sending."""

    __slots__ = ("auth_type", "pages", "t")

    def __init__(self, auth_type: str, t: float) -> None:
        self.auth_type = auth_type
        self.pages: dict[int, Authentication] = {}
        self.t = t

    def signature(self) -> Signature:
        """What there is of it so far."""
        first = self.pages.get(0)
        data = b""
        for number in range(len(self.pages)):
            if number not in self.pages:
                break
            data += self.pages[number].data
        if first is None or first.length is None or first.last_page is None:
            return Signature(self.auth_type, self.t, b"", False)
        complete = all(number in self.pages for number in range(first.last_page + 1))
        return Signature(
            self.auth_type,
            self.t,
            data[: first.length],
            complete,
            first.last_page,
            first.length,
            first.signed_t,
        )


class SignatureBook:
    """The memory of one decoder. Addresses are raw bytes."""

    def __init__(self, most_addresses: int = MOST_ADDRESSES) -> None:
        self._most = most_addresses
        self._by_address: OrderedDict[bytes, _Pages] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_address)

    def hear(self, address: bytes, page: Authentication, t: float) -> None:
        """One page was heard."""
        kept = self._by_address.get(address)
        if kept is None and len(self._by_address) >= self._most:
            self._by_address.popitem(last=False)
        if kept is None or kept.auth_type != page.auth_type or abs(t - kept.t) > LIFE_S:
            kept = self._by_address[address] = _Pages(page.auth_type, t)
        known = kept.pages.get(page.page)
        if known is not None and known != page:
            kept.pages = {}
        kept.pages[page.page] = page
        kept.t = t
        self._by_address.move_to_end(address)

    def latest(self, address: bytes) -> Signature | None:
        """The latest signature of an address, whole or not; None where none was heard."""
        kept = self._by_address.get(address)
        return None if kept is None else kept.signature()
