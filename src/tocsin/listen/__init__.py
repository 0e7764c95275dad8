"""Door to the antennas: bytes in. It never decides."""
