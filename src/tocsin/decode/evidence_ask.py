"""A site's ask for evidence, once it is known to be the site's own and to be meant for this node.

Trust      the site's key only; not older or further ahead than `ASK_S`; each once; a stretch of
           at most 60 s
Errors     Truncated; Refused "cbor-form", "cose-form", "key-unknown", "signature-bad", "ask-form",
           "ask-other", "ask-time", "ask-stretch", "repeated"
"""

from __future__ import annotations

import msgspec

from tocsin.decode import cbor
from tocsin.decode.signed_report import KeyRing, take_apart
from tocsin.errors import Refused
from tocsin.words.evidence import MOST_ASKED_S, Ask, WireAsk

ASK_S = 120.0


class AskReader:
    """The asks of one site to the node `sensor`."""

    def __init__(self, sensor: str, site_key: str) -> None:
        self._sensor = sensor
        self._keys = KeyRing({"site": [site_key]})
        self._latest_t = 0.0

    def read(self, data: bytes, now: float) -> Ask:
        """The ask. Raises DecodeError for what is none, not ours, or not meant now."""
        message = take_apart(data)
        self._keys.signer(message)
        plain = cbor.read(message.payload)
        if not isinstance(plain, dict):
            raise Refused("ask-form", "the body is no map")
        try:
            wire = msgspec.convert({str(key): value for key, value in plain.items()}, WireAsk)
        except msgspec.ValidationError as error:
            raise Refused("ask-form", str(error)) from None
        ask = Ask(wire.sensor, wire.t_ms / 1e3, wire.incident, wire.from_ms / 1e3, wire.to_ms / 1e3)
        if ask.sensor != self._sensor:
            raise Refused("ask-other", f"meant for {ask.sensor}")
        if abs(ask.t - now) > ASK_S:
            raise Refused("ask-time", f"{now - ask.t:.0f} s old")
        if not 0.0 < ask.to_t - ask.from_t <= MOST_ASKED_S:
            raise Refused("ask-stretch", f"{ask.to_t - ask.from_t:g} s are not 0 to {MOST_ASKED_S}")
        if ask.t <= self._latest_t:
            raise Refused("repeated", "an ask of this time or a later one came before")
        self._latest_t = ask.t
        return ask
