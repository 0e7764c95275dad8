"""The staged evening as a duty officer sees it: Debian's Chromium against `tocsin demo`.

One evening is played once, six times as fast, and looked at from the first row to the all-clear.
With TOCSIN_SCREENSHOTS=1 it writes the pictures of the documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from tests.browser.chromium import (
    DESK,
    PHONE,
    Noted,
    axe,
    chromium,
    free_port,
    open_page,
    pictures,
    playwright,
    skip_without_a_browser,
    tocsin,
)

from tocsin.decode.cap.faults import cap_faults

pytestmark = pytest.mark.browser

SPEED = 6
EVENING_MS = 240_000
POLL_MS = 100


@dataclass
class Evening:
    """What was seen of one played evening."""

    images: Path
    noted: Noted = field(default_factory=Noted)
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
    skip_without_a_browser()
    seen = Evening(pictures(tmp_path_factory))
    played = ("--headless", "--seed", "1", "--port", str(free_port()), "--speed", str(SPEED))
    with chromium() as browser, tocsin("demo", *played) as link:
        # the evening begins when its address is told: the alarm in 26 s
        seen.address = link
        _watch(browser, link, seen)
    return seen


def _watch(browser: playwright.Browser, link: str, seen: Evening) -> None:
    """The evening, in the order in which it happens."""
    context = browser.new_context(viewport=DESK, locale="fr-FR", color_scheme="light")
    page = open_evening(context, link, seen)
    # a window of its own: a browser lets hidden tabs doze
    stranger = browser.new_context(viewport=PHONE, locale="fr-FR")
    public = open_evening(stranger, link.split("#")[0] + "warn", seen)
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


def open_evening(
    context: playwright.BrowserContext, address: str, seen: Evening
) -> playwright.Page:
    return open_page(context, address, seen.noted, [_TAKE_NOTES])


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
    assert evening.noted.hosts == {urlsplit(evening.address).netloc}


def test_nothing_breaks_and_the_policy_refuses_nothing(evening: Evening) -> None:
    assert evening.noted.faults == []


def test_the_token_leaves_the_address(evening: Evening) -> None:
    assert "token=" in evening.address
    assert "token" not in evening.address_after
