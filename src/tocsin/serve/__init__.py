"""Door to screens: the API, the live stream, the pages."""
