"""Evidence: kept only when the site asks, opened only with the site's key, every ask logged."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec.structs import replace
from tests.encode.ear_reports import KEY, OTHER_KEY, PUBLIC_TEXT
from tests.run.node.staged_ear import sound

from tocsin.encode.evidence_ask import write_ask
from tocsin.errors import InputError
from tocsin.run.cli import cli
from tocsin.run.node.evidence import EvidenceKeeper, open_sealed
from tocsin.run.node.settings import EvidenceTable
from tocsin.words import Frame
from tocsin.words.evidence import Ask

T0 = 1_780_000_000.0
SEAL = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
SEAL_TO = base64.b64encode(SEAL.public_key().public_bytes_raw()).decode()
ASK = Ask("north-7", T0 + 50.0, "INC-7", T0 + 20.0, T0 + 30.0)
BLOCK = sound((1.0, -20.0))


class Kept:
    """A keeper that has heard a minute and more."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder / "evidence"
        self.now = T0
        table = replace(EvidenceTable(SEAL_TO, PUBLIC_TEXT), **settings)
        self.keeper = EvidenceKeeper("north-7", table, folder, lambda: self.now)
        self.hear(50)

    def hear(self, seconds: int) -> None:
        for _ in range(seconds):
            self.keeper.hear(Frame(BLOCK, "north-7", self.now, "sound"))
            self.now += 1.0

    def ask(self, ask: Ask, key: Ed25519PrivateKey = KEY) -> None:
        self.keeper.ask(write_ask(ask, key.public_key().public_bytes_raw(), key.sign))
        self.hear(1)

    def log(self) -> list[dict[str, object]]:
        file = self.folder / "asks.ndjson"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.sealed"))


def test_nothing_is_kept_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert Kept(tmp_path).files() == []
    assert not (tmp_path / "evidence").exists()


def test_what_is_asked_for_is_kept_sealed_and_logged(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.ask(ASK)
    (file,) = kept.files()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    data = file.read_bytes()
    assert BLOCK[44:80] not in data
    head, blocks = open_sealed(data, SEAL)
    assert (head.sensor, head.incident, head.blocks) == ("north-7", "INC-7", 10)
    assert blocks == [BLOCK] * 10
    assert [line["file"] for line in kept.log()] == [file.name]


@pytest.mark.parametrize("at", [5, 150, -1])
def test_what_was_altered_or_is_another_s_does_not_open(tmp_path: Path, at: int) -> None:
    kept = Kept(tmp_path)
    kept.ask(ASK)
    data = bytearray(kept.files()[0].read_bytes())
    with pytest.raises(InputError, match="does not open"):
        open_sealed(bytes(data), X25519PrivateKey.generate())
    data[at] ^= 1
    with pytest.raises(InputError):
        open_sealed(bytes(data), SEAL)


@pytest.mark.parametrize(
    ("ask", "rule"),
    [
        (replace(ASK, sensor="south-1"), "ask-other"),
        (replace(ASK, t=T0 - 200.0), "ask-time"),
        (replace(ASK, to_t=T0 + 81.0), "ask-stretch"),
        (replace(ASK, to_t=T0 + 20.0), "ask-stretch"),
        (replace(ASK, incident="../../etc"), "ask-form"),
    ],
)
def test_other_asks_are_refused_and_logged(tmp_path: Path, ask: Ask, rule: str) -> None:
    kept = Kept(tmp_path)
    kept.ask(ask)
    assert kept.files() == []
    assert [line["refused"] for line in kept.log()] == [rule]


def test_only_the_site_may_ask_and_each_ask_counts_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.ask(ASK, OTHER_KEY)
    kept.keeper.ask(b"nonsense")
    kept.ask(ASK)
    kept.ask(ASK)
    assert len(kept.files()) == 1
    assert [line.get("refused") for line in kept.log()] == [
        "key-unknown", "cose-form", None, "repeated",
    ]  # fmt: skip


def test_a_stretch_that_is_not_over_is_waited_for_and_the_past_is_a_minute(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.hear(50)
    kept.ask(replace(ASK, t=T0 + 100.0, from_t=T0 + 20.0, to_t=T0 + 60.0))
    kept.ask(replace(ASK, incident="INC-8", t=T0 + 101.0, from_t=T0 + 95.0, to_t=T0 + 110.0))
    assert len(kept.files()) == 1
    kept.hear(10)
    early, late = (open_sealed(file.read_bytes(), SEAL)[0] for file in kept.files())
    assert (early.blocks, late.blocks) == (20, 15)


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path) -> None:
    kept = Kept(tmp_path, most_files=2)
    for number in range(4):
        kept.ask(replace(ASK, t=ASK.t + number, incident=f"I{number}", from_t=T0 + 20.0 + number))
    assert len(kept.files()) == 2
    assert sum("forgotten" in line for line in kept.log()) == 2


def test_the_site_s_commands_make_keys_ask_and_open(tmp_path: Path) -> None:
    run = CliRunner()
    told = run.invoke(cli, ["evidence", "keys", str(tmp_path)]).output
    again = run.invoke(cli, ["evidence", "keys", str(tmp_path)]).output
    assert told == again
    import time
    import tomllib

    table = EvidenceTable(**tomllib.loads(told)["evidence"])
    keeper = EvidenceKeeper("north-7", table, tmp_path, time.time)
    now = time.time()
    for second in range(5):
        keeper.hear(Frame(BLOCK, "north-7", now + second, "sound"))
    asked = run.invoke(cli, [
        "evidence", "ask", "--key", str(tmp_path / "ask.key"), "--sensor", "north-7",
        "--incident", "X", "--from", str(now), "--to", str(now + 3),
    ])  # fmt: skip
    keeper.ask(asked.stdout_bytes)
    keeper.hear(Frame(BLOCK, "north-7", now + 6, "sound"))
    (file,) = (tmp_path / "evidence").glob("*.sealed")
    opened = run.invoke(cli, [
        "evidence", "open", str(file), "--key", str(tmp_path / "seal.key"),
        "-o", str(tmp_path / "opened"),
    ])  # fmt: skip
    assert json.loads(opened.output)["incident"] == "X"
    assert (tmp_path / "opened" / "000.wav").read_bytes() == BLOCK
    assert len(list((tmp_path / "opened").iterdir())) == 3
