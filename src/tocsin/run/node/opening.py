"""A sound `node.toml` → a node that is ready to run."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import msgspec

from tocsin.errors import ConfigError
from tocsin.hear.decoder import SoundEar
from tocsin.ports import Clock
from tocsin.run.node.evidence import EvidenceKeeper
from tocsin.run.node.keys import read_key
from tocsin.run.node.links import make_post
from tocsin.run.node.microphones import open_microphone
from tocsin.run.node.node import Node, SoundDecoder
from tocsin.run.node.outbox import Outbox
from tocsin.run.node.self_test import SelfTester
from tocsin.run.node.settings import NodeConfig

MODEL_BYTES = 4
"""Enough to tell which ear a node runs; not a proof."""


def open_node(
    config: NodeConfig,
    clock: Clock,
    *,
    ear: SoundDecoder | None = None,
    real_time: bool = True,
    start: float | None = None,
    lasting: bool = True,
) -> Node:
    """The node; one that is not `lasting` leaves the reports that wait on disk alone. Raises
    InputError for what a person must mend."""
    table, folder = config.node, config.folder
    keeper = None
    if config.evidence is not None:
        keeper = EvidenceKeeper(table.id, config.evidence, folder, clock.now)
    asks = None if keeper is None else keeper.ask
    key = read_key(folder / table.key)
    post = make_post(table, folder, asks)
    door, recorded = open_microphone(table, folder, clock, real_time=real_time, start=start)
    spool = folder / table.spool if lasting else None
    outbox = Outbox(table.id, key, post, spool, clock.now, round(table.spool_mib * 2**20))
    tester = None
    if table.self_test != "off":
        tester = SelfTester("played" if table.self_test == "play" else "injected", table.speaker)
    return Node(
        table,
        door,
        ear or _ear(config),
        outbox,
        clock,
        model=model_id(),
        features=table.features == "on" or (table.features == "auto" and post.wide),
        tester=tester,
        evidence=keeper,
        recorded=recorded,
    )


def model_id() -> bytes:
    """The head of the SHA-256 of the network that listens here."""
    network = (files("tocsin.hear") / "ear.onnx").read_bytes()
    return hashlib.sha256(network).digest()[:MODEL_BYTES]


def _ear(config: NodeConfig) -> SoundEar:
    try:
        settings = msgspec.convert(config.ear, SoundEar.Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(str(error), key="decoder.ear", remedy="tocsin check") from None
    return SoundEar(settings)
