"""How the loom's arithmetic is compiled: see `earth.compile`."""

from tocsin.earth.compile import gate, kernel

__all__ = ["gate", "kernel"]
