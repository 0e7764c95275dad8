"""The hearth: the only room that knows all the others."""
