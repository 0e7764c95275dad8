"""The scribe: our words to other people's bytes. Pure."""
