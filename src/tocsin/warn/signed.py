"""A channel whose CAP messages bear the site's signature."""

from __future__ import annotations

from tocsin.ports import Channel
from tocsin.warn.cap_seal import CapSeal
from tocsin.words import Alert, Receipt, Wording


class SignedChannel:
    """Signs the message in the channel's own time, so that no other channel waits for it."""

    def __init__(self, channel: Channel, seal: CapSeal) -> None:
        self.name = channel.name
        self._channel = channel
        self._seal = seal

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Sign, then tell."""
        if cap_xml:
            cap_xml = (await self._seal.sign(cap_xml)).xml
        return await self._channel.deliver(alert, texts, cap_xml)

    async def self_test(self) -> Receipt:
        """The channel's own."""
        return await self._channel.self_test()

    async def close(self) -> None:
        """Let go of the channel."""
        await self._channel.close()
