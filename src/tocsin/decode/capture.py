"""Capture files → frames: classic pcap here, pcapng next door.

Standard   draft-ietf-opsawg-pcap (all four magic numbers: either byte order, micro or nanoseconds);
           link types of the tcpdump.org registry: 1, 12, 14, 101, 105, 113, 127, 251, 256,
           272, 276; of networks (Ethernet and its like) what UDP datagrams carried is given
Leaves out other link types, which are counted and skipped; compressed files
Errors     FormatError naming the file and the byte, after every frame that stands before it
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator

from tocsin.decode import pcapng
from tocsin.decode.internet import NETWORK_LINKS, carried
from tocsin.decode.links import link_of
from tocsin.errors import FormatError
from tocsin.words import Frame, Link

_MAGICS: dict[bytes, tuple[str, float]] = {
    b"\xa1\xb2\xc3\xd4": (">", 1e6),
    b"\xd4\xc3\xb2\xa1": ("<", 1e6),
    b"\xa1\xb2\x3c\x4d": (">", 1e9),
    b"\x4d\x3c\xb2\xa1": ("<", 1e9),
}
_HEAD_BYTES = 24
_RECORD_BYTES = 16
_MOST_FRAME_BYTES = 262_144
"""Longest frame of any link type in the registry; a longer one means a damaged file."""


class CaptureFormat:
    """Files of pcap and pcapng; their frames are of the links that they name."""

    name = "capture"
    link: Link = "capture"

    def sniff(self, start: bytes) -> bool:
        """By the magic number."""
        return start[:4] in _MAGICS or start[:4] == pcapng.MAGIC

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """See `frames`; a capture tells its own times."""
        return frames(data, name, sensor=sensor, skipped=skipped)

    def datagram(self, data: bytes) -> list[bytes]:
        """None: captures are files."""
        return []

    def splitter(self) -> None:
        """None: captures are files."""
        return


def frames(
    data: bytes,
    name: str = "capture",
    *,
    sensor: str | None = None,
    skipped: Counter[str] | None = None,
) -> Iterator[Frame]:
    """The frames of a capture in the order of the file, as heard by `sensor`.

    Without `sensor` it is the interface's name if the file gives one, else `name` without its
    ending; but a network is no sensor: what it carried names its own, or none. `skipped` counts
    frames of link types that nobody here reads, and frames of networks that carry no datagram.
    """
    count = Counter[str]() if skipped is None else skipped
    if data[:4] == pcapng.MAGIC:
        found = pcapng.frames(data, name, sensor=sensor, skipped=count)
    elif data[:4] in _MAGICS:
        found = _pcap(data, name, sensor or name.rpartition(".")[0] or name, count)
    else:
        raise FormatError("neither pcap nor pcapng", where=f"{name} byte 0")
    return _unwrapped(found, sensor or "", count)


def _unwrapped(found: Iterator[Frame], sensor: str, skipped: Counter[str]) -> Iterator[Frame]:
    """Frames of networks replaced by what their datagrams carried."""
    for frame in found:
        if frame.link not in NETWORK_LINKS:
            yield frame
            continue
        content = carried(frame.link, frame.data)
        if isinstance(content, str):
            skipped[content] += 1
        else:
            yield Frame(content, sensor, frame.t, "udp", frame.origin)


def _pcap(data: bytes, name: str, sensor: str, skipped: Counter[str]) -> Iterator[Frame]:
    order, per_second = _MAGICS[data[:4]]
    if len(data) < _HEAD_BYTES:
        raise FormatError("the file ends within its head", where=f"{name} byte {len(data)}")
    # The upper bits of the link type say how long the check sum of each frame is.
    link_type = int(struct.unpack_from(order + "I", data, 20)[0]) & 0x0FFF_FFFF
    link = link_of(link_type)
    record = struct.Struct(order + "IIII")
    at = _HEAD_BYTES
    number = 0
    while at < len(data):
        number += 1
        start = at + _RECORD_BYTES
        if start > len(data):
            raise FormatError(f"frame {number} is cut short", where=f"{name} byte {at}")
        seconds, fraction, size, _ = record.unpack_from(data, at)
        if size > _MOST_FRAME_BYTES:
            raise FormatError(f"frame {number} claims {size} bytes", where=f"{name} byte {at}")
        if start + size > len(data):
            raise FormatError(f"frame {number} is cut short", where=f"{name} byte {at}")
        at = start + size
        if link is None:
            skipped[f"link type {link_type}"] += 1
            continue
        t = seconds + fraction / per_second
        yield Frame(data[start:at], sensor, t, link, f"{name} frame {number}")
