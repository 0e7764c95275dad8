"""Door to neighbours: what may cross, and how it travels."""
