"""A real program is run without a shell, told what it needs, and killed if it hangs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace
from tests.warn.plain import plain

from tocsin.warn.siren_command import SirenCommand, SirenCommandSettings
from tocsin.words import Alert, Receipt

TEXTS = {"fr": "Bonjour; rm -rf $HOME `id`", "en": "Hello"}


class HandClock(Protocol):
    def now(self) -> float: ...
    async def sleep_until(self, t: float) -> None: ...


def _deliver(
    clock: HandClock, alert: Alert, settings: SirenCommandSettings, timeout_s: float = 10.0
) -> Receipt:
    async def run() -> Receipt:
        siren = SirenCommand("siren", settings, clock, timeout_s)
        try:
            return await siren.deliver(
                alert, {tag: plain(text) for tag, text in TEXTS.items()}, b""
            )
        finally:
            await siren.close()

    return asyncio.run(run())


def _python(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-c", code, *arguments)


def test_the_program_is_told_by_its_environment(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    out = tmp_path / "told"
    code = "import os,sys,json; open(sys.argv[1],'w').write(json.dumps(dict(os.environ)))"
    os.environ["TOCSIN_TEST_SECRET"] = "x"
    try:
        receipt = _deliver(clock, alarm, SirenCommandSettings(_python(code, str(out))))
    finally:
        del os.environ["TOCSIN_TEST_SECRET"]
    assert receipt.delivered
    assert receipt.detail is None
    told = json.loads(out.read_text())
    assert told["TOCSIN_LEVEL"] == "alarm"
    assert told["TOCSIN_ZONE"] == "dam"
    assert told["TOCSIN_ALERT"] == "dam-1"
    assert told["TOCSIN_DRILL"] == "0"
    assert told["TOCSIN_TEXT"] == told["TOCSIN_TEXT_FR"] == TEXTS["fr"]
    assert told["TOCSIN_TEXT_EN"] == "Hello"
    assert "TOCSIN_TEST_SECRET" not in told, "Tocsin's own environment leaked"


def test_the_all_clear_may_have_its_own_program(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    touch = "import sys; open(sys.argv[1],'w')"
    settings = SirenCommandSettings(
        _python(touch, str(tmp_path / "ring")), _python(touch, str(tmp_path / "clear"))
    )
    assert _deliver(clock, replace(alarm, level="all-clear"), settings).delivered
    assert {path.name for path in tmp_path.iterdir()} == {"clear"}
    assert _deliver(clock, alarm, settings).delivered
    assert {path.name for path in tmp_path.iterdir()} == {"clear", "ring"}


def test_a_failure_is_told_with_the_programs_last_words(clock: HandClock, alarm: Alert) -> None:
    code = "import sys; print('trying\\nno sound card', file=sys.stderr); sys.exit(3)"
    receipt = _deliver(clock, alarm, SirenCommandSettings(_python(code)))
    assert not receipt.delivered
    assert (receipt.detail or "").endswith("ended with status 3: no sound card")


def test_a_program_that_cannot_stop_talking_does_not_hang(clock: HandClock, alarm: Alert) -> None:
    code = "import os\nwhile True:\n  os.write(2, b'x' * 4096)"
    receipt = _deliver(clock, alarm, SirenCommandSettings(_python(code)))
    assert not receipt.delivered
    assert "PermissionError" not in (receipt.detail or "")
    assert "ended with status 1" in (receipt.detail or "")
    assert len(receipt.detail or "") < 400


def test_a_program_that_is_not_there_is_a_failure(clock: HandClock, alarm: Alert) -> None:
    receipt = _deliver(clock, alarm, SirenCommandSettings(("/no/such/program",)))
    assert not receipt.delivered
    assert "cannot be started" in (receipt.detail or "")


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_program_that_hangs_is_killed_with_its_children(
    tmp_path: Path, clock: HandClock, alarm: Alert, until: Callable[..., Awaitable[None]]
) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os,sys,time,signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child: open(sys.argv[1],'w').write(f'{os.getpid()} {child}')\n"
        "time.sleep(600)\n"
    )
    receipt = _deliver(clock, alarm, SirenCommandSettings(_python(code, str(pids))), 1.0)
    assert not receipt.delivered
    assert "did not end within 1 s and was killed" in (receipt.detail or "")
    both = [int(word) for word in pids.read_text().split()]
    assert len(both) == 2
    asyncio.run(until(lambda: all(_is_gone(pid) for pid in both)))  # type: ignore[arg-type]


def test_a_daemon_left_behind_does_not_hold_the_receipt(
    tmp_path: Path, clock: HandClock, alarm: Alert
) -> None:
    """A program may start the sound in a child and end; the child keeps standard error open."""
    code = "import os,time\nif os.fork() == 0: time.sleep(3)\n"
    receipt = _deliver(clock, alarm, SirenCommandSettings(_python(code)), 2.0)
    assert receipt.delivered, receipt.detail


def test_a_text_with_a_nul_still_rings(clock: HandClock, alarm: Alert) -> None:
    settings = SirenCommandSettings(_python(""))
    assert _deliver(clock, replace(alarm, zone="a\0b"), settings).delivered


def test_the_self_test(clock: HandClock) -> None:
    async def run(settings: SirenCommandSettings) -> Receipt:
        return await SirenCommand("siren", settings, clock, 10.0).self_test()

    assert asyncio.run(run(SirenCommandSettings(_python("")))).delivered
    assert not asyncio.run(run(SirenCommandSettings(("/no/such",)))).delivered
    failing = SirenCommandSettings(_python(""), test=_python("raise SystemExit(1)"))
    assert not asyncio.run(run(failing)).delivered
