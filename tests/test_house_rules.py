"""Who may open whose door (DESIGN 2): reads every import in the source and fails on a wrong one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "tocsin"

PURE = {"words", "earth", "decode", "hear", "see", "encode", "fuse", "assess", "simulate", "study"}
DOORS = {"listen", "keep", "warn", "share", "serve"}

MAY_IMPORT: dict[str, set[str]] = {
    "words": set(),
    "errors": set(),
    "ports": {"words"},
    "earth": set(),
    "decode": {"words", "earth", "errors"},
    "hear": {"words", "earth", "errors"},
    "see": {"words", "earth", "errors"},
    "encode": {"words", "earth", "errors"},
    "fuse": {"words", "earth"},
    "assess": {"words", "earth"},
    "simulate": PURE | {"errors"},
    "study": PURE | {"errors"},
    **{door: {"words", "earth", "ports", "errors", "encode"} for door in DOORS},
}
"""Room to rooms; `run` may import all and nobody imports it."""

FORBIDDEN_IN_PURE = {
    "asyncio", "socket", "sqlite3", "threading", "subprocess", "logging", "time", "random",
}  # fmt: skip


def _files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def _room(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0].removesuffix(".py")


def _imports(path: Path) -> list[tuple[int, str]]:
    """(line, dotted module) of every import, wherever it stands, relative ones made absolute."""
    package = ("tocsin", *path.relative_to(SOURCE).with_suffix("").parts)
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            if module == "tocsin":
                found += [(node.lineno, f"tocsin.{alias.name}") for alias in node.names]
            else:
                found.append((node.lineno, module))
    return found


def _faults(path: Path) -> list[str]:
    room = _room(path)
    faults = []
    for line, module in _imports(path):
        top, _, rest = module.partition(".")
        if top == "tocsin" and rest:
            target = rest.split(".")[0]
            own_door = target == room or target.startswith("__")
            if room not in {"run", "__init__"} and not own_door and target not in MAY_IMPORT[room]:
                faults.append(f"{path}:{line}: {room} may not import tocsin.{target}")
        elif top in FORBIDDEN_IN_PURE and room in PURE:
            faults.append(f"{path}:{line}: the pure room {room} may not import {top}")
    return faults


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_keep_to_the_rooms(path: Path) -> None:
    assert _faults(path) == []


def test_every_room_of_the_design_is_there_and_no_other() -> None:
    rooms = {p.name for p in SOURCE.iterdir() if p.is_dir() and not p.name.startswith("__")}
    assert rooms == PURE | DOORS | {"run"}


def test_the_rule_finds_a_wrong_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule itself is tried on a house with three faults, lest it pass by blindness."""
    room = tmp_path / "fuse"
    room.mkdir()
    bad = room / "bad.py"
    bad.write_text("import time\nfrom tocsin.keep import journal\nfrom ..run import cli\n")
    monkeypatch.setitem(globals(), "SOURCE", tmp_path)
    assert len(_faults(bad)) == 3


@pytest.mark.parametrize("path", _files(), ids=lambda p: str(p.relative_to(SOURCE)))
def test_no_file_over_400_lines_and_no_function_over_60(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400, f"{path}: split it by meaning"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= 60, f"{path}:{node.lineno}: {node.name} has {length} lines"
