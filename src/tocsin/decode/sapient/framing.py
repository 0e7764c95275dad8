"""How SAPIENT messages lie in streams and files: each behind its length, or as JSON.

Standard   BSI Flex 335 v2.0: TCP, each message behind a 32-bit little-endian length
Files      the stream as it was (`sapient`); or protobuf's JSON form (`sapient-json`), one message a
           file or one a line
Time       a recorded message came when it was sent, as far as anybody knows
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import msgspec
from google.protobuf.message import DecodeError
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tocsin.decode.sapient.messages import LONGEST_MESSAGE_BYTES
from tocsin.decode.stream import Lines
from tocsin.errors import FormatError
from tocsin.words import Frame, Link

_HEAD_BYTES = 4
_START = re.compile(
    rb"(?:\x0a[\x00-\x14].{0,20})?\x12\x24[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    re.DOTALL,
)
"""A time stamp (field 1) and a node's UUID (field 2), as every writer of protobuf lays them."""
_CONTENT = (
    b"registration|registrationAck|registration_ack|statusReport|status_report|detectionReport|"
    b"detection_report|task|taskAck|task_ack|alert|alertAck|alert_ack|error"
)
_MARKS = (
    re.compile(rb'"timestamp"\s*:\s*"\d{4}-\d\d-\d\dT'),
    re.compile(rb'"(?:nodeId|node_id)"\s*:\s*"'),
    re.compile(rb'"(?:' + _CONTENT + rb')"\s*:\s*\{'),
)
"""Two of these three make a JSON object a SAPIENT message, perhaps a broken one."""


class Prefixed:
    """Messages behind their lengths. A length beyond `longest` ends it: nothing after it can be
    told apart."""

    def __init__(self, longest: int = LONGEST_MESSAGE_BYTES) -> None:
        self.dropped = 0
        self._longest = longest
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete."""
        if self.dropped:
            self.dropped += len(data)
            return []
        rest = self._rest
        rest += data
        found: list[bytes] = []
        at = 0
        while len(rest) - at >= _HEAD_BYTES:
            length = int.from_bytes(rest[at : at + _HEAD_BYTES], "little")
            if length > self._longest:
                self.dropped = len(rest) - at
                rest.clear()
                return found
            end = at + _HEAD_BYTES + length
            if len(rest) < end:
                break
            found.append(bytes(rest[at + _HEAD_BYTES : end]))
            at = end
        del rest[:at]
        return found


class SapientFormat:
    """The stream of a connection, recorded."""

    name = "sapient"
    link: Link = "sapient"

    def sniff(self, start: bytes) -> bool:
        """A sensible length, then a message that begins as SAPIENT's do."""
        length = int.from_bytes(start[:_HEAD_BYTES], "little")
        return 0 < length <= LONGEST_MESSAGE_BYTES and bool(_START.match(start, _HEAD_BYTES))

    def frames(
        self,
        data: bytes,
        name: str = "recording",
        *,
        sensor: str | None = None,
        start: float = 0.0,
        skipped: Counter[str] | None = None,
    ) -> Iterator[Frame]:
        """One frame a message. Raises FormatError at a length that cannot be, or at a cut end."""
        at, number, t = 0, 0, start
        while at < len(data):
            where = f"{name} byte {at}"
            length = int.from_bytes(data[at : at + _HEAD_BYTES], "little")
            end = at + _HEAD_BYTES + length
            if length > LONGEST_MESSAGE_BYTES:
                raise FormatError(f"a message of {length} bytes", where=where)
            if end > len(data):
                raise FormatError("the last message is cut off", where=where)
            number += 1
            message = data[at + _HEAD_BYTES : end]
            t = _sent(message, t)
            yield Frame(message, sensor or "", t, self.link, f"{name} message {number}")
            at = end

    def datagram(self, data: bytes) -> list[bytes]:
        """The messages in one datagram, each behind its length."""
        return Prefixed().feed(data)

    def splitter(self) -> Prefixed:
        """For connections."""
        return Prefixed()


def _sent(message: bytes, otherwise: float) -> float:
    try:
        stamp = SapientMessage.FromString(message).timestamp
    except DecodeError:
        return otherwise
    return _seconds(stamp.seconds, stamp.nanos) or otherwise


def _seconds(seconds: int, nanos: int) -> float | None:
    sound = 0 < seconds < 253_402_300_800 and 0 <= nanos < 1_000_000_000
    return seconds + nanos * 1e-9 if sound else None


class _Stamped(msgspec.Struct, frozen=True):
    """Just enough of a message to put it in its place."""

    timestamp: str = ""


_read_stamp = msgspec.json.Decoder(_Stamped).decode
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)\d*(Z|[+-]\d\d:\d\d)")


class SapientJsonFormat:
    """The JSON form: one message a file, or one a line."""

    name = "sapient-json"
    link: Link = "sapient-json"

    def sniff(self, start: bytes) -> bool:
        """A JSON object with two of the three marks of a message."""
        text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
        return text.startswith(b"{") and sum(bool(mark.search(text)) for mark in _MARKS) >= 2

    def frames(
        self,
        data: bytes,
        name: str = "recording",
        *,
        sensor: str | None = None,
        start: float = 0.0,
        skipped: Counter[str] | None = None,
    ) -> Iterator[Frame]:
        """One frame a message: a line where each begins one, else the whole file."""
        lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        told = [(k, line) for k, line in enumerate(lines, start=1) if line.strip()]
        if not all(line.lstrip().startswith(b"{") for _, line in told):
            told = [(1, b"\n".join(lines))]
        t = start
        for number, line in told:
            t = _stamped(line, t)
            yield Frame(line, sensor or "", t, self.link, f"{name} line {number}")

    def datagram(self, data: bytes) -> list[bytes]:
        """One message, or one a line."""
        return [frame.data for frame in self.frames(data)]

    def splitter(self) -> Lines:
        """One message a line."""
        return Lines(LONGEST_MESSAGE_BYTES)


def _stamped(text: bytes, otherwise: float) -> float:
    try:
        told = _STAMP.fullmatch(_read_stamp(text).timestamp)
        stamp = None if told is None else msgspec.convert(told[1] + told[2], type=datetime)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return otherwise
    return otherwise if stamp is None else stamp.timestamp()
