"""The built pages keep their promises: size, nothing from outside, a public page for old phones."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.serve.pages import FOR_EVER, Page, read_pages

WARN_BYTES = 30_000
FIRST_LOAD_BYTES = 450_000
SPARE = ("LICENSE", "assets/Bells-", "assets/Panel-")
"""In the folder, but never loaded by a page, or only when somebody opens it."""

LIST_BYTES = 55_000


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    try:
        return read_pages()
    except InputError:
        pytest.skip("the pages are not built: make web")


def test_the_public_page_fits_an_old_phone(pages: dict[str, Page]) -> None:
    loaded = {name: len(page.plain) for name, page in pages.items() if name.startswith("warn/")}
    assert {"warn/index.html", "warn/warn.js", "warn/warn.css"} == loaded.keys()
    total = sum(loaded.values()) + len(pages["icon.svg"].plain)
    print(f"/warn: {total} bytes")
    assert total <= WARN_BYTES


def test_the_first_load_fits(pages: dict[str, Page]) -> None:
    """All that the Now screen loads, map and base map included, as gzip sends it."""
    loaded = {
        name: min(len(page.encodings["gzip"]), len(page.plain))
        for name, page in pages.items()
        if not name.startswith("warn/") and not any(spare in name for spare in SPARE)
    }
    print(f"first load: {sum(loaded.values())} bytes gzip of {len(loaded)} files")
    assert sum(loaded.values()) <= FIRST_LOAD_BYTES


def test_the_list_comes_before_the_map(pages: dict[str, Page]) -> None:
    """What is needed for the list alone, in three languages: an eighth of it all."""
    entry = pages["index.html"].plain.decode()
    first = re.findall(r'(?:src|href)="/(assets/[^"]+)"', entry)
    assert len(first) == 2
    assert sum(len(pages[name].encodings["gzip"]) for name in first) <= LIST_BYTES
    assert "maplibre" not in entry


def test_compressed_forms_hold_the_same(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        assert gzip.decompress(page.encodings["gzip"]) == page.plain, name
        assert "br" in page.encodings, name


def test_only_named_by_content_may_be_kept_for_ever(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        if page.caching == FOR_EVER:
            assert re.search(r"-[\w-]{8}\.(js|css)$|maplibre-\d+\.\d+\.\d+/", name), name


def test_no_page_has_a_script_or_style_of_its_own(pages: dict[str, Page]) -> None:
    """The content security policy would refuse it."""
    for name in ("index.html", "warn/index.html"):
        text = pages[name].plain.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=", text), name
        assert not re.search(r"https?://", text), name


def test_the_public_page_needs_no_modern_browser(pages: dict[str, Page]) -> None:
    script = pages["warn/warn.js"].plain.decode()
    modern = r"=>|`|\b(?:let|const|class|async|await|fetch)\b(?![^'\n]*')|\?\.|\?\?|\.\.\."
    assert re.findall(modern, re.sub(r"'[^'\n]*'|/\*.*?\*/", "", script, flags=re.DOTALL)) == []
    assert "XMLHttpRequest" in script


def test_a_folder_without_pages_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make web"):
        read_pages(tmp_path)
