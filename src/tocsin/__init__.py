"""Tocsin: open early warning for small drones. Many weak sensors in, one trusted bell out."""

__version__ = "0.1.0"
