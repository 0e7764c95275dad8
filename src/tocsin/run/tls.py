"""Whose certificates are trusted, and which one of ours is shown."""

from __future__ import annotations

import ssl
from pathlib import Path

from tocsin.errors import ConfigError


def trusted(
    folder: Path, ca: str, certificate: str, key: str, setting: str
) -> ssl.SSLContext | None:
    """TLS where a file names the certificates to trust; both sides may show one. `setting` is
    named in the ConfigError that a file that cannot be used raises."""
    if not ca:
        return None
    try:
        context = ssl.create_default_context(cafile=str(folder / ca))
        if certificate:
            context.load_cert_chain(str(folder / certificate), str(folder / key) if key else None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the certificates cannot be used: {error}", key=setting, remedy="PEM files"
        ) from None
    return context
