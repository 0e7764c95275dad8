"""Numbered steps by which the journal's tables grow; each is applied once, whole or not at all."""
