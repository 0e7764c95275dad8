"""A plug-in that is something else than it says."""


class Nothing:
    """Neither name nor decode."""
