"""Reads a channel's table and says everything that is wrong with it, not just the first thing."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from tocsin.errors import ConfigError
from tocsin.warn.kind import ChannelKind, Reach, SettingFault
from tocsin.words import read_hours

S = TypeVar("S", bound=msgspec.Struct)

KIND_KEY = "kind"
_RANGES_S = {
    "timeout_s": (0.1, 60.0, 5.0),
    "retry_s": (0.0, 3600.0, 300.0),
    "cool_down_s": (0.0, 3600.0, 300.0),
}


def read_settings(
    kind: ChannelKind[S], table: Mapping[str, object]
) -> tuple[S | None, Reach | None, list[SettingFault]]:
    """The kind's settings, the reach, and every fault; None and None if there is any."""
    reach_keys = {field.encode_name for field in msgspec.structs.fields(Reach)}
    own_keys = {field.encode_name for field in msgspec.structs.fields(kind.settings)}
    faults = _unknown(table, reach_keys | own_keys | {KIND_KEY})
    reach_table = {"levels": kind.levels, **_part(table, reach_keys)}
    reach_values, reach_faults = _convert(Reach, reach_table)
    values, own_faults = _convert(kind.settings, _part(table, own_keys))
    faults += reach_faults + _reach_faults(reach_values) + own_faults + kind.check(values)
    if faults:
        return None, None, faults
    return (
        msgspec.convert(_part(table, own_keys), type=kind.settings),
        msgspec.convert(reach_table, type=Reach),
        [],
    )


def as_config_error(fault: SettingFault, name: str) -> ConfigError:
    """The fault with its full key; file and line are the config reader's to add."""
    return ConfigError(fault.what, key=f"channels.{name}.{fault.key}", remedy=fault.remedy)


def _part(table: Mapping[str, object], keys: set[str]) -> dict[str, object]:
    return {key: value for key, value in table.items() if key in keys}


def _unknown(table: Mapping[str, object], known: set[str]) -> list[SettingFault]:
    faults = []
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            faults.append(SettingFault(key, "there is no such setting", meant))
    return faults


def _convert(
    shape: type[msgspec.Struct], table: Mapping[str, object]
) -> tuple[dict[str, object], list[SettingFault]]:
    """Each setting is read on its own, so that one wrong one does not hide the next."""
    faults = []
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(shape):
        key = field.encode_name
        if key in table:
            try:
                values[key] = msgspec.convert(table[key], type=field.type)
            except msgspec.ValidationError as error:
                faults.append(_as_fault(key, error))
        elif field.required:
            faults.append(SettingFault(key, "is missing", f"add {key} to the channel's table"))
    return values, faults


def _as_fault(key: str, error: msgspec.ValidationError) -> SettingFault:
    """msgspec says "Expected `str`, got `int` - at `$.url`"; the path becomes part of the key."""
    what, _, path = str(error).partition(" - at `$")
    inner = path.rstrip("`")
    return SettingFault(f"{key}{inner}", what, "see docs/reference/channels.md")


def _reach_faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = []
    levels = values.get("levels")
    if isinstance(levels, tuple) and not levels:
        faults.append(SettingFault("levels", "is empty: nobody would ever be told", "name a level"))
    elif isinstance(levels, tuple) and "all-clear" not in levels:
        remedy = 'add "all-clear" to levels'
        faults.append(SettingFault("levels", "people are warned but never told it is over", remedy))
    quiet = values.get("quiet")
    for text in quiet if isinstance(quiet, tuple) else ():
        if read_hours(text) is None:
            remedy = 'write "22:00-06:00" or "fri-sat 22:00-06:00" (UTC)'
            faults.append(SettingFault("quiet", f"cannot read {text!r}", remedy))
    for key, (least, most, usual) in _RANGES_S.items():
        value = values.get(key)
        if isinstance(value, float) and not least <= value <= most:
            what = f"must lie between {least:g} and {most:g} seconds"
            faults.append(SettingFault(key, what, f"{usual:g} is usual"))
    return faults
