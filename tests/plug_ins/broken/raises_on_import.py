"""A plug-in whose library is not there."""

raise RuntimeError("the driver is not installed")
