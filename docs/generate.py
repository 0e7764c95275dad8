"""Writes the generated reference pages: the command line and the settings of `tocsin.toml`.

`make docs` runs it; a test compares what it would write with what stands in `docs/reference`.
"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from tocsin.run import settings
from tocsin.run.cli import COMMANDS, cli
from tocsin.run.reading import decoder_settings
from tocsin.run.source_settings import SOURCE_TABLES

REFERENCE = Path(__file__).parent / "reference"

TABLES: list[type[msgspec.Struct]] = [
    settings.SiteTable,
    settings.ServeTable,
    settings.CapTable,
    settings.ZoneTable,
    settings.RulesTable,
    settings.FriendTable,
    *SOURCE_TABLES.values(),
    settings.ChannelTable,
    settings.PeerTable,
    *decoder_settings().values(),
]


def command_page() -> str:
    """`docs/reference/cli.md`: every command's own help."""
    context = click.Context(cli, info_name="tocsin", terminal_width=80)
    parts = ["# Commands", "", "*Generated from the program by `make docs`.*", ""]
    parts += ["```", cli.get_help(context), "```", ""]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=80)
        parts += [f"## tocsin {name}", "", "```", command.get_help(inner), "```", ""]
    parts += [
        "Exit status: 0 success, 1 failure, 2 bad usage or input, with one clear line on standard",
        "error. `-` is standard input or output.",
    ]
    return "\n".join(line.rstrip() for line in "\n".join(parts).splitlines()) + "\n"


def settings_page() -> str:
    """`docs/reference/config.md`: every setting with its type, default and meaning."""
    parts = [
        "# tocsin.toml",
        "",
        "*Generated from the program by `make docs`.* The file is yours: Tocsin reads it and",
        "never writes it. `tocsin check` lists every error with its line and remedy. Paths start",
        "at the file.",
        "",
    ]
    for table in TABLES:
        doc = table.__doc__ or ""
        head, _, _ = doc.partition("\n")
        meanings = settings.meanings(table)
        title, _, subtitle = head.partition("` ")
        parts += [f"## {title}`", "", subtitle[0].upper() + subtitle[1:], ""]
        parts += ["| setting | type | default | meaning |", "|---|---|---|---|"]
        for field in msgspec.structs.fields(table):
            kind, default = _kind(field.type), _default(field)
            parts.append(f"| `{field.name}` | {kind} | {default} | {meanings[field.name]} |")
        parts.append("")
    return "\n".join(parts)


_KINDS = {
    "StrType": "text",
    "IntType": "whole number",
    "FloatType": "number",
    "BoolType": "true/false",
    "ListType": "list",
    "DictType": "table",
    "DateTimeType": "date-time",
}


def _kind(annotation: object) -> str:
    info = msgspec.inspect.type_info(annotation)
    if isinstance(info, msgspec.inspect.UnionType):
        info = next(t for t in info.types if not isinstance(t, msgspec.inspect.NoneType))
    if isinstance(info, msgspec.inspect.LiteralType):
        return " or ".join(f"`{value!r}`" for value in info.values)
    return _KINDS[type(info).__name__]


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "*required*"
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{field.default_factory()}`"
    if field.default is None:
        return "–"
    toml = str(field.default).lower() if isinstance(field.default, bool) else repr(field.default)
    return f"`{toml}`"


PAGES = {"cli.md": command_page, "config.md": settings_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), "utf-8")
