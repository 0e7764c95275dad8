"""`tocsin.toml`: a sound file is read, a broken one names every fault with its line and remedy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tocsin.errors import ConfigError
from tocsin.fuse.measure import SOUND_MPS
from tocsin.run.commands.check import command as check
from tocsin.run.config import load_config, read_config
from tocsin.run.pipeline import Turn
from tocsin.run.scribe import Message
from tocsin.run.site import build_house, read_site
from tocsin.run.toml_lines import Lines
from tocsin.words import Order, read_hours

SENSORS = [{"id": "mic1", "kind": "acoustic", "lat": 15.0, "lon": -13.0, "alt_m": 20.0}]

SOUND = """
[site]
name = "Dam"

[[zone]]
id = "dam"
names = { fr = "le barrage", en = "the dam" }
polygon = [
  [-13.01, 14.99],  # a comment [with brackets
  [-12.99, 14.99],
  [-12.99, 15.01],
]
hours = ["mon-fri 06:00-18:00", "22:00-04:00"]
tell = ["cap"]

[zone.rules]
alarm_eta_s = 45

[[friend]]
serial = "1581F0123456789AB"
label = "Sprayer"
valid_from = 2026-01-01T00:00:00Z

[[channel]]
id = "cap"
kind = "cap-folder"
folder = "cap"
"""

BROKEN = """[site]
nmae = "Dam"
languages = ["fr", "xx"]

[serve]
host = "0.0.0.0"
port = "eight"

[[zone]]
id = "dam"
names = { en = "the dam" }
polygon = [[14.99, -13.01], [14.99, -12.99]]
tell = ["siren"]
hours = ["noonish"]

[zone.rules]
alarm_eta_s = -5

[radar]
x = 1
"""


def write(folder: Path, text: str) -> Path:
    (folder / "sensors.json").write_text(json.dumps(SENSORS))
    file = folder / "tocsin.toml"
    file.write_text(text)
    return file


class NoDoor:
    """No memory, no bell, no screens."""

    async def keep(self, turn: Turn) -> None:
        """Keep nothing."""

    def ring(self, messages: Sequence[Message], orders: Sequence[Order]) -> None:
        """Ring nothing."""

    def show(self, turn: Turn, messages: Sequence[Message]) -> None:
        """Show nothing."""


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, SOUND))
    assert config.zones[0].polygon[0] == (-13.01, 14.99)
    assert config.rules[0].alarm_eta_s == 45
    assert config.rules[0].watch_eta_s == 300
    assert config.channels[0].settings == {"folder": "cap"}
    assert config.friends[0].valid_from is not None
    assert config.data_dir == tmp_path / "data"


@pytest.mark.parametrize(("air_c", "mps"), [(None, 343.2), (-10.0, 325.2), (42.5, 356.1)])
def test_the_air_sets_how_late_sound_comes(tmp_path: Path, air_c: float | None, mps: float) -> None:
    text = SOUND if air_c is None else SOUND.replace("[site]", f"[site]\nair_c = {air_c}")
    site = read_site(load_config(write(tmp_path, text)))
    house = build_house(site, NoDoor(), NoDoor(), NoDoor())
    assert SOUND_MPS / float(house.tracks.state["sound"][0]) == pytest.approx(mps, abs=0.05)


@pytest.mark.parametrize("air_c", ["-61", "99", '"warm"'])
def test_air_that_cannot_be_is_a_fault(tmp_path: Path, air_c: str) -> None:
    text = SOUND.replace("[site]", f"[site]\nair_c = {air_c}")
    config, faults = read_config(write(tmp_path, text))
    assert config is None
    assert [(f.key, f.line) for f in faults] == [("site.air_c", 3)]
    assert "deg C" in faults[0].remedy


def test_every_type_fault_is_listed_at_its_line(tmp_path: Path) -> None:
    config, faults = read_config(write(tmp_path, BROKEN))
    assert config is None
    found = {(fault.key, fault.line) for fault in faults}
    assert {
        ("site", 1), ("site.nmae", 2), ("serve.port", 7), ("zone[1].rules.alarm_eta_s", 17),
        ("radar", 19),
    } <= found  # fmt: skip
    assert "did you mean 'name'?" in {fault.remedy for fault in faults}


def test_every_meaning_fault_is_listed_at_its_line(tmp_path: Path) -> None:
    meant = BROKEN.replace("nmae", "name").replace('"eight"', "8640").replace("-5", "200")
    config, faults = read_config(write(tmp_path, meant.split("[radar]")[0]))
    assert config is None
    assert {(fault.key, fault.line) for fault in faults} >= {
        ("site.languages", 3), ("serve.host", 6), ("zone[1].polygon", 12), ("zone[1].tell", 13),
        ("zone[1].hours", 14), ("zone[1].rules", 16),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [("[site\nname = 1", 1, "not TOML"), ("a = 1\na = 2\n", 2, "not TOML"), ("", 1, "missing")],
)
def test_broken_syntax_names_its_line(tmp_path: Path, text: str, line: int, what: str) -> None:
    _, faults = read_config(write(tmp_path, text))
    assert faults[0].line == line
    assert what in faults[0].what


def test_a_missing_or_binary_file_is_one_clear_fault(tmp_path: Path) -> None:
    assert "cannot be read" in str(read_config(tmp_path / "none.toml")[1][0])
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    assert "UTF-8" in str(read_config(tmp_path / "bad.toml")[1][0])


def test_a_channel_fault_stands_at_the_channel(tmp_path: Path) -> None:
    text = SOUND.replace('folder = "cap"', 'fodler = "cap"')
    _, faults = read_config(write(tmp_path, text))
    assert faults
    assert all(fault.key.startswith("channel[1]") for fault in faults)
    assert all((fault.line or 0) >= 24 for fault in faults)


def test_a_source_names_a_format_that_is_installed(tmp_path: Path) -> None:
    text = SOUND + '\n[[source]]\nid = "s"\nkind = "udp"\nport = 9\nformat = "morse"\n'
    _, faults = read_config(write(tmp_path, text))
    assert [f.key for f in faults] == ["source[1].format"]
    assert "ndjson" in faults[0].remedy


def test_a_decoder_that_takes_no_settings_is_told_apart(tmp_path: Path) -> None:
    _, faults = read_config(write(tmp_path, SOUND + "\n[decoder.morse]\nspeed = 3\n"))
    assert [f.key for f in faults] == ["decoder.morse"]


def test_ids_must_be_unique(tmp_path: Path) -> None:
    again = SOUND + '\n[[channel]]\nid = "cap"\nkind = "cap-folder"\nfolder = "b"\n'
    _, faults = read_config(write(tmp_path, again))
    assert any("used 2 times" in fault.what and fault.line == 30 for fault in faults)


def test_loading_a_broken_file_says_how_many_more(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"more: tocsin check"):
        load_config(write(tmp_path, BROKEN))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[", "not JSON"),
        ('[{"id":"a"}]', "kind"),
        ('[{"id":"a","kind":"sonar","lat":1,"lon":2}]', "sonar"),
        ('[{"id":"a","kind":"rf","lat":91,"lon":2}]', "off the globe"),
        (
            '[{"id":"a","kind":"rf","lat":1,"lon":2},{"id":"a","kind":"rf","lat":1,"lon":2}]',
            "twice",
        ),
    ],
)
def test_sensor_faults_reach_the_list(tmp_path: Path, text: str, fault: str) -> None:
    file = write(tmp_path, SOUND)
    (tmp_path / "sensors.json").write_text(text)
    _, faults = read_config(file)
    assert any(fault in found.what for found in faults)


@pytest.mark.parametrize(
    ("text", "days", "start", "end"),
    [
        ("mon-fri 06:00-18:00", 5, 360, 1080),
        ("sat 00:00-24:00", 1, 0, 1440),
        ("fri-mon 22:00-04:00", 4, 1320, 240),
        ("08:00-09:30", 7, 480, 570),
    ],
)
def test_hours(text: str, days: int, start: int, end: int) -> None:
    hours = read_hours(text)
    assert hours is not None
    assert (len(hours.days), hours.start_min, hours.end_min) == (days, start, end)


@given(st.text(max_size=30))
def test_hours_never_raise(text: str) -> None:
    read_hours(text)


@given(st.text(max_size=400))
def test_lines_never_raise_and_always_answer(text: str) -> None:
    assert Lines(text).of(("zone", 3, "names", "fr")) >= 1


def test_lines_see_through_strings_arrays_and_nested_tables() -> None:
    text = (
        'a = "x = [" # [[no]]\nb = [\n  1,\n  "]",\n]\n[[z]]\nk = 1\n[z.r]\nq = 2\n[[z]]\nk = 3\n'
    )
    lines = Lines(text)
    assert lines.of(("b",)) == 2
    assert lines.of(("z", 0, "k")) == 7
    assert lines.of(("z", 0, "r", "q")) == 9
    assert lines.of(("z", 1, "k")) == 11


def test_the_command_lists_faults_and_never_writes(tmp_path: Path) -> None:
    file = write(tmp_path, BROKEN)
    before = file.read_bytes(), sorted(tmp_path.iterdir())
    result = CliRunner().invoke(check, [str(file)])
    assert result.exit_code == 2
    assert f"{file}:7: serve.port" in result.output
    assert (file.read_bytes(), sorted(tmp_path.iterdir())) == before


def test_the_command_praises_a_sound_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(check, [str(write(tmp_path, SOUND))])
    assert result.exit_code == 0, result.output
    assert "1 zone, 1 friend, 0 sources, 1 channel" in result.output
