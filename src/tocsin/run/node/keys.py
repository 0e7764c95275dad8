"""The node's own key: made once, kept where only its owner reads it, shown by its public half.

Standard   Ed25519 (RFC 8032); the file holds the private key as PEM, PKCS #8 (RFC 8410)
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tocsin.errors import InputError


def enrol(file: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key of this file, and whether it was made just now. A key that is there is never
    replaced."""
    if file.exists():
        return read_key(file), False
    key = Ed25519PrivateKey.generate()
    data = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise InputError(f"cannot be made: {error.strerror}", where=str(file)) from None
    return key, True


def read_key(file: Path) -> Ed25519PrivateKey:
    """The node's key. Raises InputError."""
    try:
        if file.stat().st_mode & 0o077:
            remedy = f"chmod 600 {file}"
            raise InputError("others may read the private key", where=str(file), remedy=remedy)
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        remedy = "make one: tocsin listen --enrol"
        raise InputError(
            f"cannot be read: {error.strerror}", where=str(file), remedy=remedy
        ) from None
    except (ValueError, TypeError):
        raise InputError("is no private key in PEM", where=str(file)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("is no Ed25519 key", where=str(file))
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half as the site's tocsin.toml names it: 32 bytes in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()
