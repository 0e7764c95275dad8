"""The exports of the example evening, as a user makes them; run as a module it renews the goldens.

`python -m tests.run.exporting` writes tests/vectors/exports anew. Say why in the commit.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from click.testing import CliRunner
from tests.shared import VECTORS

from tocsin.encode.home_assistant import HomeSite, availability, discovery, zone_state
from tocsin.run.commands.export import command
from tocsin.run.config import load_config
from tocsin.run.site import read_site
from tocsin.words import Alert

EVENING = VECTORS / "exports"
CONFIG = EVENING / "tocsin.toml"
GOLDEN: dict[str, tuple[str, ...]] = {
    "evening.geojson": ("--format", "geojson"),
    "evening.kml": ("--format", "kml"),
    "evening.tracks.csv": ("--format", "csv"),
    "evening.alerts.csv": ("--format", "csv", "--table", "alerts"),
    "evening.courageous.json": ("--format", "courageous", "--at", "15.12,-12.73,20"),
    "evening.stix.json": ("--format", "stix"),
    "evening.misp.json": ("--format", "misp"),
}
HOME = "evening.home-assistant.ndjson"
ABOVE_THE_SEA = ("evening.kml", "evening.courageous.json")
"""Exports with heights above the geoid: they differ where no geoid grid is installed."""


def export(*arguments: str | Path) -> bytes:
    """What `tocsin export` writes to standard output."""
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout_bytes


def export_evening(name: str) -> bytes:
    """One of the goldens, made anew."""
    return export(EVENING, "--config", CONFIG, *GOLDEN[name])


def home_messages() -> bytes:
    """All that Home Assistant would be told through the evening, one message a line."""
    site = read_site(load_config(CONFIG))
    home = HomeSite("barrage-kaawral", site.name, "0.1.0", "http://127.0.0.1:8640/")
    messages = [discovery(home, site.zones), availability(home, True)]
    messages += [zone_state(home, zone.id, []) for zone in site.zones]
    for line in (EVENING / "alerts.ndjson").read_bytes().splitlines():
        alert = msgspec.json.decode(line, type=Alert)
        messages.append(zone_state(home, alert.zone, [alert]))
    messages.append(availability(home, False))
    told = [{"topic": m.topic, "payload": m.payload.decode()} for m in messages]
    return b"".join(msgspec.json.encode(message) + b"\n" for message in told)


if __name__ == "__main__":
    for name in GOLDEN:
        (EVENING / name).write_bytes(export_evening(name))
    (EVENING / HOME).write_bytes(home_messages())
