"""Door to people: one file a channel; each says delivered or not."""

from tocsin.warn.dispatch import Dispatcher
from tocsin.warn.kind import ChannelKind, Reach, SettingFault
from tocsin.warn.registry import Post, channel_faults, channel_kinds, make_channel

__all__ = [
    "ChannelKind",
    "Dispatcher",
    "Post",
    "Reach",
    "SettingFault",
    "channel_faults",
    "channel_kinds",
    "make_channel",
]
