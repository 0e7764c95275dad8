"""Door to memory: the journal."""
