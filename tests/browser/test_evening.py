"""The staged evening as a duty officer sees it: Debian's Chromium against `tocsin demo`.

One evening is played once, twenty times as fast, and looked at from the first row to the all-clear.
With TOCSIN_SCREENSHOTS=1 it writes the pictures of the documentation.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tocsin.decode.cap.faults import cap_faults

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.browser

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
SPEED = 20
START_S = 600.0
"""The tracker may have to be compiled first; ten seconds otherwise."""

EVENING_MS = 90_000
SOON_MS = 30_000
POLL_MS = 100
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 760}


@dataclass
class Evening:
    """What was seen of one played evening. `hosts`: all that pages asked; `faults`: what broke."""

    images: Path
    hosts: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    axe: dict[str, list[str]] = field(default_factory=dict)
    sounds: list[str] = field(default_factory=list)
    standings: dict[str, list[str]] = field(default_factory=dict)
    levels: list[str] = field(default_factory=list)
    reasons: dict[str, list[str]] = field(default_factory=dict)
    headline: str = ""
    timeline: dict[str, str] = field(default_factory=dict)
    cap: bytes = b""
    cap_type: str = ""
    warn: dict[str, str] = field(default_factory=dict)
    address: str = ""
    address_after: str = ""


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: as root, apt-get install chromium")
    if not (ROOT / "src/tocsin/serve/pages/index.html").exists():
        pytest.skip("the pages are not built: make web")
    seen = Evening(pictures(tmp_path_factory))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with demo() as link:  # the evening begins when its address is told: the alarm in 8 s
            seen.address = link
            _watch(browser, link, seen)
        browser.close()
    return seen


def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the screenshots go."""
    kept = os.environ.get("TOCSIN_SCREENSHOTS") == "1"
    return IMAGES if kept else tmp_path_factory.mktemp("pictures")


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """`tocsin demo` on a free port; gives the link it prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tocsin.run", "demo", "--headless", "--seed", "1"]
    command += ["--port", str(port), "--speed", str(SPEED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        late = threading.Timer(START_S, process.kill)
        late.start()
        try:
            assert process.stdout is not None
            link = next((line for line in process.stdout if line.startswith("open ")), None)
            assert link is not None, "the demo printed no address"
            yield link.split()[1]
        finally:
            late.cancel()
            process.terminate()
            process.wait(20)


def _watch(browser: playwright.Browser, link: str, seen: Evening) -> None:
    """The evening, in the order in which it happens."""
    context = browser.new_context(viewport=DESK, locale="fr-FR", color_scheme="light")
    page = open_page(context, link, seen)
    # a window of its own: a browser lets hidden tabs doze
    stranger = browser.new_context(viewport=PHONE, locale="fr-FR")
    public = open_page(stranger, link.split("#")[0] + "warn", seen)
    page.wait_for_selector("[data-testid=row]", timeout=EVENING_MS)
    seen.address_after = page.url
    # opened while it is still a watch, so that all is in sight when the bell rings
    page.locator("[data-testid=row][data-standing=threat]").first.click(timeout=EVENING_MS)

    wait(page, "tocsin.levels.includes('alarm')")
    page.wait_for_selector("[data-testid=map][data-state=drawn]", timeout=EVENING_MS)
    page.screenshot(path=seen.images / "now-day.png")
    wait(public, "tocsin.zones.some(([level]) => level === 'alarm')")
    public.screenshot(path=seen.images / "warn-phone.png")
    _change_language(page, seen)
    page.click("[data-testid=theme-night]")
    page.wait_for_timeout(400)
    page.screenshot(path=seen.images / "now-night.png")

    wait(page, "tocsin.levels.includes('all-clear')")
    wait(page, "tocsin.sounds.includes('all-clear')")
    wait(public, "tocsin.zones.some(([level]) => level === 'all-clear')")
    _look_at_the_themes(page, seen)
    seen.axe["warn"] = axe(public)
    seen.warn = dict(public.evaluate("tocsin.zones"))
    noted = page.evaluate("tocsin")
    seen.sounds, seen.levels, seen.headline = noted["sounds"], noted["levels"], noted["headline"]
    seen.standings = noted["standings"]
    seen.reasons["fr"] = noted["reasons"]
    answer = context.request.get(link.split("/#")[0] + noted["cap"])
    seen.cap, seen.cap_type = answer.body(), answer.headers["content-type"]
    context.close()
    stranger.close()


def open_page(context: playwright.BrowserContext, address: str, seen: Evening) -> playwright.Page:
    """A page that notes what it asks for and what breaks in it."""
    context.set_default_timeout(SOON_MS)
    context.add_init_script(_TAKE_NOTES)
    page = context.new_page()
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: seen.faults.append(str(error)))
    page.on("console", lambda line: seen.faults.append(line.text) if line.type == "error" else None)
    page.goto(address)
    return page


def wait(page: playwright.Page, condition: str) -> None:
    """Ask until it is so. Playwright's own way needs `eval`, which the page's policy forbids."""
    for _ in range(EVENING_MS // POLL_MS):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(POLL_MS)
    raise AssertionError(f"never came: {condition}; noted: {page.evaluate('tocsin')}")


_TAKE_NOTES = """
const tocsin = { sounds: [], levels: [], zones: [], standings: {}, headline: '', reasons: [] };
window.tocsin = tocsin;
const add = (list, value) => { if (value && list[list.length - 1] !== value) list.push(value) };
const find = (id) => [...document.querySelectorAll(`[data-testid=${id}]`)];
// At this speed the alarm lasts seven seconds: what is there to be seen is noted as it comes.
new MutationObserver(() => {
  add(tocsin.sounds, find('bell')[0]?.dataset.playing);
  for (const row of find('row')) {
    const { standing, level } = row.dataset;
    tocsin.standings[standing] ??= [];
    add(tocsin.standings[standing], level || 'none');
    if (standing !== 'bird') add(tocsin.levels, level);
  }
  for (const zone of document.querySelectorAll('.zone')) {
    if (tocsin.zones.at(-1)?.[0] !== zone.dataset.level) {
      tocsin.zones.push([zone.dataset.level, zone.innerText]);
    }
  }
  const ringing = find('bell')[0]?.dataset.playing === 'alarm' && find('detail')[0];
  if (!ringing || tocsin.cap || !find('cap-link')[0]) return;
  tocsin.cap = find('cap-link')[0].getAttribute('href');
  tocsin.headline = find('banner')[0].innerText;
  tocsin.reasons = find('reasons')[0].innerText.split('\\n');
}).observe(document, { subtree: true, childList: true, attributes: true });
"""


def _change_language(page: playwright.Page, seen: Evening) -> None:
    seen.timeline["fr"] = page.inner_text("[data-testid=timeline]")
    page.click("[data-testid=lang-en]")
    seen.timeline["en"] = page.inner_text("[data-testid=timeline]")
    seen.reasons["en"] = page.locator("[data-testid=reasons] li").all_inner_texts()


def _look_at_the_themes(page: playwright.Page, seen: Evening) -> None:
    for theme in ("night", "red", "day"):
        page.click(f"[data-testid=theme-{theme}]")
        seen.axe[theme] = axe(page)
        if theme == "red":
            page.wait_for_timeout(700)
            page.screenshot(path=seen.images / "now-red.png")
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    page.screenshot(path=seen.images / "now-phone.png")
    seen.axe["phone"] = axe(page)


def axe(page: playwright.Page) -> list[str]:
    """Serious faults of accessibility. Through the debugger: the page's own policy forbids it."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{fault['id']}: {fault['help']} at {fault['nodes'][0]['target']}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]


def test_the_drone_goes_from_watch_to_alarm_to_all_clear(evening: Evening) -> None:
    order = {"watch": 1, "warning": 2, "alarm": 3, "all-clear": 4}
    levels = [level for level in evening.levels if level in order]
    assert {"alarm", "all-clear"} <= set(levels)
    assert levels.index("alarm") < levels.index("all-clear")


def test_the_registered_drone_stays_green_and_the_liar_never_rings(evening: Evening) -> None:
    assert evening.standings["friend"] == ["none"]
    assert evening.standings["suspect"]
    assert not {"alarm", "warning"} & set(evening.standings["suspect"])


def test_the_bell_rings_for_the_alarm_and_then_sounds_the_all_clear(evening: Evening) -> None:
    sounds = [sound for sound in evening.sounds if sound != "none"]
    assert "alarm" in sounds
    assert sounds[-1] == "all-clear"


def test_the_reasons_are_readable_in_both_languages(evening: Evening) -> None:
    assert len(evening.reasons["fr"]) >= 2
    assert evening.reasons["en"]  # by then it may be over, at this speed
    assert not set(evening.reasons["fr"]) & set(evening.reasons["en"])
    for said in (*evening.reasons["fr"], *evening.reasons["en"]):
        assert re.search(r"\w+ \w+", said), f"a bare code is no sentence: {said}"
        assert "{" not in said
    assert evening.headline.startswith("ALARME")
    assert "Message CAP" in evening.timeline["fr"]
    assert "CAP message" in evening.timeline["en"]


def test_the_cap_link_leads_to_a_valid_message(evening: Evening) -> None:
    assert evening.cap_type.startswith("application/cap+xml")
    assert cap_faults(evening.cap) == []
    message = etree.fromstring(evening.cap)
    assert len(message.findall("{*}info")) == 2


def test_the_page_for_everybody_warns_and_clears(evening: Evening) -> None:
    assert "ALARME" in evening.warn["alarm"]
    assert "Fin d’alerte" in evening.warn["all-clear"]


@pytest.mark.parametrize("screen", ["night", "red", "day", "phone", "warn"])
def test_axe_finds_no_serious_fault(evening: Evening, screen: str) -> None:
    assert evening.axe[screen] == []


def test_no_request_goes_to_another_host(evening: Evening) -> None:
    assert evening.hosts == {urlsplit(evening.address).netloc}


def test_nothing_breaks_and_the_policy_refuses_nothing(evening: Evening) -> None:
    assert evening.faults == []


def test_the_token_leaves_the_address(evening: Evening) -> None:
    assert "token=" in evening.address
    assert "token" not in evening.address_after
