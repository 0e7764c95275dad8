"""The pages in other languages: Arabic from right to left, the page for everybody in five.

A scripted situation is served by the real server and stands still while its alarm rings.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.browser import test_evening as stage
from tests.browser.chromium import DESK, PHONE, axe, chromium, pictures, skip_without_a_browser
from tests.serve.feed import Feed

from tocsin.serve import bind, hash_token, make_app, serve

pytestmark = pytest.mark.browser

TOKEN = "a token for this test only"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PLACES = """(() => {
  const left = (selector) => document.querySelector(selector).getBoundingClientRect().left;
  return {
    dir: document.documentElement.dir, lang: document.documentElement.lang,
    list: left('#list'), map: left('[data-testid=map]'), detail: left('[data-testid=detail]'),
  };
})()"""


@dataclass
class Seen:
    """What was seen in Arabic, and of the page for everybody in each language."""

    pages: stage.Evening
    places: dict[str, Any] = field(default_factory=dict)
    overflow: dict[str, int] = field(default_factory=dict)
    banner: str = ""
    warn: dict[str, str] = field(default_factory=dict)
    warn_dirs: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    skip_without_a_browser()
    images = pictures(tmp_path_factory)
    seen = Seen(stage.Evening(images))
    with still_alarm() as link, chromium() as browser:
        _look(browser, link, seen, images)
    return seen


@contextlib.contextmanager
def still_alarm() -> Iterator[str]:
    """The server with an alarm that stands; gives the address with the token."""
    feed = Feed()
    while not any(f.statements[-1].level == "alarm" for f in feed.hub.alerts.values()):
        feed.step()
    listener = bind()
    link = f"http://127.0.0.1:{listener.getsockname()[1]}/#token={TOKEN}"
    loop = asyncio.new_event_loop()
    app = make_app(feed.hub, hash_token(TOKEN))
    serving = loop.create_task(serve(app, feed.hub, listener))
    thread = threading.Thread(target=_until_cancelled, args=(loop, serving))
    thread.start()
    try:
        yield link
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(20)
        loop.close()


def _until_cancelled(loop: asyncio.AbstractEventLoop, serving: asyncio.Task[None]) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(serving)


def _look(browser: Any, link: str, seen: Seen, images: Path) -> None:
    context = browser.new_context(viewport=DESK, locale="ar-TD", color_scheme="light")
    page = stage.open_evening(context, link, seen.pages)
    stranger = browser.new_context(viewport=PHONE, locale="ar-TD")
    public = stage.open_evening(stranger, link.split("#")[0] + "warn", seen.pages)
    stage.wait(page, "tocsin.levels.includes('alarm')")
    page.locator("[data-testid=row][data-level=alarm]").first.click()
    page.wait_for_selector("[data-testid=map][data-state=drawn]", timeout=stage.EVENING_MS)
    seen.places = page.evaluate(PLACES)
    seen.banner = page.inner_text("[data-testid=banner]")
    seen.overflow["desk"] = page.evaluate(OVERFLOW)
    page.screenshot(path=images / "now-arabic.png")
    stage.wait(public, "tocsin.zones.some(([level]) => level === 'alarm')")
    for tag in ("bm", "ha", "fr", "en", "ar"):
        public.click(f"#{tag}")
        seen.warn[tag] = public.inner_text("#zones")
        seen.warn_dirs[tag] = public.evaluate("document.documentElement.dir")
        seen.overflow[f"warn {tag}"] = public.evaluate(OVERFLOW)
    public.screenshot(path=images / "warn-arabic.png")
    seen.pages.axe["warn"] = axe(public)
    seen.pages.axe["desk"] = axe(page)
    page.keyboard.press("Escape")
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    seen.overflow["phone"] = page.evaluate(OVERFLOW)
    page.screenshot(path=images / "now-arabic-phone.png")
    seen.pages.axe["phone"] = axe(page)


def test_arabic_runs_from_right_to_left(seen: Seen) -> None:
    assert (seen.places["dir"], seen.places["lang"]) == ("rtl", "ar")
    places = seen.places
    assert places["list"] > places["map"] > places["detail"], "the list comes first: at the right"
    assert seen.banner.startswith("إنذار")


def test_the_page_for_everybody_says_the_alarm_in_five_languages(seen: Seen) -> None:
    words = {"fr": "ALARME", "en": "ALARM", "ar": "إنذار", "ha": "HAƊARI", "bm": "FARATI"}
    for tag, word in words.items():
        assert word in seen.warn[tag]
    assert seen.warn_dirs == {tag: "rtl" if tag == "ar" else "ltr" for tag in words}


def test_nothing_runs_off_the_screen_breaks_or_asks_outside(seen: Seen) -> None:
    assert {name: over for name, over in seen.overflow.items() if over > 0} == {}
    assert seen.pages.noted.faults == []
    assert len(seen.pages.noted.hosts) == 1


@pytest.mark.parametrize("screen", ["desk", "phone", "warn"])
def test_axe_finds_no_serious_fault(seen: Seen, screen: str) -> None:
    assert seen.pages.axe[screen] == []
