"""Every error Tocsin raises on purpose.

TocsinError                   what, where, and the remedy
├── InputError                a person gave us something we cannot use      (exit status 2)
│   ├── ConfigError           tocsin.toml, sensors.json, a zone             (file, line, key)
│   └── FormatError           a file or stream that is not what it claims   (file, byte)
├── Unsaid                    a language lacks a sentence of a warning; another one speaks
├── DecodeError               one frame cannot be read; counted, never fatal
│   ├── Truncated             fewer bytes than the standard asks for
│   └── Refused               a value that the standard forbids             (rule)
└── DoorError                 the world outside did not answer
    ├── DeliveryError         a channel could not tell people
    ├── SigningError          a CAP message could not be signed
    ├── JournalError          memory could not be written or read
    │   ├── JournalFull       no room on the disk
    │   └── ChainBroken       a record was altered, removed or moved        (sequence)
    └── SourceError           an antenna, file or socket went away
"""

from __future__ import annotations


class TocsinError(Exception):
    """The root. `what` went wrong, `where`, and the `remedy`; each may be empty but `what`."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(what)

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} ({self.remedy})" if self.remedy else head


class InputError(TocsinError):
    """A person gave us something we cannot use; the command line ends with status 2."""


class ConfigError(InputError):
    """A setting is wrong. `key` is its dotted name, `line` its line in the file if known."""

    def __init__(
        self, what: str, *, file: str = "", line: int | None = None, key: str = "", remedy: str = ""
    ) -> None:
        self.file = file
        self.line = line
        self.key = key
        where = file if line is None else f"{file}:{line}"
        super().__init__(what, where=where, remedy=remedy)

    def __str__(self) -> str:
        named = f"{self.key}: {self.what}" if self.key else self.what
        return str(TocsinError(named, where=self.where, remedy=self.remedy))


class FormatError(InputError):
    """A file or stream is not what it claims to be."""


class Unsaid(TocsinError):
    """A language lacks a sentence of a warning: another one speaks."""


class DecodeError(TocsinError):
    """One frame cannot be read. It is counted under `rule`, a short stable name, and skipped; the
    rest goes on."""

    rule = "truncated"


class Truncated(DecodeError):
    """Fewer bytes than the standard asks for."""


class Refused(DecodeError):
    """A value that the standard forbids; `rule` says which."""

    def __init__(self, rule: str, what: str, *, where: str = "", remedy: str = "") -> None:
        self.rule = rule
        super().__init__(what, where=where, remedy=remedy)


class DoorError(TocsinError):
    """The world outside did not answer as it should."""


class DeliveryError(DoorError):
    """A channel could not tell people."""


class SigningError(DoorError):
    """A CAP message could not be signed; people are told all the same."""


class JournalError(DoorError):
    """The journal could not be written or read."""


class JournalFull(JournalError):
    """No room left on the disk."""


class ChainBroken(JournalError):
    """A journal record was altered, removed or moved. `sequence` is the first bad record."""

    def __init__(self, what: str, *, sequence: int, where: str = "", remedy: str = "") -> None:
        self.sequence = sequence
        super().__init__(what, where=where, remedy=remedy)


class SourceError(DoorError):
    """An antenna, a file or a socket went away."""
