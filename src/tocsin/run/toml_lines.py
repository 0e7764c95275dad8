"""Where in a TOML file a key stands, so that an error can name its line.

`tomllib` forgets positions. This finds the line of every table head and of every key that starts
a line; keys inside an inline table or a multi-line array are reported at the line of their owner.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""("zone", 0, "rules", "alarm_eta_s"): names, and indices into arrays of tables."""

_HEAD = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")
_STRING_OR_COMMENT = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*')


class Lines:
    """Line numbers (from 1) by path."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._counts: dict[tuple[str, ...], int] = {}
        self._scan(text)

    def of(self, path: Path) -> int:
        """The line of a path, or of its nearest owner that has one."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _scan(self, text: str) -> None:
        table: Path = ()
        depth, quote = 0, ""
        for number, line in enumerate(text.splitlines(), start=1):
            if depth == 0 and not quote:
                table = self._open(line, number, table)
            depth, quote = _nesting(line, depth, quote)

    def _open(self, line: str, number: int, table: Path) -> Path:
        head = _HEAD.match(line)
        if head:
            names = tuple(_parts(head[2]))
            table = self._resolve(names, is_array=head[1] == "[[")
            self._lines[table] = number
            return table
        key = _KEY.match(line)
        if key:
            self._lines[(*table, *_parts(key[1]))] = number
        return table

    def _resolve(self, names: tuple[str, ...], *, is_array: bool) -> Path:
        """A head's names as a path: owners that are arrays of tables mean their latest element."""
        if is_array:
            self._counts[names] = self._counts.get(names, -1) + 1
        path: list[str | int] = []
        for i in range(len(names)):
            path.append(names[i])
            index = self._counts.get(names[: i + 1])
            if index is not None:
                path.append(index)
        return tuple(path)


def _parts(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _nesting(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth and the open multi-line quote after a line."""
    if quote:
        end = line.find(quote)
        if end < 0:
            return depth, quote
        line, quote = line[end + 3 :], ""
    if _HEAD.match(line) and depth == 0:
        return 0, ""
    bare = line
    for found in _STRING_OR_COMMENT.finditer(line):
        token = found[0]
        if token in ('"""', "'''"):
            if line.count(token) % 2:
                return depth, token
            continue
        bare = bare.replace(token, "", 1)
    return depth + bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}"), ""
