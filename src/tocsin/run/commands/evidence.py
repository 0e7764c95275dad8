"""`tocsin evidence`: the site's side of sound that nodes keep under seal."""

from __future__ import annotations

import base64
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.errors import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

KEY = click.Path(path_type=Path, dir_okay=False)


@click.group("evidence", short_help="ask a node to keep the sound of an incident; open it")
def command() -> None:
    """Ask a sensor node to keep the sound of an incident, and open what it kept.

    Nodes keep sound only on such an ask, sealed to the site's key (docs/how-to/build-an-ear.md).
    """


@command.command("keys")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def keys(folder: Path) -> None:
    """Make the site's two keys in FOLDER; print what the nodes' node.toml must say."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from tocsin.run.node.keys import enrol, public_text

    ask_key, _ = enrol(folder / "ask.key")
    path = folder / "seal.key"
    if path.exists():
        seal_key = _read_seal_key(path)
    else:
        seal_key = X25519PrivateKey.generate()
        data = seal_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as out:
            out.write(data)
    seal_to = base64.b64encode(seal_key.public_key().public_bytes_raw()).decode()
    click.echo(f'[evidence]\nseal_to = "{seal_to}"\nask_key = "{public_text(ask_key)}"')


@command.command("ask")
@click.option("--key", "key_file", required=True, type=KEY, help="the site's ask.key.")
@click.option("--sensor", required=True, help="the node's sensor id.")
@click.option("--incident", required=True, help="the incident's name: letters, digits, . _ -")
@click.option("--from", "from_t", required=True, type=float, help="Unix seconds.")
@click.option("--to", "to_t", required=True, type=float, help="Unix seconds, at most 60 later.")
def ask(key_file: Path, sensor: str, incident: str, from_t: float, to_t: float) -> None:
    """Write a signed ask to standard output, good for two minutes.

    Publish it on PREFIX/SENSOR/ask: `tocsin evidence ask … | mosquitto_pub -s -q 1 -t …`.
    """
    from tocsin.decode.evidence_ask import AskReader
    from tocsin.encode.evidence_ask import write_ask
    from tocsin.errors import DecodeError
    from tocsin.run.node.keys import public_text, read_key
    from tocsin.words.evidence import Ask

    key = read_key(key_file)
    now = time.time()
    asked = Ask(sensor, now, incident, from_t, to_t)
    data = write_ask(asked, key.public_key().public_bytes_raw(), key.sign)
    try:
        AskReader(sensor, public_text(key)).read(data, now)
    except DecodeError as error:
        raise InputError(error.what, remedy="tocsin evidence ask --help") from None
    sys.stdout.buffer.write(data)


@command.command("open")
@click.argument("file", type=KEY)
@click.option("--key", "key_file", required=True, type=KEY, help="the site's seal.key.")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="a folder.")
def open_(file: Path, key_file: Path, out: Path) -> None:
    """Open FILE, which a node has sealed, into WAV files in a folder."""
    import msgspec

    from tocsin.run.node.evidence import open_sealed

    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(file)) from None
    head, blocks = open_sealed(data, _read_seal_key(key_file))
    out.mkdir(parents=True, exist_ok=True)
    for number, block in enumerate(blocks):
        (out / f"{number:03}.wav").write_bytes(block)
    click.echo(msgspec.json.encode(head).decode())


def _read_seal_key(path: Path) -> X25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (ValueError, TypeError):
        raise InputError("is no private key in PEM", where=str(path)) from None
    if not isinstance(key, X25519PrivateKey):
        raise InputError("is no X25519 key", where=str(path), remedy="name seal.key")
    return key
