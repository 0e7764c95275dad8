"""What `tocsin doctor` looks at: each examination gives a finding with its remedy.

Health cannot be false green: an examination that could not be made says so and is not "well".
"""

from __future__ import annotations

import platform
import shutil
import socket
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from tocsin.earth import ellipsoidal_height_m
from tocsin.encode.legal import COUNTRIES
from tocsin.encode.phrasebook import reviewed
from tocsin.errors import ChainBroken, JournalError, TocsinError
from tocsin.keep.reader import JournalReader
from tocsin.run.authority_doors import authority_policy
from tocsin.run.clock import MachineClock
from tocsin.run.config import SiteConfig, read_config
from tocsin.run.plug_ins import left_out
from tocsin.run.publishing import make_seal
from tocsin.run.reading import installed_decoders
from tocsin.run.running import Finding, ask_running
from tocsin.run.sensors_file import read_sensors
from tocsin.warn.cap_seal import WARN_BEFORE_S, day

LEAST_FREE_MIB = 500
"""Below this one busy night may fill the disk; the bell goes on then, the record does not."""


def examine(config_file: Path | None) -> list[Finding]:
    """Every finding about this machine, and about a site if its file is named."""
    findings = [_python(), _pages(), _decoders(), _geoid(), _clock()]
    if config_file is None:
        return findings
    config, faults = read_config(config_file)
    if config is None:
        remedy = f"tocsin check {config_file}"
        return [*findings, Finding("config", "ill", f"{len(faults)} errors: {faults[0]}", remedy)]
    findings.append(Finding("config", "well", f"{config_file}: {len(config.zones)} zones"))
    examinations: list[Callable[[SiteConfig], Finding]] = [
        _sensors,
        _disk,
        _journal,
        _port,
        _bells,
        _cap_key,
        _authorities,
        _words,
    ]
    return [*findings, *(look(config) for look in examinations)]


def _python() -> Finding:
    version = platform.python_version()
    wide = sys.maxsize > 2**32
    known = platform.machine() in ("x86_64", "aarch64")
    if wide and known and sys.platform == "linux":
        return Finding("machine", "well", f"Python {version}, {platform.machine()}, Linux")
    detail = f"Python {version}, {platform.machine()}, {sys.platform}"
    return Finding("machine", "weak", detail, "Tocsin is tried on 64-bit Linux, x86-64 and arm64")


def _pages() -> Finding:
    index = files("tocsin.serve").joinpath("pages", "index.html")
    if index.is_file():
        return Finding("pages", "well", "built")
    return Finding("pages", "ill", "not built: browsers would see nothing", "make web")


def _decoders() -> Finding:
    if left_out():
        remedy = "mend, update or remove the package"
        return Finding("decoders", "weak", "; ".join(map(str, left_out())), remedy)
    names = [decoder.name for decoder in installed_decoders()]
    if names:
        return Finding("decoders", "well", ", ".join(names))
    remedy = "install Tocsin again: pip install --force-reinstall tocsin"
    return Finding("decoders", "ill", "none is installed", remedy)


def _geoid() -> Finding:
    if ellipsoidal_height_m(15.0, -13.0, 0.0) is not None:
        return Finding("geoid", "well", "EGM96 grid found")
    detail = "no grid: heights above sea level are shown as unknown"
    return Finding("geoid", "weak", detail, "apt-get install proj-data")


def _clock() -> Finding:
    if Path("/run/systemd/timesync/synchronized").exists():
        return Finding("clock", "well", "kept by systemd-timesyncd")
    if shutil.which("chronyc"):
        return Finding(
            "clock", "weak", "chrony is here; its state was not read", "chronyc tracking"
        )
    detail = "nobody is seen to keep the clock: bearings of several sensors may not meet"
    return Finding(
        "clock", "weak", detail, "apt-get install systemd-timesyncd, or a GPS and chrony"
    )


def _sensors(config: SiteConfig) -> Finding:
    sensors = read_sensors(config.sensors_file)
    kinds = sorted({sensor.kind for sensor in sensors})
    measuring = [kind for kind in kinds if kind not in ("remote_id", "adsb")]
    if len(measuring) >= 2:
        return Finding(
            "sensors", "well", f"{len(sensors)} of {len(kinds)} kinds: {', '.join(kinds)}"
        )
    detail = f"{len(sensors)}, kinds that measure: {', '.join(measuring) or 'none'}"
    remedy = "an alarm needs two kinds of sensor, three of one kind, or a sensor and a person"
    return Finding("sensors", "weak", detail, remedy)


def _disk(config: SiteConfig) -> Finding:
    folder = config.data_dir
    while not folder.exists():
        folder = folder.parent
    free_mib = shutil.disk_usage(folder).free // 2**20
    if free_mib >= LEAST_FREE_MIB:
        return Finding("disk", "well", f"{free_mib} MiB free at {folder}")
    detail = f"only {free_mib} MiB free at {folder}"
    return Finding("disk", "ill", detail, "make room: the record stops when the disk is full")


def _journal(config: SiteConfig) -> Finding:
    path = config.data_dir / "journal.sqlite"
    if not path.exists():
        return Finding("journal", "weak", "none yet", "it is made by the first tocsin up")
    try:
        count = JournalReader(path).verify()
    except ChainBroken as error:
        remedy = "keep the file as it is and call for help: someone altered it, or the disk is ill"
        return Finding("journal", "ill", str(error), remedy)
    except (JournalError, TocsinError) as error:
        return Finding("journal", "ill", error.what, error.remedy or "look at the disk")
    return Finding("journal", "well", f"{count} records, chain unbroken")


def _port(config: SiteConfig) -> Finding:
    host, port = config.serve.host, config.serve.port
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            if (running := ask_running(host, port)) is not None:
                return running
            remedy = "stop the other program, or choose another [serve] port"
            return Finding("port", "weak", f"{host}:{port}: {error.strerror}", remedy)
    return Finding("port", "well", f"{host}:{port} is free")


def _bells(config: SiteConfig) -> Finding:
    silent = [zone.id for zone in config.zones if not zone.tell]
    if not silent:
        return Finding("bells", "well", f"{len(config.channels)} channels")
    remedy = 'name channels: tell = ["siren"]'
    return Finding("bells", "weak", f"nobody is told for {', '.join(silent)} but the page", remedy)


def _cap_key(config: SiteConfig) -> Finding:
    clock = MachineClock()
    seal = make_seal(config, clock)
    if seal is None:
        remedy = "docs/how-to/sign-the-cap-feed.md"
        return Finding("cap key", "weak", "none: CAP messages go out unsigned", remedy)
    health = seal.health()
    if health.why is not None or health.until_t is None:
        return Finding("cap key", "ill", health.why or "?", "docs/how-to/sign-the-cap-feed.md")
    detail = f"{health.subject}, until {day(health.until_t)}"
    days = health.days_left(clock.now())
    if days is not None:
        remedy = "put a new pair in its place"
        return Finding("cap key", "weak", f"{detail}: {days} days left", remedy)
    return Finding("cap key", "well", detail)


def _words(config: SiteConfig) -> Finding:
    """Whether the words people hear were looked up and read by somebody who speaks them."""
    site = config.site
    country = COUNTRIES.get(site.country)
    tags = dict.fromkeys(tag for z in config.zones for tag in z.languages or site.languages)
    unread = [tag for tag in tags if not reviewed(tag)]
    if not site.country:
        return Finding("words", "weak", "no country is set", "set [site] country")
    if not site.words and (country is None or not country.source):
        detail = f"nobody has looked up the legal words of {site.country}"
        return Finding("words", "weak", detail, "ask civil protection, then set [site] words")
    if unread:
        detail = f"no speaker has reviewed all sentences in {', '.join(unread)}"
        return Finding("words", "weak", detail, "docs/how-to/review-a-language.md")
    return Finding("words", "well", f"{site.country}: {', '.join(tags)}")


def _authorities(config: SiteConfig) -> Finding:
    """Whether the certificates that the site trusts for others still hold."""
    if not config.authorities:
        return Finding("authorities", "well", "none is listened to")
    now = MachineClock().now()
    remedy = "get the new certificate: docs/how-to/listen-to-an-authority.md"
    ends: list[tuple[float, str]] = []
    for table in config.authorities:
        trust = authority_policy(table, config.folder).trust
        held = (*trust.signers, *trust.authorities)
        ends += [(one.not_valid_after_utc.timestamp(), table.id) for one in held]
    first_t, name = min(ends, default=(now + 2 * WARN_BEFORE_S, ""))
    detail = f"{len(config.authorities)} listened to"
    if first_t <= now:
        return Finding("authorities", "ill", f"{name}: ended on {day(first_t)}", remedy)
    if first_t <= now + WARN_BEFORE_S:
        return Finding("authorities", "weak", f"{name}: ends on {day(first_t)}", remedy)
    return Finding("authorities", "well", detail)
