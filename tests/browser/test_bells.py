"""The desk's bells: a channel proves itself, a drill rings for real, a pause is begun and ended.

`tocsin up` with a siren that is a real program; Debian's Chromium presses the buttons.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.browser.chromium import (
    DESK,
    Noted,
    axe,
    chromium,
    free_port,
    open_page,
    pictures,
    skip_without_a_browser,
    tocsin,
)

pytestmark = pytest.mark.browser

CONFIG = """
[site]
name = "Kaawral clinic"
sensors = "sensors.json"
languages = ["en"]

[[zone]]
id = "clinic"
names = {{ en = "the clinic" }}
polygon = [[-12.739, 15.113], [-12.739, 15.124], [-12.728, 15.124], [-12.728, 15.113]]
tell = ["horn"]

[[channel]]
id = "horn"
kind = "siren-command"
command = ["/bin/sh", "-c", "echo $TOCSIN_LEVEL $TOCSIN_DRILL >> {rung}"]
test = ["/bin/true"]

[serve]
port = {port}
"""


def test_the_desk_tests_a_channel_pauses_and_holds_a_drill(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    skip_without_a_browser()
    rung = tmp_path / "rung"
    config = CONFIG.format(rung=rung, port=free_port())
    (tmp_path / "tocsin.toml").write_text(config, "utf-8")
    (tmp_path / "sensors.json").write_text("[]", "utf-8")
    noted = Noted()
    with chromium() as browser, tocsin("up", str(tmp_path / "tocsin.toml")) as link:
        context = browser.new_context(viewport=DESK, locale="en-GB")
        page = open_page(context, link, noted)
        page.click("[data-testid=bells] summary")
        horn = page.locator("[data-channel=horn]")
        assert "has not proved itself" in horn.inner_text()
        horn.get_by_role("button").click()
        horn.get_by_text("last proof of life").wait_for()
        assert not rung.exists(), "a test alarms nobody"
        page.get_by_role("button", name="Pause warnings").click()
        page.get_by_role("button", name="End", exact=True).wait_for()
        page.screenshot(path=pictures(tmp_path_factory) / "bells.png")
        faults = axe(page)
        page.get_by_role("button", name="End", exact=True).click()
        page.click("[data-testid=drill]")
        assert not rung.exists(), "one press is not enough"
        page.click("[data-testid=drill]")
        for _ in range(200):
            if rung.exists():
                break
            time.sleep(0.05)
        page.locator("[data-testid=load]").wait_for()
        seen = list(noted.faults)
    assert rung.read_text().splitlines()[0] == "alarm 1"
    assert faults == []
    assert seen == []
