"""What carries a sensor node's reports to its site: one class a kind of link.

A post returns when the other side has the reports, and raises DeliveryError where it may not have
them: they are then posted again, and the site takes each once, by its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

POST_S = 15.0
"""The longest that one post may take: a slow mobile link, not a dead one."""


class ReportPost(Protocol):
    """One link."""

    wide: bool
    """Whether features of every window fit too, not events and heartbeats only."""

    async def post(self, reports: Sequence[bytes]) -> None:
        """Hand over all of them, in order. Raises DeliveryError."""
        ...

    async def close(self) -> None:
        """Say good-bye and let go."""
        ...
