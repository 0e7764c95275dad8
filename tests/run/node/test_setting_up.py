"""A node before it runs: its file, its key, its link, and what it says of its clock."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from tocsin.errors import ConfigError, InputError
from tocsin.run.cli import cli
from tocsin.run.node.clock_quality import by_chrony, clock_quality
from tocsin.run.node.condition import battery_v, temperature_c
from tocsin.run.node.keys import enrol, public_text, read_key
from tocsin.run.node.links import FilePost, make_post
from tocsin.run.node.settings import NodeTable, read_node_config
from tocsin.share.report_http import HttpPost
from tocsin.share.report_mqtt import MqttPost
from tocsin.share.report_serial import SerialPost


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text('[node]\nid = "a"\nto = "file:x"\n[decoder.ear]\non_p = 0.7\n')
    config = read_node_config(file, {"id": "b", "to": None})
    assert (config.node.id, config.node.to, config.folder) == ("b", "file:x", tmp_path)
    assert config.ear == {"on_p": 0.7}
    assert config.evidence is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[node]\n", "id"),
        ('[node]\nid = "a"\nto = "file:x"\nrate = 5\n', "rate"),
        ('[node]\nid = "a"\nto = "file:x"\n[site]\n', "unknown table"),
        ('[node]\nid = "no spaces"\nto = "file:x"\n', "regex"),
        ('[node]\nid = "a"\nto = "file:x"\n[evidence]\nseal_to = "x"\nask_key = ""\n', "seal_to"),
        ("[node", "not TOML"),
        ("node = 5", "table"),
    ],
)
def test_a_fault_of_the_file_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "node.toml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_node_config(tmp_path / "node.toml", {})


def test_a_key_is_made_once_and_is_its_owner_s(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "node.key"
    key, fresh = enrol(path)
    assert fresh
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again, fresh = enrol(path)
    assert not fresh
    assert public_text(again) == public_text(key)
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        read_key(path)
    with pytest.raises(InputError, match="--enrol"):
        read_key(tmp_path / "other.key")
    (tmp_path / "bad.key").write_bytes(b"nonsense")
    (tmp_path / "bad.key").chmod(0o600)
    with pytest.raises(InputError, match="PEM"):
        read_key(tmp_path / "bad.key")


def test_enrolment_prints_the_line_for_the_site(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    result = CliRunner().invoke(cli, ["listen", "--enrol", "--id", "north-7", "--key", str(path)])
    assert result.stdout == f'north-7 = ["{public_text(read_key(path))}"]\n'


def link(to: str, **more: str) -> object:
    return make_post(NodeTable(id="n", to=to, **more), Path(), None)  # type: ignore[arg-type]


def test_each_kind_of_address_has_its_link() -> None:
    assert isinstance(link("mqtt://broker/site/ears"), MqttPost)
    assert isinstance(link("mqtts://broker"), MqttPost)
    assert isinstance(link("https://site/ear"), HttpPost)
    assert isinstance(link("serial:/dev/ttyUSB0"), SerialPost)
    assert isinstance(link("file:reports"), FilePost)


@pytest.mark.parametrize(
    ("to", "more"),
    [
        ("ftp://site", {}), ("site.example", {}), ("mqtt:///x", {}), ("", {}),
        ("http://site.example/", {"user": "n"}), ("mqtt://site.example", {"user": "n"}),
    ],
)  # fmt: skip
def test_other_addresses_and_bare_passwords_are_refused(to: str, more: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        link(to, **more)


def test_chrony_says_by_what_the_clock_is_kept() -> None:
    assert by_chrony("50505300,PPS,1,1700000000.1,0.000000012,0,0,0,0,0,0,0,0,Normal") == "gps"
    assert by_chrony("A29FC87B,162.159.200.123,4,1,0,0,0,0,0,0,0,0,0,Normal") == "ntp"
    assert by_chrony("50484330,PHC0,1,1,0,0,0,0,0,0,0,0,0,Normal") == "ptp"
    assert by_chrony("00000000,,0,0,0,0,0,0,0,0,0,0,0,Not synchronised") == "unknown"
    assert by_chrony("") == "unknown"


def test_the_clock_of_this_machine_is_asked() -> None:
    told = asyncio.run(clock_quality())
    assert told.source in ("unknown", "none") or told.error_s is not None


def test_battery_and_temperature_are_unknown_where_nobody_measures(tmp_path: Path) -> None:
    assert battery_v(tmp_path) is None
    assert temperature_c(tmp_path / "temp") is None
    (tmp_path / "BAT0").mkdir()
    (tmp_path / "BAT0" / "voltage_now").write_text("3912000\n")
    (tmp_path / "temp").write_text("48312\n")
    assert battery_v(tmp_path) == 3.912
    assert temperature_c(tmp_path / "temp") == 48.312
