"""A node's reports over HTTPS: some in one POST, taken once the site answers 2xx.

Standard   RFC 9110; the body is reports framed as on a serial line (docs/reference/ear-reports.md),
           type application/vnd.tocsin.ear-reports
Asks       an answer with a body is what the site asks of the node: it is handed to `on_ask`
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence

import httpx

from tocsin.encode.ear_report import framed
from tocsin.errors import DeliveryError, SourceError
from tocsin.share.report_post import POST_S

MEDIA_TYPE = "application/vnd.tocsin.ear-reports"
_MOST_ASK_BYTES = 4_096


class HttpPost:
    """One address; nothing of it but its host is ever shown, since it may hold a key."""

    wide = True

    def __init__(
        self,
        url: str,
        *,
        headers: Callable[[], dict[str, str]],
        tls: ssl.SSLContext | None = None,
        on_ask: Callable[[bytes], None] | None = None,
    ) -> None:
        self._url, self._headers, self._on_ask = url, headers, on_ask
        self._host = httpx.URL(url).host
        self._client = httpx.AsyncClient(
            verify=tls if tls is not None else True,
            trust_env=False,
            follow_redirects=False,
            timeout=POST_S,
        )

    async def post(self, reports: Sequence[bytes]) -> None:
        """One request."""
        body = b"".join(framed(one) for one in reports)
        try:
            headers = {"Content-Type": MEDIA_TYPE, **self._headers()}
            answer = await self._client.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, SourceError) as error:
            raise DeliveryError(str(error) or type(error).__name__, where=self._host) from None
        if not answer.is_success:
            raise DeliveryError(f"it answers {answer.status_code}", where=self._host)
        if self._on_ask is not None and 0 < len(answer.content) <= _MOST_ASK_BYTES:
            self._on_ask(answer.content)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()
