"""The library: scores, coverage, trends. Never on the live path."""
