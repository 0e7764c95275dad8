"""True bytes made wrong in the ways in which links, radios, writers and liars make them wrong."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

import msgspec

LONGEST_BYTES = 65_507
"""What one UDP datagram can carry."""

_BYTES = b"\x00\x01\x7f\x80\xff\xfe\xdd\xf2\x19{[<\"'\n\r$*!@;,.-\x1a"
_TOKENS = (
    b"null", b"true", b"NaN", b"1e999", b"-1e400", b"-0", b"9" * 400, b"0.0000001", b"-181", b"91",
    b"[" * 1200, b'{"a":' * 1200, b"<a>" * 1200, b"&lt;", b"&a;", b'"', b"\\u0000", b"\\ud800",
    b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\xae", b"1970-01-01T00:00:00Z", b"9999-12-31T23:59:60Z",
    b"99999999999999999999", b"-9223372036854775809",
)  # fmt: skip
_VALUES = (
    b"null", b"true", b"0", b"-1", b"1", b"0.5", b"90.0", b"-181.0", b"361.0", b"1e308", b"-1e308",
    b"5e-324", b"2147483648", b"9007199254740993", b"18446744073709551615", b"-9223372036854775808",
    b'""', b'"0"', b'"1e400"', b'"NaN"', b'"%s"' % (b"x" * 300), b'"\\u202e\\u0000"', b"[]", b"{}",
    b"[[]]", b'{"":{}}',
)  # fmt: skip
_NUMBERS = (0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_BLOWN_ONE_IN = 3000


class Mutator:
    """The same seed breaks the same bytes in the same way."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(zlib.crc32(seed.encode()))

    def below(self, count: int) -> int:
        """A number from 0 to below `count`; three times as quick as randrange."""
        return int(self._chance.random() * count)

    def break_(self, data: bytes, others: Sequence[bytes]) -> bytes:
        """One to four faults. `others` lend pieces of themselves.

        A third keep their length and lose a bit or two; half of the JSON stays JSON.
        """
        manner = self.below(6)
        if manner >= 3 and data[:1] in (b"{", b"["):
            return self._break_json(data)
        wrong = bytearray(data)
        if manner < 2 and wrong:
            for _ in range(1 + self.below(2)):
                wrong[self.below(len(wrong))] ^= 1 << self.below(8)
            return bytes(wrong)
        for _ in range(1 + self.below(4)):
            self._fault(wrong, others)
        if self.below(_BLOWN_ONE_IN) == 0 and wrong:
            at = self.below(len(wrong))
            piece = wrong[at : at + 1 + self.below(64)]
            wrong[at:at] = piece * (LONGEST_BYTES // len(piece))
        return bytes(wrong[:LONGEST_BYTES])

    def cuts(self, data: bytes) -> list[bytes]:
        """The same bytes in one to nine pieces, some of them empty."""
        ends = sorted(self.below(len(data) + 1) for _ in range(self.below(9)))
        return [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]

    def _fault(self, wrong: bytearray, others: Sequence[bytes]) -> None:
        at = self.below(len(wrong) + 1)
        some = 1 + self.below(40)
        kind = self.below(12)
        if kind < 3:
            if at < len(wrong):
                wrong[at] ^= 1 << self.below(8)
        elif kind == 3:
            if at < len(wrong):
                wrong[at] = _BYTES[self.below(len(_BYTES))]
        elif kind == 4:
            if at < len(wrong):
                wrong[at] = self.below(256)
        elif kind == 5:  # a length or a count that lies, one to four bytes, either end first
            self._lie(wrong, at)
        elif kind == 6:
            del wrong[at : at + some]
        elif kind == 7:
            del wrong[at:]
        elif kind == 8:
            wrong[at:at] = self._chance.randbytes(some)
        elif kind == 9:
            wrong[at:at] = wrong[at : at + some]
        elif kind == 10:
            other = others[self.below(len(others))]
            start = self.below(len(other) + 1)
            wrong[at : at + self.below(2) * some] = other[start : start + some * 4]
        else:
            token = _TOKENS[self.below(len(_TOKENS))]
            wrong[at : at + self.below(6)] = token

    def _break_json(self, data: bytes) -> bytes:
        """Some values of the document are others, missing or doubled."""
        try:
            tree = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return data[: self.below(len(data))]
        for _ in range(1 + self.below(3)):
            self._break_value(tree)
        return msgspec.json.encode(tree)

    def _break_value(self, tree: object) -> None:
        """Walk down to some value, and put another in its place."""
        while isinstance(tree, dict | list) and tree:
            keys = list(tree) if isinstance(tree, dict) else range(len(tree))
            key = keys[self.below(len(keys))]
            if isinstance(tree[key], dict | list) and tree[key] and self.below(8):
                tree = tree[key]
                continue
            if self.below(8) == 0:
                del tree[key]
            elif self.below(8) == 0 and isinstance(tree, list):
                tree.extend(tree[: 1 + self.below(8)] * (1 + self.below(20)))
            else:
                tree[key] = self._other(tree[key])  # type: ignore[index]
            return

    def _other(self, value: object) -> object:
        kind = self.below(4)
        if kind == 0 and isinstance(value, int | float) and value == value:
            return value * (self._chance.random() - 0.5) * 10.0 ** self.below(30)
        if kind == 1 and isinstance(value, str) and value:
            at = self.below(len(value))
            return value[:at] + chr(32 + self.below(0x300)) + value[at + self.below(3) :]
        return msgspec.json.decode(_VALUES[self.below(len(_VALUES))])

    def _lie(self, wrong: bytearray, at: int) -> None:
        width = (1, 2, 2, 4)[self.below(4)]
        end = "big" if self.below(2) else "little"
        if self.below(2):
            number = _NUMBERS[self.below(len(_NUMBERS))]
        else:
            told = int.from_bytes(wrong[at : at + width], end)  # type: ignore[arg-type]
            number = told + self.below(9) - 4
        mask = (1 << 8 * width) - 1
        wrong[at : at + width] = (number & mask).to_bytes(width, end)  # type: ignore[arg-type]
