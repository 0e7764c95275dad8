"""What holds for every test: no test measures time, so no example has a deadline."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("tocsin", deadline=None, derandomize=True)
settings.load_profile("tocsin")
