"""MAVLink in files, datagrams and streams → one frame for each Open Drone ID message.

Carries    raw streams as a file; .tlog of QGroundControl and MAVProxy (before each packet its
           time, Unix microseconds, 8 bytes, big-endian); datagrams (UDP 14550); serial and TCP
Leaves out every other message: counted as skipped in files, passed over live
Errors     bytes in which no packet can begin are stepped over one by one, as every MAVLink
           receiver does; a packet of ours with a wrong check sum is handed on to be refused
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tocsin.decode.mavlink.packet import ODID_EXTRA, V1, V2, Packet, is_sound, read_head
from tocsin.words import Frame, Link

_STAMP_BYTES = 8
_EARLIEST_US, _LATEST_US = 10**15, 10**16  # 2001 to 2286: no packet's first bytes read so
_HEAD_MOST_BYTES = 10


class MavlinkFormat:
    """Raw MAVLink and .tlog; the frames are whole packets."""

    name = "mavlink"
    link: Link = "mavlink"

    def sniff(self, start: bytes) -> bool:
        """Whether packets stand back to back from the first byte, and one of them proves itself by
        its check sum and none disproves itself."""
        stamped = _is_stamped(start)
        at, proved = 0, False
        while True:
            head = at + (_STAMP_BYTES if stamped else 0)
            packet = read_head(start, head)
            if packet is None:
                return proved and head + _HEAD_MOST_BYTES > len(start)
            if packet.end > len(start):
                return proved
            sound = is_sound(start, head, packet)
            if sound is False:
                return False
            proved = proved or sound is True
            at = packet.end

    def frames(
        self, data: bytes, name: str, *, sensor: str | None, start: float, skipped: Counter[str]
    ) -> Iterator[Frame]:
        """The Open Drone ID packets, at the log's times, else all at `start`."""
        stamped = _is_stamped(data)
        t = start
        at = number = 0
        while at < len(data):
            head = at + (_STAMP_BYTES if stamped else 0)
            packet = read_head(data, head)
            if packet is None or packet.end > len(data):
                at += 1
                continue
            number += 1
            if stamped:
                micros = int.from_bytes(data[at:head], "big")
                if not _EARLIEST_US <= micros < _LATEST_US:
                    at += 1
                    continue
                t = micros / 1e6
            if packet.message in ODID_EXTRA:
                origin = f"{name} byte {head}"
                yield Frame(data[head : packet.end], sensor or "", t, "mavlink", origin)
            else:
                skipped["other MAVLink message"] += 1
            at = packet.end

    def datagram(self, data: bytes) -> list[bytes]:
        """The Open Drone ID packets in one datagram."""
        found = []
        at = 0
        while at < len(data):
            packet = read_head(data, at)
            if packet is None or packet.end > len(data):
                at += 1
                continue
            if packet.message in ODID_EXTRA:
                found.append(data[at : packet.end])
            at = packet.end
        return found

    def splitter(self) -> Packets:
        """Packets of a serial line or a connection."""
        return Packets()


class Packets:
    """Open Drone ID packets out of a stream. One byte after another is given up until a packet of
    ours with a right check sum begins: the length of any other cannot be trusted."""

    def __init__(self) -> None:
        self.dropped = 0
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that these bytes complete."""
        rest = self._rest + data
        found = []
        at = 0
        while at < len(rest):
            packet = read_head(rest, at)
            if packet is None and _may_begin(rest, at):
                break
            if packet is None or packet.message not in ODID_EXTRA:
                at = _next(rest, at, packet)
                continue
            if packet.end > len(rest):
                break
            if is_sound(rest, at, packet):
                found.append(rest[at : packet.end])
                at = packet.end
            else:
                self.dropped += 1
                at += 1
        self._rest = rest[at:]
        return found


def _next(data: bytes, at: int, packet: Packet | None) -> int:
    """Where to look on: behind another message that proves itself, else at the next byte."""
    if packet is not None and packet.end <= len(data) and is_sound(data, at, packet):
        return packet.end
    return at + 1


def _may_begin(data: bytes, at: int) -> bool:
    """Whether the head of a packet may only have not come yet."""
    return data[at] in (V1, V2) and at + _HEAD_MOST_BYTES > len(data)


def _is_stamped(data: bytes) -> bool:
    """Whether a .tlog's time stands before the first packet."""
    if len(data) <= _STAMP_BYTES or read_head(data, _STAMP_BYTES) is None:
        return False
    return _EARLIEST_US <= int.from_bytes(data[:_STAMP_BYTES], "big") < _LATEST_US
