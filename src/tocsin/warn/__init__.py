"""Door to people: one file a channel; each says delivered or not."""
