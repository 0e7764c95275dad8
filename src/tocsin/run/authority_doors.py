"""`[[authority]]` tables → doors that fetch messages, and what is believed of what comes."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography import x509

from tocsin.decode.cap import Policy, Trust, feed_links, is_feed
from tocsin.decode.cap.feed import MOST_FEED_BYTES
from tocsin.decode.cap.format import CapFormat
from tocsin.errors import ConfigError, SourceError
from tocsin.listen.cap_feed import CapFeedPoll
from tocsin.listen.door import Antenna, Door
from tocsin.listen.growing import FilesOfFolder
from tocsin.ports import Clock
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.tls import trusted

KIND = "authority"


def authority_door(table: AuthorityTable, folder: Path, clock: Clock) -> Door:
    """The door, not yet open. Raises ConfigError for a certificate that cannot be read."""
    return Door(table.id, KIND, clock, _antenna(table, folder), link=CapFormat.link)


def authority_policy(table: AuthorityTable, folder: Path) -> Policy:
    """Whom to believe. Raises ConfigError for a certificate that cannot be read."""
    trust = Trust(
        signers=_certificates(folder, table.signers, f"authority.{table.id}.signers"),
        authorities=_certificates(folder, table.authorities, f"authority.{table.id}.authorities"),
        names=tuple(table.names),
    )
    return Policy(table.id, trust, tuple(table.senders), table.unsigned)


def _antenna(table: AuthorityTable, folder: Path) -> Antenna:
    if table.folder:
        # what lies there already may still be in force
        return FilesOfFolder(CapFormat(), folder / table.folder, from_start=True)

    def headers() -> dict[str, str]:
        if table.token_file:
            return {"Authorization": f"Bearer {_first_line(folder, table.token_file)}"}
        if table.user:
            pair = f"{table.user}:{_first_line(folder, table.password_file)}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}

    return CapFeedPoll(
        table.url,
        links=feed_links,
        is_feed=is_feed,
        interval_s=table.interval_s,
        timeout_s=table.timeout_s,
        most_bytes=MOST_FEED_BYTES,
        headers=headers,
        hosts=table.hosts,
        tls=trusted(folder, table.ca, "", "", f"authority.{table.id}"),
    )


def _certificates(folder: Path, files: list[str], key: str) -> tuple[x509.Certificate, ...]:
    found: list[x509.Certificate] = []
    for file in files:
        try:
            found += x509.load_pem_x509_certificates((folder / file).read_bytes())
        except (OSError, ValueError) as error:
            what = f"{file} holds no certificate that can be read: {error}"
            raise ConfigError(what, key=key, remedy="a PEM file") from None
    return tuple(found)


def _first_line(folder: Path, file: str) -> str:
    """Raises SourceError, which never shows it."""
    try:
        return (folder / file).read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"the file {file} cannot be read") from None
