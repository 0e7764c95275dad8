"""Debian's Chromium for the tests of the pages: opened, listened to, and asked for its faults."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
"""Written only with TOCSIN_SCREENSHOTS=1 in the environment; else the pictures are thrown away."""

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = Path(os.environ.get("TOCSIN_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-angle=swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
START_S = 600.0
"""The tracker may have to be compiled first; ten seconds otherwise."""

SOON_MS = 30_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 760}


@dataclass
class Noted:
    """What pages did. `hosts`: all that they asked; `faults`: what broke in them."""

    hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def skip_without_a_browser() -> None:
    """Where there is no browser, or nothing was built for it."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: as root, apt-get install chromium")
    if not (ROOT / "src/tocsin/serve/pages/index.html").exists():
        pytest.skip("the pages are not built: make web")


def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: among the documentation's only if that is wanted."""
    kept = os.environ.get("TOCSIN_SCREENSHOTS") == "1"
    return IMAGES if kept else tmp_path_factory.mktemp("pictures")


@contextlib.contextmanager
def chromium() -> Iterator[playwright.Browser]:
    """One browser."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def tocsin(*arguments: str, env: dict[str, str] | None = None) -> Iterator[str]:
    """A running `tocsin`; gives the link it prints."""
    command = [sys.executable, "-m", "tocsin.run", *arguments]
    inherited = None if env is None else {**os.environ, **env}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=inherited) as process:
        late = threading.Timer(START_S, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            link = next((line for line in process.stdout if line.startswith("open ")), None)
            assert link is not None, "it printed no address"
            yield link.split()[1]
        finally:
            late.cancel()
            process.terminate()
            process.wait(20)


def open_page(
    context: playwright.BrowserContext, address: str, noted: Noted, scripts: Sequence[str] = ()
) -> playwright.Page:
    """A page that notes what it asks for and what breaks in it."""
    context.set_default_timeout(SOON_MS)
    for script in scripts:
        context.add_init_script(script)
    page = context.new_page()
    page.on("request", lambda request: noted.hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: noted.faults.append(str(error)))
    page.on(
        "console", lambda line: noted.faults.append(line.text) if line.type == "error" else None
    )
    page.goto(address)
    return page


def axe(page: playwright.Page) -> list[str]:
    """Serious faults of accessibility. Through the debugger: the page's own policy forbids it."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']} at {fault['nodes'][0]['target']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
