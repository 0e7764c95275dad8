"""Which kinds of channel there are, and a channel made from its table of tocsin.toml."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

import msgspec

from tocsin.errors import ConfigError
from tocsin.ports import Channel, Clock
from tocsin.warn.cap_seal import CapSeal
from tocsin.warn.kind import ChannelKind, Reach
from tocsin.warn.settings import as_config_error, read_settings
from tocsin.warn.signed import SignedChannel

GROUP = "tocsin.channels"
"""The entry point group in which built-in kinds and outsiders' register alike."""


class Post(msgspec.Struct, frozen=True):
    """A channel at its post: what carries the warning, and what it is told."""

    channel: Channel
    reach: Reach
    once_a_level: bool = False


@lru_cache(maxsize=1)
def _registered() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def channel_kinds() -> tuple[str, ...]:
    """The names of all registered kinds, sorted."""
    return tuple(sorted(_registered()))


def find_kind(kind: str) -> ChannelKind[msgspec.Struct]:
    """The kind of that name. Raises ConfigError if there is none or it cannot be loaded."""
    point = _registered().get(kind)
    if point is None:
        near = difflib.get_close_matches(kind, channel_kinds(), n=1)
        meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(channel_kinds())}"
        raise ConfigError(f"there is no channel kind {kind!r}", remedy=meant)
    try:
        loaded = point.load()
    except ImportError as error:
        raise ConfigError(
            f"the channel kind {kind!r} cannot be loaded: {error}",
            remedy="install what it needs, or remove the channel",
        ) from error
    if not isinstance(loaded, ChannelKind):
        raise ConfigError(f"{point.value} is not a ChannelKind", remedy="mend the package")
    return loaded


def channel_faults(name: str, kind: str, settings: Mapping[str, object]) -> list[ConfigError]:
    """Every fault of one channel's table, each with its key and remedy; empty if it is sound."""
    try:
        found = find_kind(kind)
    except ConfigError as error:
        what = ConfigError(error.what, key=f"channels.{name}.kind", remedy=error.remedy)
        return [what]
    _, _, faults = read_settings(found, settings)
    return [as_config_error(fault, name) for fault in faults]


def make_channel(
    name: str,
    kind: str,
    settings: Mapping[str, object],
    clock: Clock,
    seal: CapSeal | None = None,
) -> Post:
    """The channel, ready to be told; with `seal` the CAP messages that it publishes are signed.
    Raises the first ConfigError of its table."""
    found = find_kind(kind)
    read, reach, faults = read_settings(found, settings)
    if faults or read is None or reach is None:
        raise as_config_error(faults[0], name)
    channel = found.make(name, read, clock, reach.timeout_s)
    sealed = channel if seal is None or not found.cap else SignedChannel(channel, seal)
    return Post(sealed, reach, found.once_a_level)
