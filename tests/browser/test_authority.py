"""Other people's warnings in a real browser: shown apart, handed on after one question."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.browser.chromium import (
    DESK,
    PHONE,
    Noted,
    axe,
    chromium,
    open_page,
    skip_without_a_browser,
)
from tests.certificates import Identity
from tests.decode import cap_messages
from tests.decode.cap_messages import message, sign
from tests.run.feed_server import FeedServer
from tests.run.test_authority_site import end, here, rung, start, wait

pytestmark = pytest.mark.browser


def test_a_warning_of_others_is_seen_handed_on_and_rings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without_a_browser()
    monkeypatch.setattr(cap_messages, "NOW", datetime.now(UTC).replace(microsecond=0))
    national = Identity("National authority", ca=True)
    signer = Identity("protection-civile.example", national)
    server = FeedServer()
    server.messages["1.xml"] = sign(here(message()), signer)
    site = start(tmp_path, server, national, "ask")
    noted = Noted()
    try:
        with chromium() as browser:
            everybody = open_page(
                browser.new_context(viewport=PHONE), f"{site.address}warn?lang=fr", noted
            )
            box = everybody.locator(".other")
            box.wait_for()
            assert "Drones armés près de Kayes" in box.inner_text()
            assert "Mettez-vous à l’abri." in box.inner_text()
            assert "alarm" not in (box.get_attribute("class") or "")
            desk = open_page(
                browser.new_context(viewport=DESK),
                f"{site.address}?lang=en#token={site.token}",
                noted,
            )
            one = desk.get_by_test_id("authority")
            one.wait_for()
            told = one.inner_text()
            for words in (
                "Civil Protection",
                "Armed drones near Kayes",
                "Take cover.",
                "Kayes, ISO3166-2 ML-1",
                "signed by protection-civile.example",
                "fr-FR, en-GB",
            ):
                assert words in told, told
            assert desk.get_by_test_id("row").count() == 0, "it is no row of ours"
            assert axe(desk) == []
            desk.get_by_test_id("relay").click()
            assert rung(site) == [], "the press asks first"
            desk.get_by_test_id("relay-sure").click()
            desk.get_by_text("handed on to clinic as Alarm").wait_for()
            wait(lambda: rung(site) == ["alarm"])
            everybody.locator(".other.alarm").wait_for()
            assert axe(everybody) == []
        assert noted.faults == []
        assert noted.hosts == {site.address.removeprefix("http://").rstrip("/")}
    finally:
        end(site)
        server.close()
