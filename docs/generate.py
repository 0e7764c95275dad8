"""Writes the generated reference pages: commands, settings of `tocsin.toml`, items of ASTERIX.

`make docs` runs it; a test compares what it would write with what stands in `docs/reference`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import msgspec

from tocsin.encode.legal import COUNTRIES, LevelWords
from tocsin.encode.phrasebook import LANGUAGES, Voice, phrasebook
from tocsin.encode.plurals import FORMS, Plural, plural_form
from tocsin.encode.recordings import recordings
from tocsin.ports import Decoder, Format
from tocsin.run import settings
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.cli import COMMANDS, cli
from tocsin.run.node.settings import EvidenceTable, NodeTable
from tocsin.run.plug_ins import DECODERS, FORMATS, plugs
from tocsin.run.reading import decoder_settings
from tocsin.run.source_settings import SOURCE_TABLES
from tocsin.words.asterix import (
    EDITIONS,
    USUAL_EDITIONS,
    Compound,
    Explicit,
    Extended,
    Field,
    Group,
    Item,
    Repetitive,
)
from tocsin.words.asterix import table as asterix_table

REFERENCE = Path(__file__).parent / "reference"

TABLES: list[type[msgspec.Struct]] = [
    settings.SiteTable,
    settings.ServeTable,
    settings.CapTable,
    settings.ZoneTable,
    settings.RulesTable,
    settings.FriendTable,
    settings.DrillTable,
    *SOURCE_TABLES.values(),
    settings.ChannelTable,
    settings.PeerTable,
    AuthorityTable,
    *decoder_settings().values(),
]


def command_page() -> str:
    """`docs/reference/cli.md`: every command's own help."""
    context = click.Context(cli, info_name="tocsin", terminal_width=80, **cli.context_settings)
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
    return "\n".join([*parts, *_table_parts(TABLES)])


def _table_parts(tables: list[type[msgspec.Struct]]) -> list[str]:
    parts: list[str] = []
    for table in tables:
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
    return parts


_KINDS = {
    "StrType": "text",
    "IntType": "whole number",
    "FloatType": "number",
    "BoolType": "true/false",
    "ListType": "list",
    "DictType": "table",
    "DateTimeType": "date-time",
    "StructType": "table",
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


def node_page() -> str:
    """`docs/reference/node.md`: every setting of a sensor node."""
    head = [
        "# node.toml",
        "",
        "*Generated from the program by `make docs`.* What a",
        "[sensor node](../how-to/build-an-ear.md) is told; options of `tocsin listen` go before",
        "it. Paths start at the file. A table `[decoder.ear]` is as in [tocsin.toml](config.md).",
        "",
    ]
    return "\n".join([*head, *_table_parts([NodeTable, EvidenceTable])])


def asterix_page() -> str:
    """`docs/reference/asterix-items.md`: every item, and what each edition has otherwise."""
    parts = [
        "# Items of ASTERIX",
        "",
        "*Generated from the program by `make docs`.* See [ASTERIX](asterix.md). A field is",
        "its name, its bits (one where none are given; `s` signed) and its step; `…` repeats,",
        "`;` cuts the parts of an item that a bit continues. Presence bits count from 1 (FRN).",
        "",
    ]
    for category, editions in EDITIONS.items():
        usual = asterix_table(category, USUAL_EDITIONS[category])
        parts += [f"## CAT {category:03}, edition {usual.edition}", ""]
        parts += ["| bit | item | what | fields |", "|---|---|---|---|"]
        for bit, name in enumerate(usual.uap, start=1):
            if name != "-":
                fields = _item(usual.items[name])
                parts.append(f"| {bit} | {name} | {usual.titles[name]} | {fields} |")
        parts.append("")
        others = [edition for edition in editions if edition != usual.edition]
        if others:
            parts += ["| edition | what it has otherwise |", "|---|---|"]
            parts += [f"| {edition} | {_otherwise(category, edition)} |" for edition in others]
            parts.append("")
    return "\n".join(parts)


def _otherwise(category: int, edition: str) -> str:
    this = asterix_table(category, edition)
    usual = asterix_table(category, USUAL_EDITIONS[category])
    if category == 21 and edition.startswith("0.") and edition != "0.26":
        usual = asterix_table(21, "0.26")
    elif edition == "0.26":
        listed = [f"{name}: {_item(this.items[name])}" for name in this.uap if name != "-"]
        return "another order: " + " · ".join(listed)
    found = [
        f"{name}: {_item(this.items[name])}"
        for name in this.uap
        if name != "-" and this.items[name] != usual.items.get(name)
    ]
    if this.uap != usual.uap:
        lost = [name for name in usual.uap if name not in this.uap]
        found += [f"without {' '.join(lost)}"]
    against = "" if usual.category != 21 or usual.edition == "2.6" else "as 0.26, but "
    return against + (" · ".join(found) or "nothing")


def _item(item: Item) -> str:
    if isinstance(item, Group):
        return _fields(item)
    if isinstance(item, Extended):
        return " ; ".join(_fields(part) for part in item.parts)
    if isinstance(item, Repetitive):
        return f"{_fields(item.group)} …"
    if isinstance(item, Explicit):
        return "bytes"
    assert isinstance(item, Compound)
    return ", ".join(f"{part[0]} ({_item(part[1])})" for part in item.parts if part is not None)


def _fields(group: Group) -> str:
    return " ".join(_field(field) for field in group.fields if field.name != "-")


def _field(field: Field) -> str:
    bits = "" if field.bits == 1 else f"{field.bits}{'s' if field.signed else ''}"
    words = [field.name, bits]
    if field.scale is not None:
        other = f" or {field.other:g}" if field.switch else ""
        words.append(f"× {field.scale:.9g}{other}")
    words += [field.unit.replace("|", " or "), field.text]
    return " ".join(word for word in words if word)


def decoder_page() -> str:
    """`docs/reference/decoders.md`: what is installed with Tocsin, and which link joins it."""
    parts = [
        "# Formats and decoders", "", "*Generated from the program by `make docs`.*", "",
        "A format tells how messages lie in a file, in datagrams and in a stream; its *link* names",
        "them. A decoder reads the messages of its links. `tocsin decode --format NAME` takes",
        "either; a `[[source]]` takes a format. Others are added by",
        "[packages](../how-to/add-a-decoder.md).", "",
        "## Formats", "", "| format | link | found by itself in files | streams | what |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for name, make in _ours(FORMATS):
        one = make()
        assert isinstance(one, Format)
        found = "no" if name in _NAMED_ONLY else "yes"
        streams = "no" if one.splitter() is None else "yes"
        parts.append(f"| `{name}` | {one.link} | {found} | {streams} | {_first_line(make)} |")
    parts += ["", "## Decoders", "", "| decoder | links | settings | what |", "|---|---|---|---|"]
    for name, make in _ours(DECODERS):
        one = make()
        assert isinstance(one, Decoder)
        table = f"`[decoder.{name}]`" if hasattr(make, "Settings") else ""
        parts.append(f"| `{name}` | {', '.join(one.links)} | {table} | {_first_line(make)} |")
    return "\n".join(parts) + "\n"


_NAMED_ONLY = {"mode-s-iq", "beast-gps"}
"""Nothing in such a file tells what it is, or which of two it is."""


def _ours(group: str) -> list[tuple[str, Callable[..., object]]]:
    found = [(p.name, p.make) for p in plugs(group) if p.package == "tocsin"]
    return [(name, make) for name, make in found if make is not None]


def _first_line(thing: object) -> str:
    first = (thing.__doc__ or "").strip().partition("\n\n")[0]
    return " ".join(first.split()).replace("|", "/")


def languages_page() -> str:
    """`docs/reference/languages.md`: the languages of warnings, the legal words of countries."""
    parts = [
        "# Languages", "", "*Generated from the program by `make docs`.*", "",
        "What people are told stands in a catalogue of its own, apart from the screens' words",
        "(French, English, Arabic). **No native speaker has reviewed a language unless the table",
        "says so**: [review one](../how-to/review-a-language.md).", "",
        "| tag | language | sentences | reviewed by a speaker | plural forms | read aloud by |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for tag in LANGUAGES:
        book = phrasebook(tag)
        vouched = sum(one.review != "machine" for one in book.sentences.values())
        voice = "recordings (no voice)" if book.spelled else "espeak-ng or recordings"
        parts.append(
            f"| `{tag}` | [{book.name}](sentences-{tag}.md) | {len(book.sentences)} | {vouched} "
            f"| {', '.join(FORMS[tag])} | {voice} |"
        )
    parts += [
        "", "## Legal words", "",
        "The word at the head of a message, where the law of the country has one. `[site] country`",
        "chooses the row, `[cap] authority` the column, and `[site] words` comes before both.", "",
        "| country | the authority says | anybody else says | looked up |", "|---|---|---|---|",
    ]  # fmt: skip
    for code, country in COUNTRIES.items():
        source = country.source or "**not looked up**"
        theirs, ours = _words(country.authority), _words(country.others)
        parts.append(f"| {code} {country.name} | {theirs} | {ours} | {source} |")
    return "\n".join(parts) + "\n"


def _words(words: LevelWords) -> str:
    told = [
        f"{level}: *{word}* ({tag})" for tag, said in words.items() for level, word in said.items()
    ]
    return ", ".join(told) or "as in the catalogue"


_EXAMPLES = {
    "zone": "Kita", "example": "D N 2", "channel": "siren", "distance": "unit.metres 400",
    "duration": "unit.minutes 2", "kinds": "kind.radar",
}  # fmt: skip


def sentences_page(tag: str) -> str:
    """`docs/reference/sentences-TAG.md`: every sentence, to be printed and marked by a speaker."""
    book, english = phrasebook(tag), phrasebook("en").sentences
    parts = [
        f"# Warnings in {book.name} (`{tag}`)", "", "*Generated from the program by `make docs`.*",
        "", "For a native speaker, see [review a language](../how-to/review-a-language.md): mark",
        "each line as right, or write what you would say.", "",
        "| name | sentence | meaning in English | right? | better |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for key, sentence in book.sentences.items():
        meaning = english[key].text
        review = "" if sentence.review == "machine" else "✓"
        for name, text, count in _filled(tag, key, sentence.text):
            form = meaning if isinstance(meaning, str) else meaning[plural_form("en", count)]
            shown = _fill("en", form.replace("{count}", str(count)))
            parts.append(f"| `{name}` | {text} | {shown} | {review} | |")
    parts += ["", "## Numbers, as they are read aloud", "", "| name | sentence |", "|---|---|"]
    for name, text in recordings(tag).items():
        if name not in book.sentences:
            parts.append(f"| `{name}` | {text} |")
    return "\n".join(parts) + "\n"


def _filled(tag: str, key: str, text: str | dict[Plural, str]) -> list[tuple[str, str, int]]:
    """(name, sentence with its places filled in, number), one for each plural form."""
    if isinstance(text, str):
        return [(key, _fill(tag, text), 0)]
    found: dict[Plural, tuple[str, str, int]] = {}
    for count in (1, 2, 3, 12, 100, 0):
        form = plural_form(tag, count)
        said = _fill(tag, text[form].replace("{count}", Voice(tag).number(count)))
        found.setdefault(form, (f"{key} ({form})", said, count))
    return list(found.values())


def _fill(tag: str, text: str) -> str:
    for place, example in _EXAMPLES.items():
        key, _, number = example.partition(" ")
        said = example
        if key.startswith("unit."):
            said = Voice(tag).count(key, float(number))
        elif key.startswith("kind."):
            said = Voice(tag).say(key)
        text = text.replace(f"{{{place}}}", said)
    return text


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": command_page,
    "config.md": settings_page,
    "node.md": node_page,
    "asterix-items.md": asterix_page,
    "decoders.md": decoder_page,
    "languages.md": languages_page,
    **{f"sentences-{tag}.md": partial(sentences_page, tag) for tag in LANGUAGES},
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (REFERENCE / name).write_text(make(), "utf-8")
