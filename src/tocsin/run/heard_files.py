"""What was heard in each file, and the tables that `tocsin hear` prints of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from tocsin.hear.events import Event
from tocsin.hear.listener import Heard
from tocsin.run.heard_directions import Towards, shown
from tocsin.words.hearing import Deafness

_WIDTH_IN_A_PIPE = 140
_MOST_SPANS = 8
"""Deaf spans that are named of one file; the rest are counted."""


@dataclass
class DeafSpan:
    """From `start` to `end` seconds nothing could have been heard."""

    start: float
    end: float
    why: Deafness


@dataclass
class FileAccount:
    """One file: its events, its deaf spans, its highest probability, where its sounds came from
    (by the time of the window)."""

    path: str
    events: list[Event] = field(default_factory=list)
    deaf: list[DeafSpan] = field(default_factory=list)
    windows: int = 0
    p_highest: float | None = None
    duration_s: float = 0.0
    towards: list[tuple[float, list[Towards]]] = field(default_factory=list)

    def note(self, heard: Sequence[Heard], pointed: Sequence[list[Towards]] = ()) -> None:
        """Some more windows, and the directions of each at an array."""
        self.towards += [
            (one.judged.t, found) for one, found in zip(heard, pointed, strict=False) if found
        ]
        for one in heard:
            window = one.judged
            self.windows += 1
            if window.p_drone is not None:
                self.p_highest = max(self.p_highest or 0.0, window.p_drone)
            if window.deaf is not None:
                self._note_deaf(window.t, window.t + window.dur_s, window.deaf)
            if one.ended is not None:
                self.events.append(one.ended)

    def close(self, duration_s: float, event: Event | None) -> None:
        """The file has ended."""
        self.duration_s = duration_s
        if event is not None:
            self.events.append(event)

    def _note_deaf(self, start: float, end: float, why: Deafness) -> None:
        last = self.deaf[-1] if self.deaf else None
        if last is not None and last.why == why and start <= last.end:
            last.end = end
        else:
            self.deaf.append(DeafSpan(start, end, why))

    @property
    def summary(self) -> str:
        """In one line."""
        count = len(self.events)
        parts = [f"{self.duration_s:.1f} s", f"{count} event{'' if count == 1 else 's'}"]
        if self.events:
            parts.append(f"drone for {sum(e.end - e.start for e in self.events):.1f} s")
        if self.p_highest is not None:
            parts.append(f"highest probability {self.p_highest:.2f}")
        parts += [
            f"deaf {clock(span.start)} to {clock(span.end)} ({span.why})"
            for span in self.deaf[:_MOST_SPANS]
        ]
        if len(self.deaf) > _MOST_SPANS:
            parts.append(f"deaf {len(self.deaf) - _MOST_SPANS} times more")
        return f"{self.path}: {', '.join(parts)}"


def show(accounts: Sequence[FileAccount]) -> None:
    """The events as a table, and a line for each file."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH_IN_A_PIPE
    if any(account.events for account in accounts):
        console.print(_table(accounts))
    for account in accounts:
        console.print(account.summary, highlight=False, markup=False, soft_wrap=True)


def _table(accounts: Sequence[FileAccount]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    pointed = any(account.towards for account in accounts)
    heads = ["start", "end", "s", "highest p", "mean p", "level dBFS", "blade pass Hz"]
    for head in heads + ["first from", "last from"] * pointed:
        table.add_column(head, justify="right")
    for account in accounts:
        for event in account.events:
            table.add_row(
                account.path,
                clock(event.start),
                clock(event.end),
                f"{event.end - event.start:.1f}",
                f"{event.p_peak:.2f}",
                f"{event.p_mean:.2f}",
                "" if event.level_dbfs is None else f"{event.level_dbfs:.1f}",
                "" if event.bpf_hz is None else f"{event.bpf_hz:.0f}",
                *(_ends(account, event) if pointed else ()),
            )
    return table


def _ends(account: FileAccount, event: Event) -> tuple[str, str]:
    """Where the sound of an event came from first and last."""
    within = [found for t, found in account.towards if event.start <= t <= event.end]
    return (shown(within[0]), shown(within[-1])) if within else ("", "")


def clock(seconds: float) -> str:
    """`1:02:03.5` from the start of the file."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    ahead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{ahead}:{rest / 10:04.1f}"
