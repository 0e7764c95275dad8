"""The built pages, read once at start and sent compressed as the browser likes it.

A file under `assets/` has its content's hash or its library's version in its name and may be kept
for ever; everything else is asked for again each time.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

from msgspec import Struct

from tocsin.errors import InputError

MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Page(Struct, frozen=True):
    """One file: its bytes plain and compressed, and what to say of it."""

    media_type: str
    caching: str
    etag: str
    plain: bytes
    encodings: dict[str, bytes]

    def choose(self, accepted: str) -> tuple[bytes, str | None]:
        """The smallest form that an `Accept-Encoding` header allows, and its name."""
        names = {
            part.split(";")[0].strip().lower()
            for part in accepted.split(",")
            if part.replace(" ", "").lower().split(";q=")[-1] not in ("0", "0.0", "0.00", "0.000")
        }
        for name in ("br", "gzip"):
            if name in names and name in self.encodings:
                return self.encodings[name], name
        return self.plain, None


def read_pages(folder: Traversable | None = None) -> dict[str, Page]:
    """Every page by its path ("index.html", "assets/…"). Raises InputError if none are built."""
    root = folder if folder is not None else files("tocsin.serve").joinpath("pages")
    if not root.joinpath("index.html").is_file():
        raise InputError("the pages are not built", where="tocsin.serve", remedy="make web")
    pages: dict[str, Page] = {}
    _collect(root, "", pages)
    return pages


def _collect(folder: Traversable, prefix: str, pages: dict[str, Page]) -> None:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            _collect(entry, f"{path}/", pages)
            continue
        media_type = MEDIA_TYPES.get(entry.name.rpartition(".")[2])
        if media_type is None:
            continue
        plain = entry.read_bytes()
        forms = {
            name: folder.joinpath(entry.name + ending)
            for name, ending in (("br", ".br"), ("gzip", ".gz"))
        }
        pages[path] = Page(
            media_type=media_type,
            caching=FOR_EVER if path.startswith("assets/") else ASK_AGAIN,
            etag=f'"{hashlib.sha256(plain).hexdigest()[:20]}"',
            plain=plain,
            encodings={name: form.read_bytes() for name, form in forms.items() if form.is_file()},
        )
