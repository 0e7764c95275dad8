"""The first-run token: 256 random bits shown once; only their SHA-256 stays on the machine.

A token of full entropy needs no slow hash: nobody guesses 2^256.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from tocsin.errors import InputError

TOKEN_FILE = "admin.token.sha256"  # noqa: S105 - a file name
TOKEN_BYTES = 32


def hash_token(token: str) -> str:
    """The SHA-256 of a token, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_matches(token: str, token_hash: str) -> bool:
    """Compare in a time that does not depend on where they differ."""
    return hmac.compare_digest(hash_token(token), token_hash)


def first_run_token(folder: Path) -> str | None:
    """Make the admin token where there is none and return it; None if one was made before.

    The hash file is readable by its owner only and is written whole or not at all.
    """
    path = folder / TOKEN_FILE
    if path.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    draft = folder / f".{TOKEN_FILE}.{secrets.token_hex(4)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(hash_token(token) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails if another process was first, unlike a rename
    except FileExistsError:
        return None
    finally:
        draft.unlink()
    return token


def read_token_hash(folder: Path) -> str:
    """The hash kept by `first_run_token`. Raises InputError if it is missing or damaged."""
    path = folder / TOKEN_FILE
    remedy = f"delete {path} and start again: a new token is made and shown"
    try:
        kept = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the token's hash cannot be read", where=str(path), remedy=remedy) from (
            error
        )
    if len(kept) != 64 or set(kept) - set("0123456789abcdef"):
        raise InputError("this is not a token's hash", where=str(path), remedy=remedy)
    return kept
