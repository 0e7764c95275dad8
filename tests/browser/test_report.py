"""The page on which people report, on a phone: pressed in five languages, and without a network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from tests.browser import chromium as stage
from tests.browser.test_languages import OVERFLOW, _until_cancelled
from tests.run.test_people import door
from tests.serve.feed import Feed

from tocsin.decode.ndjson import read_line
from tocsin.run.people import PeopleDoor
from tocsin.serve import bind, hash_token, make_app, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def open_door() -> Iterator[tuple[str, PeopleDoor]]:
    hub, people, listener = Feed().hub, door(), bind()
    loop = asyncio.new_event_loop()
    app = make_app(hub, hash_token("nobody signs in"), people=people)
    serving = loop.create_task(serve(app, hub, listener))
    thread = threading.Thread(target=_until_cancelled, args=(loop, serving))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/", people
    loop.call_soon_threadsafe(serving.cancel)
    thread.join(20)
    loop.close()


def test_a_picture_a_direction_one_press(
    open_door: tuple[str, PeopleDoor], tmp_path_factory: pytest.TempPathFactory
) -> None:
    stage.skip_without_a_browser()
    link, people = open_door
    images = stage.pictures(tmp_path_factory)
    seen = stage.Noted()
    with stage.chromium() as browser:
        context = browser.new_context(viewport=stage.PHONE, locale="ar-TD")
        page = stage.open_page(context, f"{link}report?p=2", seen)
        for tag in ("fr", "en", "ha", "bm", "ar"):
            page.click(f"#{tag}")
            page.screenshot(path=images / f"report-{tag}.png", full_page=True)
            assert page.evaluate(OVERFLOW) <= 0
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert stage.axe(page) == []
        assert page.locator("#send").is_disabled()
        page.click("#seen")
        page.click("#d2")
        page.screenshot(path=images / "report-pressed.png", full_page=True)
        context.set_offline(True)
        page.click("#send")
        page.wait_for_function("document.getElementById('line').textContent.length > 5")
        assert people.drain() == []
        context.set_offline(False)
        for _ in range(100):
            frames = people.drain()
            if frames:
                break
            page.wait_for_timeout(200)
        told = read_line(frames[0].data)
        assert told.said == "seen"
        assert told.bearing is not None
        assert told.bearing.azimuth_deg == 90.0
        page.wait_for_timeout(500)
        assert page.evaluate("localStorage.length") == 0, "nothing stays on the phone"
        assert page.context.cookies() == []
