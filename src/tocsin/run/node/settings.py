"""`node.toml`: what a sensor node is told; options of `tocsin listen` go before it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from tocsin.errors import ConfigError
from tocsin.run.settings import Id, Seconds

PublicKey = Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z0-9+/]{43}=)?$")]
Table = TypeVar("Table", bound=msgspec.Struct)
Rate = Annotated[int, msgspec.Meta(ge=8_000, le=192_000)]


class NodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[node]` a sensor node.

    id: the sensor's id, as in the site's sensors.json
    to: the site: mqtts://HOST/PREFIX, https://HOST/PATH, serial:/dev/DEVICE, or file:PATH
    microphone: "auto", "arecord:DEVICE", "portaudio:DEVICE", or a sound file that stands in for one
    recorder: program that writes samples of 16 bits to its standard output, instead
    rate_hz: samples a second and channel
    channels: how many microphones the card has
    key: file of the node's private key; `tocsin listen --enrol` makes it
    spool: file of the reports that wait for the link
    spool_mib: how much may wait
    heartbeat_s: how often the node says how it is
    features: features of every window: "auto" sends them where the link is wide
    features_every_s: how often they are sent
    update_s: how often an event that goes on is told again
    self_test: the chirp is injected into the samples, or played by `speaker`
    self_test_every_s: how often
    speaker: program that plays the WAV file on its standard input
    user: the name to sign in with at the broker, or at the web server (basic authentication)
    password_file: file of the password, readable by nobody else
    ca: file of the certificates that the site's must come from
    certificate: file of our certificate, where the broker asks for one
    certificate_key: file of the key of our certificate
    baud: speed of a serial line
    pause_s: pause between reports on a serial line, for a radio's duty cycle
    """

    id: Id
    to: str
    microphone: str = "auto"
    recorder: list[str] = []
    rate_hz: Rate = 16_000
    channels: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    key: str = "node.key"
    spool: str = "spool.sqlite"
    spool_mib: Annotated[float, msgspec.Meta(gt=0)] = 16.0
    heartbeat_s: Seconds = 30.0
    features: Literal["auto", "on", "off"] = "auto"
    features_every_s: Seconds = 2.0
    update_s: Seconds = 2.0
    self_test: Literal["inject", "play", "off"] = "inject"
    self_test_every_s: Seconds = 86_400.0
    speaker: list[str] = msgspec.field(default_factory=lambda: ["aplay", "--quiet", "-"])
    user: str = ""
    password_file: str = ""
    ca: str = ""
    certificate: str = ""
    certificate_key: str = ""
    baud: Annotated[int, msgspec.Meta(ge=1)] = 115_200
    pause_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class EvidenceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[evidence]` sound kept under seal when an incident asks; without this table there is none.

    seal_to: the site's X25519 public key; only its private half opens what is kept
    ask_key: the site's Ed25519 public key: asks count only with its signature
    folder: where it is kept
    seconds: how much sound is held in memory
    most_files: how many are kept, the oldest go first
    """

    seal_to: PublicKey
    ask_key: PublicKey
    folder: str = "evidence"
    seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 60.0
    most_files: Annotated[int, msgspec.Meta(ge=1)] = 50


class NodeConfig(msgspec.Struct, frozen=True):
    """A sound `node.toml`. Paths start at `folder`."""

    folder: Path
    node: NodeTable
    evidence: EvidenceTable | None = None
    ear: Mapping[str, Any] = {}
    """`[decoder.ear]`, for the ear itself."""


def read_node_config(file: Path | None, options: Mapping[str, object]) -> NodeConfig:
    """The node that a file, options, or both describe. Raises ConfigError."""
    raw: dict[str, Any] = {}
    name = "options"
    if file is not None:
        name = str(file)
        try:
            raw = tomllib.loads(file.read_text("utf-8"))
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", file=name) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"not TOML: {error}", file=name) from None
    for key in raw.keys() - {"node", "evidence", "decoder"}:
        raise ConfigError("unknown table", file=name, key=key, remedy="node, evidence, decoder.ear")
    node = {**_table(raw, "node", name), **{k: v for k, v in options.items() if v is not None}}
    evidence = raw.get("evidence")
    decoder = _table(raw, "decoder", name)
    return NodeConfig(
        folder=Path() if file is None else file.resolve().parent,
        node=_converted(node, NodeTable, name, "node"),
        evidence=None
        if evidence is None
        else _converted(evidence, EvidenceTable, name, "evidence"),
        ear=_table(decoder, "ear", name),
    )


def _table(raw: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    found = raw.get(key, {})
    if not isinstance(found, dict):
        raise ConfigError("must be a table", file=name, key=key, remedy=f"write [{key}]")
    return found


def _converted(raw: object, kind: type[Table], name: str, key: str) -> Table:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error), file=name, key=key, remedy="tocsin listen --help") from None
