"""`to = "…"` of a node → the link that carries its reports."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from tocsin.encode.ear_report import framed
from tocsin.errors import ConfigError, DeliveryError, SourceError
from tocsin.run.node.settings import NodeTable
from tocsin.run.tls import trusted
from tocsin.share.report_post import ReportPost

KINDS = ("mqtt", "mqtts", "https", "http", "serial", "file")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_REMEDY = "mqtts://HOST/PREFIX, https://HOST/PATH, serial:/dev/DEVICE or file:PATH"

OnAsk = Callable[[bytes], None]


def make_post(node: NodeTable, folder: Path, on_ask: OnAsk | None) -> ReportPost:
    """The link. Raises ConfigError."""
    url = urlsplit(node.to)
    if url.scheme not in KINDS:
        raise ConfigError(f"{node.to!r} is no address of a site", key="node.to", remedy=_REMEDY)
    if url.scheme == "serial":
        from tocsin.share.report_serial import SerialPost

        return SerialPost(url.path, node.baud, node.pause_s)
    if url.scheme == "file":
        return FilePost(folder / url.path)
    if not url.hostname:
        raise ConfigError(f"{node.to!r} names no host", key="node.to", remedy=_REMEDY)
    bare = url.scheme in ("mqtt", "http") and url.hostname not in _LOOPBACK
    if bare and node.user:  # reports are signed and not secret; a password is
        remedy = f"{url.scheme}s://, or no user: the reports are signed without it"
        raise ConfigError("a password would go bare", key="node.to", remedy=remedy)
    return (_mqtt if url.scheme.startswith("mqtt") else _http)(node, url, folder, on_ask)


def _mqtt(node: NodeTable, url: SplitResult, folder: Path, on_ask: OnAsk | None) -> ReportPost:
    from tocsin.share.report_mqtt import MqttPost

    def login() -> tuple[str, str] | None:
        return (node.user, _secret(folder, node.password_file)) if node.user else None

    tls = None
    if url.scheme == "mqtts":
        tls = trusted(folder, node.ca, node.certificate, node.certificate_key, "node")
        tls = tls or ssl.create_default_context()
    assert url.hostname is not None
    return MqttPost(
        node.id,
        url.hostname,
        url.port or (8883 if tls else 1883),
        url.path.strip("/") or "tocsin/ear",
        login=login,
        tls=tls,
        on_ask=on_ask,
    )


def _http(node: NodeTable, url: SplitResult, folder: Path, on_ask: OnAsk | None) -> ReportPost:
    from tocsin.share.report_http import HttpPost

    def headers() -> dict[str, str]:
        if not node.user:
            return {}
        pair = f"{node.user}:{_secret(folder, node.password_file)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    tls = trusted(folder, node.ca, node.certificate, node.certificate_key, "node")
    return HttpPost(url.geturl(), headers=headers, tls=tls, on_ask=on_ask)


class FilePost:
    """Reports into a file, framed: to look at, or to be carried by hand."""

    wide = True

    def __init__(self, path: Path) -> None:
        self._path = path

    async def post(self, reports: Sequence[bytes]) -> None:
        """To the end of the file."""
        try:
            with self._path.open("ab") as out:
                out.write(b"".join(framed(one) for one in reports))
        except OSError as error:
            raise DeliveryError(error.strerror or str(error), where=str(self._path)) from None

    async def close(self) -> None:
        """It is open only while it is written."""


def _secret(folder: Path, file: str) -> str:
    """The first line of a file. Raises SourceError, which never shows it."""
    try:
        return (folder / file).read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"the file {file} cannot be read") from None
