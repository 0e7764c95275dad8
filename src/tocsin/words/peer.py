"""What is known of a neighbour to whom news is handed on."""

from __future__ import annotations

import msgspec


class PeerHealth(msgspec.Struct, frozen=True, omit_defaults=True):
    """Proof of life of a neighbour: `connected` now, messages `sent` and `dropped` (replaced by
    nothing, the queue was full), how many wait, and `why` it is not there."""

    peer: str
    connected: bool = False
    sent: int = 0
    dropped: int = 0
    waiting: int = 0
    why: str | None = None
