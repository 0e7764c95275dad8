"""Home Assistant: keys that its documentation knows, unique ids, states that its entities expect.

What Home Assistant's own schemas said of these messages stands in tests/vectors/exports/ORIGIN.md.
"""

from __future__ import annotations

import json
import re

import pytest
from msgspec.structs import replace
from tests.encode.exported import ALERTS, ZONE

from tocsin.encode.home_assistant import (
    HomeSite,
    availability,
    discovery,
    removal,
    sensor_state,
    zone_state,
)
from tocsin.words import Sensor, SensorHealth, SensorState

SITE = HomeSite("Kaawral / dam", "Barrage", "0.1.0", "http://127.0.0.1:8640/")
DISCOVERY_TOPIC = re.compile(r"homeassistant/device/[a-zA-Z0-9_-]+/config")
DEVICE_KEYS = {"ids", "name", "mf", "mdl", "sw", "cu"}
ENTITY_KEYS = {
    "p", "uniq_id", "name", "dev_cla", "ent_cat", "ops", "val_tpl", "ic", "stat_t", "json_attr_t",
}  # fmt: skip
"""Abbreviations of https://www.home-assistant.io/integrations/mqtt/#discovery-payload."""

OTHER = replace(ZONE, id="bank", names={"en": "Bank"})


def test_the_device_lists_a_level_and_an_alarm_for_each_zone() -> None:
    message = discovery(SITE, [ZONE, OTHER])
    assert DISCOVERY_TOPIC.fullmatch(message.topic)
    payload = json.loads(message.payload)
    assert payload.keys() == {"dev", "o", "avty_t", "qos", "cmps"}
    assert payload["dev"].keys() <= DEVICE_KEYS
    entities = payload["cmps"]
    assert [one["p"] for one in entities.values()] == 2 * ["sensor", "binary_sensor"]
    assert len({one["uniq_id"] for one in entities.values()}) == 4
    for one in entities.values():
        assert one.keys() <= ENTITY_KEYS
        assert not re.search(r"[#+ ]", one["stat_t"])
    assert payload["avty_t"] == "tocsin/Kaawral-dam/availability"


def test_unique_ids_stay_when_names_change() -> None:
    def ids(site: HomeSite) -> set[str]:
        return set(json.loads(discovery(site, [ZONE]).payload)["cmps"])

    assert ids(SITE) == ids(replace(SITE, name="Other", version="9", page=None))
    assert ids(SITE) != ids(replace(SITE, id="elsewhere"))


def state(*standing: object) -> dict[str, object]:
    told: dict[str, object] = json.loads(zone_state(SITE, "dam", standing).payload)  # type: ignore[arg-type]
    return told


def test_a_zone_without_alerts_is_clear() -> None:
    assert state() == {"level": "clear", "alarm": "OFF", "drill": False, "automatic": True}
    assert state(ALERTS[1])["level"] == "clear"  # an all-clear
    assert state(replace(ALERTS[0], kind="cancel"))["level"] == "clear"
    assert state(replace(ALERTS[0], zone="bank"))["level"] == "clear"


@pytest.mark.parametrize(
    ("level", "alarm"), [("watch", "OFF"), ("warning", "OFF"), ("alarm", "ON")]
)
def test_the_alarm_is_on_only_while_the_public_bell_rings(level: str, alarm: str) -> None:
    told = state(ALERTS[1], replace(ALERTS[0], level=level))  # type: ignore[arg-type]
    assert (told["level"], told["alarm"]) == (level, alarm)
    assert told["eta_likely_s"] == 40.0


def test_a_drill_moves_no_doors_and_hides_no_danger() -> None:
    drill = replace(ALERTS[0], level="alarm", drill=True)
    assert state(drill) | {"reasons": 0} == state(drill) | {"reasons": 0, "alarm": "OFF"}
    assert state(drill)["drill"] is True
    told = state(drill, ALERTS[0])
    assert (told["level"], told["drill"]) == ("warning", False)


def test_availability_and_removal() -> None:
    assert availability(SITE, online=True).payload == b"online"
    assert availability(SITE, online=False).topic == SITE.availability_topic
    assert removal(SITE).topic == discovery(SITE, []).topic
    assert removal(SITE).payload == b""


@pytest.mark.parametrize(
    ("state", "alive"),
    [
        ("alive", "ON"),
        ("degraded", "ON"),
        ("deaf", "OFF"),
        ("silent", "OFF"),
        ("never-heard", "OFF"),
    ],
)
def test_a_sensor_lives_or_does_not_and_where_it_stands_is_not_told(
    state: SensorState, alive: str
) -> None:
    sensor = Sensor("mic 1", "acoustic", 15.5, -12.25)
    config = discovery(SITE, [ZONE], sensors=[sensor])
    (entity,) = [e for e in json.loads(config.payload)["cmps"].values() if "mic" in e["name"]]
    assert entity.keys() <= ENTITY_KEYS
    assert b"15.5" not in config.payload
    told = sensor_state(SITE, SensorHealth("mic 1", "acoustic", state))
    assert told.topic == entity["stat_t"] == "tocsin/Kaawral-dam/sensor/mic-1"
    assert json.loads(told.payload) == {"alive": alive, "state": state}
