"""A microphone's panel: `tocsin up` listens to a WAV that grows as a sound card would fill it, with
a drone in it and then a clipped input, and Debian's Chromium looks at what the ear made of it.

With TOCSIN_SCREENSHOTS=1 it writes the pictures of the documentation.
"""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
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

from tocsin.simulate.rotors import rotor_sound

pytestmark = pytest.mark.browser

RATE_HZ = 16_000
CHUNK_S = 0.25
CALM_S, DRONE_S = 8, 14
LONG_MS = 90_000
POLL_MS = 100

CONFIG = """
[site]
name = "Barrage de Kaawral"
sensors = "sensors.json"
languages = ["fr", "en"]

[cap]
sender = "tocsin@dam.example"

[[zone]]
id = "dam"
names = {{ fr = "Barrage de Kaawral", en = "Kaawral dam" }}
polygon = [[-12.739, 15.113], [-12.739, 15.124], [-12.728, 15.124], [-12.728, 15.113]]

[[source]]
id = "card"
kind = "file"
format = "sound"
path = "card.wav"
sensor = "mic-1"

[serve]
port = {port}
"""


@dataclass
class Seen:
    """What was seen of one microphone. `panel` is its words, by moment."""

    noted: Noted = field(default_factory=Noted)
    axe: dict[str, list[str]] = field(default_factory=dict)
    panel: dict[str, str] = field(default_factory=dict)
    colours: int = 0
    events: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    health: dict[str, list[str]] = field(default_factory=dict)
    deaf_spans: int = 0
    green: int = 1
    focus: str = ""
    journal: bytes = b""


class SoundCard:
    """Writes a WAV without end, as fast as time goes: calm wind, then a drone, then the input is
    turned up until it clips, once it is told to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rng = np.random.default_rng(7)
        self.clip = threading.Event()
        self.done = threading.Event()

    def run(self) -> None:
        """Until it is done."""
        n = int(CHUNK_S * RATE_HZ)
        drone = 0.05 * rotor_sound(self._rng, RATE_HZ, DRONE_S * RATE_HZ)
        wind = self._wind(60 * RATE_HZ)
        begun = time.monotonic()
        k = 0
        with self._path.open("ab") as file:
            while not self.done.wait(max(0.0, begun + k * CHUNK_S - time.monotonic())):
                at = (k * n) % (len(wind) - n)
                sound = 0.003 * wind[at : at + n]
                since = k * n - CALM_S * RATE_HZ
                if 0 <= since < len(drone) - n:
                    sound = sound + drone[since : since + n]
                if self.clip.is_set():
                    sound = 3.0 * wind[at : at + n]
                whole = np.rint(np.clip(sound, -1.0, 1.0) * 32767.0).astype("<i2")
                file.write(whole.tobytes())
                file.flush()
                k += 1

    def _wind(self, n: int) -> np.ndarray:
        f_hz = np.fft.rfftfreq(n, 1.0 / RATE_HZ)
        spectrum = np.fft.rfft(self._rng.standard_normal(n)) / np.sqrt(np.maximum(f_hz, 20.0))
        sound = np.fft.irfft(spectrum, n)
        return sound / sound.std()


@contextmanager
def recording(path: Path) -> Iterator[SoundCard]:
    """A sound card that records now."""
    card = SoundCard(path)
    thread = threading.Thread(target=card.run, daemon=True)
    thread.start()
    try:
        yield card
    finally:
        card.done.set()
        thread.join(5.0)


def head() -> bytes:
    """Of a WAV whose length nobody knows yet."""
    form = struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 16)
    endless = b"\xff\xff\xff\xff"
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + endless
    return b"RIFF" + endless + chunks


def site(folder: Path) -> Path:
    """Its file, with one microphone and one that never says anything."""
    mics = [
        {"id": name, "kind": "acoustic", "lat": 15.118, "lon": lon, "max_range_m": 500.0,
         "sigma_horizontal_m": 300.0, "scan_period_s": 1.0}
        for name, lon in (("mic-1", -12.7345), ("mic-2", -12.7315))
    ]  # fmt: skip
    (folder / "sensors.json").write_text(json.dumps(mics))
    (folder / "card.wav").write_bytes(b"")
    config = folder / "tocsin.toml"
    config.write_text(CONFIG.format(port=free_port()))
    return config


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    skip_without_a_browser()
    folder = tmp_path_factory.mktemp("site")
    images = pictures(tmp_path_factory)
    found = Seen()
    with chromium() as browser, tocsin("up", str(site(folder))) as link:
        wav = folder / "card.wav"
        wav.write_bytes(head())
        with recording(wav) as card:
            _look(browser, link, card, found, images)
    found.journal = b"".join(one.read_bytes() for one in folder.rglob("journal.sqlite*"))
    return found


def _look(
    browser: playwright.Browser, link: str, card: SoundCard, seen: Seen, images: Path
) -> None:
    context = browser.new_context(viewport=DESK, locale="en-GB", color_scheme="light")
    page = open_page(context, link, seen.noted)
    seen.bytes_before = _bytes_of_the_panel(page)
    _open_by_key(page)
    page.wait_for_selector("[data-testid=spectrum] canvas")
    seen.bytes_after = _bytes_of_the_panel(page)
    _until(page, "document.querySelectorAll('[data-testid=event-span]').length > 0")
    page.wait_for_timeout(9_000)  # a picture with something on it
    _note(page, seen, "drone", images / "hearing-day.png")
    seen.colours = page.evaluate(_COLOURS)
    seen.events = page.locator("[data-testid=event-span]").count()
    seen.axe["day"] = axe(page)
    page.click("[data-testid=theme-night]")
    page.click("[data-testid=lang-fr]")
    _note(page, seen, "french")
    seen.axe["night"] = axe(page)
    card.clip.set()
    _until(page, "document.querySelector('[data-testid=hearing]').dataset.state === 'deaf'")
    page.wait_for_timeout(6_000)
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(500)
    _note(page, seen, "deaf", images / "hearing-phone.png")
    seen.green = page.locator("[data-testid=proof].well").count()
    seen.deaf_spans = page.locator("[data-testid=deaf-span]").count()
    seen.axe["phone"] = axe(page)
    page.set_viewport_size(DESK)
    page.click("[data-testid=theme-red]")
    page.wait_for_timeout(500)
    seen.axe["red"] = axe(page)
    seen.health = context.request.get(link.split("/#")[0] + "/health").json()
    page.keyboard.press("Escape")
    page.wait_for_selector("[data-testid=hearing]", state="detached")
    seen.focus = page.evaluate("document.activeElement.dataset.mic || ''")
    context.close()


def _open_by_key(page: playwright.Page) -> None:
    """Without a mouse, as many must."""
    fold = page.locator("[data-testid=microphones] summary")
    fold.wait_for(timeout=LONG_MS)
    fold.focus()
    page.keyboard.press("Enter")
    page.locator("[data-mic=mic-1]").focus()
    page.keyboard.press("Enter")


def _note(page: playwright.Page, seen: Seen, moment: str, picture: Path | None = None) -> None:
    page.wait_for_timeout(400)
    seen.panel[moment] = page.inner_text("[data-testid=hearing]")
    if picture is not None:
        page.screenshot(path=picture)


def _until(page: playwright.Page, condition: str) -> None:
    """Ask until it is so. Playwright's own way needs `eval`, which the page's policy forbids."""
    for _ in range(LONG_MS // POLL_MS):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(POLL_MS)
    raise AssertionError(f"never came: {condition}; {page.inner_text('body')}")


def _bytes_of_the_panel(page: playwright.Page) -> int:
    return int(
        page.evaluate(
            "performance.getEntriesByType('resource').filter((one) => /Panel/.test(one.name))"
            ".reduce((sum, one) => sum + one.encodedBodySize, 0)"
        )
    )


_COLOURS = """(() => {
  const canvas = document.querySelector('[data-testid=spectrum] canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const found = new Set();
  for (let k = 0; k < data.length; k += 4) found.add(data.slice(k, k + 3).join());
  return found.size;
})()"""


def test_the_drone_that_the_ear_heard_is_on_the_panel(seen: Seen) -> None:
    said = seen.panel["drone"]
    assert "mic-1" in said
    assert "hears" in said
    assert "drone heard" in said
    assert seen.events == 1
    assert seen.colours > 20, "a picture, not a patch"


def test_the_panel_speaks_french(seen: Seen) -> None:
    assert "drone entendu" in seen.panel["french"]
    assert "Passages de pales" in seen.panel["french"]


def test_a_clipped_microphone_is_deaf_and_says_why(seen: Seen) -> None:
    assert "Sourd : saturation, depuis" in seen.panel["deaf"]
    assert seen.deaf_spans == 1
    assert "sensor-deaf" in seen.health["why"]
    assert seen.health["status"] == "degraded"
    assert seen.green == 0, "nobody else hears: the lamp must not be green"


def test_the_panel_is_loaded_when_it_is_opened(seen: Seen) -> None:
    assert seen.bytes_before == 0
    assert 1_000 < seen.bytes_after < 20_000


def test_escape_leads_back_to_the_list(seen: Seen) -> None:
    assert seen.focus == "mic-1"


def test_who_looked_is_in_the_journal_and_no_sound_is(seen: Seen) -> None:
    assert b"hearing of mic-1" in seen.journal
    assert b"WAVEfmt" not in seen.journal


@pytest.mark.parametrize("screen", ["day", "night", "red", "phone"])
def test_axe_finds_no_serious_fault(seen: Seen, screen: str) -> None:
    assert seen.axe[screen] == []


def test_nothing_breaks_and_nothing_is_fetched_from_elsewhere(seen: Seen) -> None:
    assert seen.noted.faults == []
    assert len(seen.noted.hosts) == 1
