"""`tocsin.toml` → everything a site is made of, and every fault of it at once, each with its line.

Reading never stops at the first fault: each setting is converted by itself, so that `tocsin
check` can list them all.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from tocsin.errors import ConfigError
from tocsin.run.authority_settings import AuthorityTable
from tocsin.run.config_checks import check_site
from tocsin.run.reading import decoder_settings
from tocsin.run.settings import (
    CapTable,
    ChannelTable,
    DrillTable,
    FriendTable,
    PeerTable,
    RulesTable,
    ServeTable,
    SiteTable,
    ZoneTable,
    meanings,
)
from tocsin.run.source_settings import SOURCE_TABLES, SourceTable
from tocsin.run.toml_lines import Lines
from tocsin.run.toml_lines import Path as KeyPath

Raw = dict[str, Any]

_ONE: dict[str, type[msgspec.Struct]] = {"site": SiteTable, "serve": ServeTable, "cap": CapTable}
_MANY: dict[str, type[msgspec.Struct]] = {
    "zone": ZoneTable, "friend": FriendTable, "source": SourceTable, "channel": ChannelTable,
    "peer": PeerTable, "drill": DrillTable, "authority": AuthorityTable,
}  # fmt: skip


class ChannelSettings(msgspec.Struct, frozen=True):
    """A channel's table: its id, its kind, and what its kind makes of the rest."""

    id: str
    kind: str
    settings: Raw


class SiteConfig(msgspec.Struct, frozen=True):
    """A sound `tocsin.toml`. Paths are absolute."""

    file: Path
    site: SiteTable
    serve: ServeTable
    cap: CapTable
    zones: tuple[ZoneTable, ...]
    rules: tuple[RulesTable, ...]
    friends: tuple[FriendTable, ...]
    sources: tuple[SourceTable, ...]
    channels: tuple[ChannelSettings, ...]
    decoders: dict[str, msgspec.Struct] = {}
    peers: tuple[PeerTable, ...] = ()
    drills: tuple[DrillTable, ...] = ()
    authorities: tuple[AuthorityTable, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent

    @property
    def data_dir(self) -> Path:
        """Where the site keeps its memory."""
        return self.folder / self.site.data

    @property
    def sensors_file(self) -> Path:
        """The site's sensors.json."""
        return self.folder / self.site.sensors


class _Faults:
    """Collects errors of one file, each at its line."""

    def __init__(self, file: str, lines: Lines) -> None:
        self.file, self.lines = file, lines
        self.found: list[ConfigError] = []

    def add(self, path: KeyPath, what: str, remedy: str = "") -> None:
        self.found.append(
            ConfigError(
                what, file=self.file, line=self.lines.of(path), key=dotted(path), remedy=remedy
            )
        )


def dotted(path: KeyPath) -> str:
    """("zone", 0, "names") → "zone[1].names": people count from one."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_config(path: Path) -> tuple[SiteConfig | None, list[ConfigError]]:
    """The site and every fault; no site where there is any fault. Never raises for content."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        remedy = "name the site's tocsin.toml"
        return None, [
            ConfigError(f"cannot be read: {error.strerror}", file=str(path), remedy=remedy)
        ]
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is not UTF-8"
        return None, [ConfigError(where, file=str(path), remedy="save the file as UTF-8")]
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_fault(path, error)]
    faults = _Faults(str(path), Lines(text))
    config = _build(path, raw, faults)
    if config is not None:
        check_site(config, faults.add)
    order = sorted(faults.found, key=lambda fault: fault.line or 0)
    return (None if order else config), order


def load_config(path: Path) -> SiteConfig:
    """The site, or a ConfigError that names the first fault and counts the rest."""
    config, faults = read_config(path)
    if config is None:
        first = faults[0]
        if len(faults) > 1:
            first.remedy += f"; {len(faults) - 1} more: tocsin check {path}"
        raise first
    return config


def _syntax_fault(path: Path, error: tomllib.TOMLDecodeError) -> ConfigError:
    message = str(error)
    found = re.search(r"\(at line (\d+), column \d+\)", message)
    line = int(found[1]) if found else None
    what = message[: found.start()].strip() if found else message
    return ConfigError(f"not TOML: {what}", file=str(path), line=line, remedy="see https://toml.io")


def _build(path: Path, raw: Raw, faults: _Faults) -> SiteConfig | None:
    for key in raw.keys() - _ONE.keys() - _MANY.keys() - {"decoder"}:
        faults.add((key,), "unknown table", _nearest(key, [*_ONE, *_MANY, "decoder"]))
    decoders = _decoders(raw.get("decoder", {}), faults)
    one = {name: _table(raw.get(name, {}), kind, (name,), faults) for name, kind in _ONE.items()}
    many = {name: _tables(raw.get(name, []), name, faults) for name in _MANY}
    rules = [
        _table(table.get("rules", {}), RulesTable, ("zone", i, "rules"), faults)
        for i, table in enumerate(_dicts(raw.get("zone", [])))
    ]
    channels = [
        ChannelSettings(
            table.id, table.kind, {k: v for k, v in settings.items() if k not in ("id", "kind")}
        )
        for table, settings in zip(many["channel"], _dicts(raw.get("channel", [])), strict=False)
        if isinstance(table, ChannelTable)
    ]
    if faults.found:
        return None
    return SiteConfig(
        file=path.resolve(),
        site=one["site"],
        serve=one["serve"],
        cap=one["cap"],
        zones=tuple(many["zone"]),
        rules=tuple(rules),
        friends=tuple(many["friend"]),
        sources=tuple(many["source"]),
        decoders=decoders,
        peers=tuple(many["peer"]),
        drills=tuple(many["drill"]),
        authorities=tuple(many["authority"]),
        channels=tuple(channels),
    )


def _decoders(value: object, faults: _Faults) -> dict[str, msgspec.Struct]:
    """The `[decoder.NAME]` tables, each as the decoder of that name wants it."""
    if not isinstance(value, dict):
        faults.add(("decoder",), "must hold tables", "write [decoder.NAME]")
        return {}
    known = decoder_settings() if value else {}
    found = {}
    for name, raw in value.items():
        if name in known:
            found[name] = _table(raw, known[name], ("decoder", name), faults)
        else:
            what = "there is no decoder of this name that takes settings"
            faults.add(("decoder", name), what, _nearest(name, list(known)))
    return found


def _dicts(value: object) -> list[Raw]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _tables(value: object, name: str, faults: _Faults) -> list[Any]:
    if not isinstance(value, list):
        faults.add((name,), "must be an array of tables", f"write [[{name}]] instead of [{name}]")
        return []
    return [
        _table(item, _kind(item, name, i, faults), (name, i), faults)
        for i, item in enumerate(value)
    ]


def _kind(item: object, name: str, i: int, faults: _Faults) -> type[msgspec.Struct]:
    """The class of one table of an array: a source's depends on its kind."""
    said = item.get("kind") if name == "source" and isinstance(item, dict) else None
    if said is None:
        return _MANY[name]
    kind = SOURCE_TABLES.get(said) if isinstance(said, str) else None
    if kind is None:
        remedy = _nearest(str(said), list(SOURCE_TABLES))
        faults.add((name, i, "kind"), f"there is no source kind {said!r}", remedy)
        return _AnySource
    return kind


class _AnySource(SourceTable, frozen=True):
    """`[[source]]` of a kind that is not known: whatever else it says cannot be judged."""


def _table(raw: object, kind: type[msgspec.Struct], path: KeyPath, faults: _Faults) -> Any:
    """One table, setting by setting; None if any of them is wrong."""
    if not isinstance(raw, dict):
        faults.add(path, "must be a table", f"write [{path[0]}]")
        return None
    before = len(faults.found)
    values: Raw = {}
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    for name, field in known.items():
        if name not in raw:
            if field.required:
                faults.add(path, f"the setting {name!r} is missing", f"add {name} = …")
            continue
        try:
            values[name] = msgspec.convert(raw[name], field.type)
        except msgspec.ValidationError as error:
            faults.add((*path, name), _plain(error), meanings(kind).get(name, ""))
    open_ended = kind in (ChannelTable, _AnySource)
    extra = raw.keys() - known.keys() - ({"rules"} if kind is ZoneTable else set())
    for name in sorted(extra) if not open_ended else ():
        faults.add((*path, name), "unknown setting", _nearest(name, list(known)))
    return kind(**values) if len(faults.found) == before else None


def _plain(error: msgspec.ValidationError) -> str:
    """msgspec's message without its JSON words: "Expected `float`, got `str` - at `$[2]`"."""
    text = str(error).replace("`", "").replace("$", "item ")
    text = re.sub(r" - at item $", "", text)
    return text[0].lower() + text[1:]


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(sorted(known))}"
