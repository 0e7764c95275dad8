"""Heights: right where a geoid grid is installed, unknown where it is not, never a silent copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyproj
import pytest

from tocsin.earth import ellipsoidal_height_m, height

GRID = Path("/usr/share/proj/egm96_15.gtx")


@pytest.fixture(autouse=True)
def _fresh_transformer() -> Iterator[None]:
    """Other tests must not find what these left behind."""
    for kept in (height._egm96_to_ellipsoid, height._geoid_height_m):
        kept.cache_clear()
    yield
    for kept in (height._egm96_to_ellipsoid, height._geoid_height_m):
        kept.cache_clear()


@pytest.mark.skipif(not GRID.exists(), reason="Debian's proj-data (EGM96 grid) is not installed")
def test_egm96_at_a_published_point() -> None:
    # NGA's EGM96 calculator: the geoid stands 31.6 m above the ellipsoid near 14.4 N 11.3 W
    found = ellipsoidal_height_m(14.4, -11.3, 100.0)
    assert found is not None
    assert 125.0 < found < 135.0


def test_without_a_grid_the_height_is_unknown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(height, "_DEBIAN_GRIDS", tmp_path)
    before = pyproj.datadir.get_data_dir()
    pyproj.datadir.set_data_dir(before.split(os.pathsep)[0])  # the wheel's own folder, gridless
    try:
        assert ellipsoidal_height_m(14.4, -11.3, 100.0) is None
    finally:
        pyproj.datadir.set_data_dir(before)
