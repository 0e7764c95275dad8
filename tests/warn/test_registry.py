"""Channels are found by entry point, and every fault of their settings is told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tocsin.errors import ConfigError
from tocsin.warn import channel_faults, channel_kinds, make_channel, registry
from tocsin.warn.webhook import Webhook


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...


GOOD: dict[str, dict[str, object]] = {
    "siren-http": {"on": {"url": "http://10.0.0.5/on"}, "off": {"url": "http://10.0.0.5/off"}},
    "siren-command": {"command": ["true"]},
    "siren-gpio": {"line": 17},
    "siren-modbus": {"host": "10.0.0.6", "coil": 0},
    "siren-mqtt": {"broker": {"host": "10.0.0.7"}, "topic": "cmnd/horn/POWER"},
    "voice": {"player": ["true"], "speaker": []},
    "home-assistant": {"broker": {"host": "10.0.0.7"}, "site": "kaawral"},
    "meshtastic": {"host": "10.0.0.8"},
    "webhook": {"url": "https://desk.example/in"},
    "cap-folder": {"folder": "/tmp/cap"},
}


def _keys(kind: str, table: dict[str, object]) -> list[str]:
    faults = channel_faults("x", kind, table)
    assert all(fault.remedy and fault.what for fault in faults)
    return [fault.key for fault in faults]


def test_the_built_in_kinds_are_registered_and_tested_here() -> None:
    assert set(channel_kinds()) >= set(GOOD)


@pytest.mark.parametrize("kind", GOOD)
def test_sound_settings_have_no_fault(kind: str) -> None:
    assert channel_faults("x", kind, {"kind": kind, **GOOD[kind]}) == []


@pytest.mark.parametrize("kind", GOOD)
def test_the_reference_page_names_every_setting(kind: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "channels.md").read_text("utf-8")
    section = page.split(f"## `{kind}`")[1].split("\n## ")[0]
    for name in registry.find_kind(kind).settings.__struct_fields__:
        assert f"`{name}`" in section, f"{name} is not documented"
    common = page.split("## Settings of every channel")[1].split("\n## ")[0]
    for name in registry.Reach.__struct_fields__:
        assert f"`{name}`" in common


def test_sirens_are_public_by_default_and_the_desk_hears_all(clock: HandClock) -> None:
    siren = make_channel("siren", "siren-command", GOOD["siren-command"], clock)
    hook = make_channel("hook", "webhook", GOOD["webhook"], clock)
    assert siren.reach.levels == ("alarm", "all-clear")
    assert hook.reach.levels == ("watch", "warning", "alarm", "all-clear")
    assert isinstance(hook.channel, Webhook)
    assert hook.channel.name == "hook"


def test_every_fault_is_told_at_once() -> None:
    table: dict[str, object] = {
        "on": {"url": "ftp://x", "method": "G ET"},
        "confirm": {"url": "nowhere", "on": "x"},
        "on_level": {"alarm": {"url": "http://"}},
        "patterns": {"alarm": [[0, 1]], "warning": [[700, 0]], "watch": []},
        "levels": ["alarm"],
        "timeout_s": 0,
        "retry_s": "long",
        "ofline": {},
    }
    assert sorted(_keys("siren-http", table)) == sorted(
        [
            "channels.x.ofline", "channels.x.off", "channels.x.on.url", "channels.x.on.method",
            "channels.x.confirm.url", "channels.x.on_level.alarm.url", "channels.x.patterns.alarm",
            "channels.x.patterns.warning", "channels.x.patterns.watch", "channels.x.levels",
            "channels.x.timeout_s", "channels.x.retry_s",
        ]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "table", "keys"),
    [
        ("webhook", {}, ["url"]),
        ("webhook", {"url": "https://x", "secret": "short"}, ["secret"]),
        ("webhook", {"url": "https://x:port"}, ["url"]),
        ("webhook", {"url": 7}, ["url"]),
        ("webhook", {"url": "https://x", "headers": {"a": 1}}, ["headers[...]"]),
        ("webhook", {"url": "https://x", "levels": ["alarm", "loud"]}, ["levels[1]"]),
        ("webhook", {"url": "https://x", "levels": []}, ["levels"]),
        ("webhook", {"url": "https://x", "timeout_s": float("nan")}, ["timeout_s"]),
        ("webhook", {"url": "https://x", "retry_s": 1e9, "drills": "no"}, ["drills", "retry_s"]),
        ("siren-command", {"command": []}, ["command"]),
        ("siren-command", {"command": ["/no/such"], "test": ["neither"]}, ["command", "test"]),
        ("siren-command", {"command": "aplay siren.wav"}, ["command"]),
        ("cap-folder", {"folder": ""}, ["folder"]),
        ("cap-folder", {"folder": "/no/such/parent"}, ["folder"]),
        ("cap-folder", {"folder": "/etc/passwd"}, ["folder"]),
        ("siren-gpio", {"line": 17, "sensed": 17, "chip": ""}, ["chip", "sensed"]),
        ("voice", {"player": [], "speaker": ["/no"], "times": 9}, ["player", "speaker", "times"]),
        (
            "voice",
            {"output": "/no/such", "speaker": [], "recordings": "/neither"},
            ["output", "recordings"],
        ),
        (
            "home-assistant",
            {"broker": {"host": "x", "password_file": "/no"}, "site": "", "birth": "#"},
            ["birth", "broker.password_file", "broker.user", "site"],
        ),
        ("meshtastic", {}, ["host"]),
        (
            "meshtastic",
            {"device": "/dev/no-radio", "to": "all", "hops": 0},
            ["device", "hops", "to"],
        ),
        ("siren-modbus", {"host": "", "coil": 65_536, "port": 0}, ["coil", "host", "port"]),
        ("siren-modbus", {"host": "x", "patterns": {"alarm": []}}, ["coil", "patterns.alarm"]),
        (
            "siren-mqtt",
            {"broker": {"host": "", "ca": "/no/such"}, "topic": "a/#"},
            ["broker.ca", "broker.host", "topic"],
        ),
        (
            "siren-mqtt",
            {**GOOD["siren-mqtt"], "state": {"topic": "+", "on": "1", "off": "0"}},
            ["state.topic"],
        ),
        ("siren-http", {**GOOD["siren-http"], "on": {"uri": "http://x"}}, ["on"]),
    ],
)
def test_a_wrong_setting_is_named(kind: str, table: dict[str, object], keys: list[str]) -> None:
    assert sorted(_keys(kind, table)) == [f"channels.x.{key}" for key in keys]


def test_a_relative_folder_is_left_to_the_site() -> None:
    assert channel_faults("x", "cap-folder", {"folder": "some/where"}) == []


def test_a_near_miss_is_suggested() -> None:
    (fault,) = channel_faults("x", "webhok", {})
    assert fault.key == "channels.x.kind"
    assert "webhook" in fault.remedy
    (fault,) = channel_faults("x", "webhook", {"url": "https://x", "secrett": "0" * 32})
    assert fault.remedy == "did you mean secret?"


def test_a_faulty_table_makes_no_channel(clock: HandClock) -> None:
    with pytest.raises(ConfigError, match=r"channels\.x\.url"):
        make_channel("x", "webhook", {}, clock)
    with pytest.raises(ConfigError, match="no channel kind"):
        make_channel("x", "carrier-pigeon", {}, clock)
