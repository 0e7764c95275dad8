"""The last minute of sound, in memory, kept only when the site asks for an incident, under seal.

Sealed to the site's public key: this node cannot open what it has kept, nor can a thief of its
disk. It is stored here, readable by the node's user alone, and goes nowhere by itself. Every ask,
kept or refused, is a line in `asks.ndjson`.

Standard   HPKE (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305.
           A file is one line of JSON, which is also HPKE's `info`, and then the ciphertext
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tocsin.decode.evidence_ask import AskReader
from tocsin.errors import DecodeError, InputError
from tocsin.run.node.settings import EvidenceTable
from tocsin.words import Frame
from tocsin.words.evidence import Ask

_log = logging.getLogger("tocsin.node")

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_PURPOSE = b"tocsin evidence 1\n"
_AHEAD_S = 60.0
"""An ask may reach into the minute that comes."""
_MOST_BYTES = 64 * 2**20
"""Of the ring: 60 s of five channels at 96 kHz."""


class SealedHead(msgspec.Struct, frozen=True):
    """What is told of a sealed sound in clear."""

    format: str
    sensor: str
    incident: str
    from_t: float
    to_t: float
    blocks: int
    sha256: str
    """Of the sound, to prove later that it is this."""


class EvidenceKeeper:
    """Of one node."""

    def __init__(
        self, sensor: str, table: EvidenceTable, folder: Path, now: Callable[[], float]
    ) -> None:
        self._table, self._sensor, self._now = table, sensor, now
        self._folder = folder / table.folder
        self._to = X25519PublicKey.from_public_bytes(base64.b64decode(table.seal_to))
        self._reader = AskReader(sensor, table.ask_key)
        self._ring: deque[Frame] = deque()
        self._bytes = 0
        self._pending: list[Ask] = []

    def hear(self, frame: Frame) -> None:
        """One block of sound goes in, and those older than a minute out."""
        self._ring.append(frame)
        self._bytes += len(frame.data)
        oldest = frame.t - self._table.seconds
        while self._ring and (self._ring[0].t < oldest or self._bytes > _MOST_BYTES):
            self._bytes -= len(self._ring.popleft().data)
        for ask in [one for one in self._pending if frame.t >= one.to_t]:
            self._pending.remove(ask)
            self._keep(ask)

    def ask(self, data: bytes) -> None:
        """What the link brought: kept when its stretch is over, if it is an ask that counts."""
        now = self._now()
        try:
            ask = self._reader.read(data, now)
        except DecodeError as error:
            self._note({"t": round(now, 3), "refused": error.rule})
            _log.warning("an ask for evidence is refused: %s", error)
            return
        if ask.to_t > now + _AHEAD_S:
            self._note({"t": round(now, 3), "incident": ask.incident, "refused": "ask-time"})
            return
        self._pending.append(ask)

    def _keep(self, ask: Ask) -> None:
        frames = [one for one in self._ring if ask.from_t <= one.t < ask.to_t]
        sound = b"".join(len(one.data).to_bytes(4, "big") + one.data for one in frames)
        head = SealedHead(
            "tocsin-evidence-1", self._sensor, ask.incident, ask.from_t, ask.to_t, len(frames),
            hashlib.sha256(sound).hexdigest(),
        )  # fmt: skip
        noted: dict[str, object] = {"asked_t": ask.t, **msgspec.structs.asdict(head)}
        try:
            noted["file"] = write_sealed(self._folder, head, sound, self._to)
            self._forget_oldest()
        except OSError as error:
            noted["failed"] = error.strerror or str(error)
        self._note(noted)
        _log.info("evidence for %s: %s", ask.incident, noted.get("file") or noted.get("failed"))

    def _forget_oldest(self) -> None:
        kept = sorted(self._folder.glob("*.sealed"), key=lambda file: file.stat().st_mtime)
        for file in kept[: -self._table.most_files]:
            file.unlink()
            self._note({"forgotten": file.name})

    def _note(self, line: dict[str, object]) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (self._folder / "asks.ndjson").open("ab") as out:
                out.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            _log.warning("the log of evidence cannot be written: %s", error)


def write_sealed(folder: Path, head: SealedHead, sound: bytes, to: X25519PublicKey) -> str:
    """Seal and store; the file's name."""
    line = msgspec.json.encode(head) + b"\n"
    sealed = _SUITE.encrypt(sound, to, info=_PURPOSE + line)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{int(head.from_t)}-{head.sensor}-{head.incident}.sealed"
    number = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "wb") as out:
        out.write(line + sealed)
        out.flush()
        os.fsync(out.fileno())
    return name


def open_sealed(data: bytes, key: X25519PrivateKey) -> tuple[SealedHead, list[bytes]]:
    """(what is told of it, its blocks of sound as WAV files). Raises InputError."""
    line, _, sealed = data.partition(b"\n")
    try:
        head = msgspec.json.decode(line, type=SealedHead)
        sound = _SUITE.decrypt(sealed, key, info=_PURPOSE + line + b"\n")
    except msgspec.DecodeError:
        raise InputError("is no sealed evidence") from None
    except (InvalidTag, ValueError):
        raise InputError("does not open", remedy="another key, or it was altered") from None
    found, at = [], 0
    while at < len(sound):
        size = int.from_bytes(sound[at : at + 4], "big")
        found.append(sound[at + 4 : at + 4 + size])
        at += 4 + size
    return head, found
