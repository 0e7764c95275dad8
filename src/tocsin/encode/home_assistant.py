"""A site as a device in Home Assistant: what is to be published over MQTT, and retained.

Standard    Home Assistant MQTT discovery by device (Home Assistant 2024.11 and later): one
            message at <prefix>/device/<id>/config that lists all entities, keys abbreviated
Carries     for each zone a sensor with its level (`clear` when nothing stands) and a binary sensor
            that is on while the public bell rings; both with level, time to entry, reasons and
            whether it is a drill as attributes
Topics      tocsin/<site>/availability   online | offline; make `offline` the last will
            tocsin/<site>/zone/<zone>    the zone's state as JSON
            tocsin/<site>/sensor/<id>    the sensor's state as JSON
Leaves out  what is sealed, and all coordinates: a smart home has no need of them
Drills      a drill shows its level and says so; the alarm stays off, lest it move real doors
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from tocsin.encode.account import is_standing, reasons, utc
from tocsin.words import LEVEL_ORDER, Alert, Sensor, SensorHealth, Zone

LEVELS = ("clear", "watch", "warning", "alarm")
_NOT_IN_A_TOPIC = re.compile(r"[^a-zA-Z0-9_-]+")
_encode = msgspec.json.Encoder().encode


class Retained(msgspec.Struct, frozen=True):
    """One MQTT message, to be sent with the retain flag and quality of service 1."""

    topic: str
    payload: bytes


class HomeSite(msgspec.Struct, frozen=True):
    """The site as a smart home knows it. `id` stays for ever; `page` is where its screens are."""

    id: str
    name: str
    version: str
    page: str | None = None
    prefix: str = "homeassistant"
    root: str = "tocsin"

    @property
    def slug(self) -> str:
        """The id in letters that a topic of discovery may have."""
        return _NOT_IN_A_TOPIC.sub("-", self.id).strip("-") or "site"

    @property
    def availability_topic(self) -> str:
        """Where `online` and `offline` are said."""
        return f"{self.root}/{self.slug}/availability"

    def zone_topic(self, zone: str) -> str:
        """Where a zone's state is said."""
        return f"{self.root}/{self.slug}/zone/{_NOT_IN_A_TOPIC.sub('-', zone)}"

    def sensor_topic(self, sensor: str) -> str:
        """Where a sensor's state is said."""
        return f"{self.root}/{self.slug}/sensor/{_NOT_IN_A_TOPIC.sub('-', sensor)}"


class ZoneState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in a zone. `alarm` is ON or OFF, as Home Assistant spells it."""

    level: str
    alarm: str
    drill: bool
    automatic: bool
    since: str | None = None
    eta_likely_s: float | None = None
    reasons: tuple[str, ...] = ()


def discovery(
    site: HomeSite,
    zones: Sequence[Zone],
    language: str = "en",
    sensors: Sequence[Sensor] = (),
) -> Retained:
    """The message that makes the device and all its entities appear."""
    device: dict[str, object] = {
        "ids": [f"tocsin-{site.slug}"],
        "name": site.name,
        "mf": "Tocsin",
        "mdl": "Early warning for small drones",
        "sw": site.version,
    }
    if site.page is not None:
        device["cu"] = site.page
    components: dict[str, object] = {}
    for zone in zones:
        components.update(_entities(site, zone, zone.name(language)))
    for sensor in sensors:
        components.update(_life(site, sensor))
    payload = {
        "dev": device,
        "o": {"name": "tocsin", "sw": site.version},
        "avty_t": site.availability_topic,
        "qos": 1,
        "cmps": components,
    }
    return Retained(f"{site.prefix}/device/tocsin-{site.slug}/config", _encode(payload))


def removal(site: HomeSite) -> Retained:
    """The message that makes the device disappear again."""
    return Retained(f"{site.prefix}/device/tocsin-{site.slug}/config", b"")


def availability(site: HomeSite, online: bool) -> Retained:
    """That the site lives, or does not; the latter is also its last will."""
    return Retained(site.availability_topic, b"online" if online else b"offline")


def zone_state(site: HomeSite, zone: str, standing: Iterable[Alert]) -> Retained:
    """A zone's state. `standing` holds the latest statement of each of its alerts."""
    told = [alert for alert in standing if alert.zone == zone and is_standing(alert)]
    worst = max(told, key=lambda alert: (not alert.drill, LEVEL_ORDER[alert.level]), default=None)
    if worst is None:
        state = ZoneState("clear", "OFF", drill=False, automatic=True)
    else:
        rings = worst.level == "alarm" and not worst.drill
        state = ZoneState(
            level=worst.level,
            alarm="ON" if rings else "OFF",
            drill=worst.drill,
            automatic=worst.automatic,
            since=utc(worst.t if worst.first_t is None else worst.first_t),
            eta_likely_s=None if worst.eta_s is None else worst.eta_s[1],
            reasons=reasons(worst),
        )
    return Retained(site.zone_topic(zone), _encode(state))


def sensor_state(site: HomeSite, health: SensorHealth) -> Retained:
    """Whether a sensor lives; degraded is alive, and says so."""
    alive = "ON" if health.state in ("alive", "degraded") else "OFF"
    state = {"alive": alive, "state": health.state}
    return Retained(site.sensor_topic(health.sensor), _encode(state))


def _life(site: HomeSite, sensor: Sensor) -> dict[str, object]:
    topic = site.sensor_topic(sensor.id)
    slug = f"tocsin-{site.slug}-sensor-{_NOT_IN_A_TOPIC.sub('-', sensor.id)}"
    entity = {
        "p": "binary_sensor",
        "uniq_id": slug,
        "name": f"{sensor.kind} {sensor.id}",
        "dev_cla": "connectivity",
        "ent_cat": "diagnostic",
        "val_tpl": "{{ value_json.alive }}",
        "stat_t": topic,
        "json_attr_t": topic,
    }
    return {slug: entity}


def _entities(site: HomeSite, zone: Zone, name: str) -> dict[str, object]:
    topic = site.zone_topic(zone.id)
    slug = f"tocsin-{site.slug}-{_NOT_IN_A_TOPIC.sub('-', zone.id)}"
    shared = {"stat_t": topic, "json_attr_t": topic}
    level = {
        "p": "sensor",
        "uniq_id": f"{slug}-level",
        "name": f"{name}: level",
        "dev_cla": "enum",
        "ops": list(LEVELS),
        "val_tpl": "{{ value_json.level }}",
        "ic": "mdi:bell-alert",
        **shared,
    }
    alarm = {
        "p": "binary_sensor",
        "uniq_id": f"{slug}-alarm",
        "name": f"{name}: alarm",
        "dev_cla": "safety",
        "val_tpl": "{{ value_json.alarm }}",
        **shared,
    }
    return {f"{slug}-level": level, f"{slug}-alarm": alarm}
