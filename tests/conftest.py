"""What holds for every test: no test measures time, so no example has a deadline."""

from __future__ import annotations

from hypothesis import settings

import tocsin.run  # noqa: F401  first: it keeps linear algebra on one thread

settings.register_profile("tocsin", deadline=None, derandomize=True)
settings.load_profile("tocsin")
