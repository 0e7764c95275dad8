"""What a site that is running here says of itself: the doctor asks its public /health.

It tells no sensor's name to a stranger; the page names them, under "About the house".
"""

from __future__ import annotations

import http.client
from typing import Literal

import msgspec

State = Literal["well", "weak", "ill"]

ANSWER_S = 2.0
MOST_BYTES = 10_000

SAID: dict[str, tuple[State, str, str]] = {
    "no-data": ("ill", "nothing is heard", "look at the sources: the page lists them"),
    "sensor-deaf": (
        "weak", "a microphone is deaf", "its panel on the page says why: gain, cable, wind shield",
    ),
    "sensor-degraded": ("weak", "a sensor is not whole", "the page names it and says why"),
    "sensor-silent": ("weak", "a sensor sends nothing", "the page names it: look at its line"),
    "cap-unsigned": ("weak", "CAP messages go out unsigned", "look at the key and certificate"),
    "source-away": ("weak", "a source is not connected", "the page names it and says why"),
    "journal-full": ("ill", "nothing more is recorded", "make room on the disk"),
    "journal-broken": ("ill", "nothing more is recorded", "look at the disk and the journal"),
}  # fmt: skip
"""How bad each reason of *degraded* is, in words, and what to do."""


class Finding(msgspec.Struct, frozen=True):
    """One thing examined, how it is, and what to do if it is not well."""

    what: str
    state: State
    detail: str
    remedy: str = ""


class _Health(msgspec.Struct):
    """The part of `/health` that matters here."""

    status: Literal["ok", "degraded"]
    why: tuple[str, ...]
    mode: str


def ask_running(host: str, port: int) -> Finding | None:
    """How the site on this port is; None if whoever has the port is no Tocsin."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  compared with
    line = http.client.HTTPConnection(shown, port, timeout=ANSWER_S)
    try:
        line.request("GET", "/health")
        said = msgspec.json.decode(line.getresponse().read(MOST_BYTES), type=_Health)
    except (OSError, http.client.HTTPException, msgspec.DecodeError):
        return None
    finally:
        line.close()
    if said.status == "ok":
        return Finding("running", "well", f"{shown}:{port} runs ({said.mode}) and hears")
    told = [SAID.get(code, ("weak", code, "the page says more")) for code in said.why]
    state: State = "ill" if any(how == "ill" for how, _, _ in told) else "weak"
    detail = f"{shown}:{port} runs ({said.mode}): " + ", ".join(words for _, words, _ in told)
    return Finding("running", state, detail, "; ".join(dict.fromkeys(r for _, _, r in told)))
