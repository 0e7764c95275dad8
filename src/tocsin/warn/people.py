"""The people of a channel, whose numbers and addresses are sealed, and who of them has been told.

A list of recipients may stand in tocsin.toml or in a file that nobody else can read: one a line, an
address, then a language if it matters (`+22370000001 bm`); `#` begins a remark. A receipt, a log
and a page speak of "recipient 2", the second of the list, and never of the address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from tocsin.ports import Clock
from tocsin.warn.kind import SettingFault
from tocsin.warn.receipts import receipt, self_test_receipt
from tocsin.words import Alert, Receipt, Wording

_MOST_STATEMENTS = 200
_MOST_NAMED = 3
_OTHERS_MAY_READ = 0o077

Fate = Literal["confirmed", "accepted", "refused", "failed"]
"""`refused` is for good; what `failed` may go well another time."""


class Person(msgspec.Struct, frozen=True):
    """Somebody to tell. `place` counts from 1 in the list."""

    place: int
    address: str
    language: str = ""

    def __repr__(self) -> str:
        return f"recipient {self.place}"


class Letter(msgspec.Struct, frozen=True):
    """What one person is told: in the person's language, else in all of the zone's, in order."""

    person: Person
    wordings: tuple[Wording, ...]


class Outcome(msgspec.Struct, frozen=True):
    """What became of one letter. `why` holds no address."""

    fate: Fate
    why: str = ""


class Round:
    """One statement on its way to the people of a channel; repeats leave out who has been told."""

    def __init__(self) -> None:
        self._outcomes: dict[str, Outcome] = {}

    def note(self, letter: Letter, fate: Fate, why: str = "") -> None:
        """What became of it, as soon as it is known."""
        self._outcomes[letter.person.address] = Outcome(fate, why)

    def is_open(self, person: Person) -> bool:
        """Whether this person is still to be told."""
        known = self._outcomes.get(person.address)
        return known is None or known.fate == "failed"

    def of(self, person: Person) -> Outcome:
        """What is known."""
        return self._outcomes.get(person.address, Outcome("failed", "not tried yet"))


class Carrier(Protocol):
    """What takes letters to people. `accepted` says who has them when it is content."""

    accepted: str

    async def carry(
        self, alert: Alert, letters: Sequence[Letter], cap_xml: bytes, going: Round
    ) -> None:
        """Take them, and note what became of each. May be stopped at any time."""
        ...

    async def probe(self, people: Sequence[Person], timeout_s: float) -> str | None:
        """Prove that it works without alarming anybody; None, or what is wrong."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class PeopleChannel:
    """A channel to persons. Delivered means that somebody was told and nobody is left to try."""

    def __init__(
        self,
        name: str,
        carrier: Carrier,
        read: Callable[[], tuple[Person, ...]],
        clock: Clock,
        timeout_s: float,
    ) -> None:
        self.name = name
        self._carrier = carrier
        self._read = read
        self._clock = clock
        self._timeout_s = timeout_s
        self._rounds: dict[tuple[str, int], Round] = {}

    async def deliver(self, alert: Alert, texts: dict[str, Wording], cap_xml: bytes) -> Receipt:
        """Tell everybody who has not been told this statement."""
        sent_t = self._clock.now()
        try:
            people = await asyncio.to_thread(self._read)
        except OSError as error:
            return receipt(self.name, alert, self._clock, sent_t, _unread(error))
        going = self._round(alert)
        letters = [Letter(p, _wordings(p, texts)) for p in people if going.is_open(p)]
        if letters:
            for letter in letters:
                going.note(letter, "failed", f"no answer within {self._timeout_s:g} s")
            try:
                async with asyncio.timeout(self._timeout_s):
                    await self._carrier.carry(alert, letters, cap_xml, going)
            except TimeoutError:
                pass  # what is known of each letter has been noted
        done, what = _summary(people, going, self._carrier.accepted)
        return receipt(self.name, alert, self._clock, sent_t, None if done else what, note=what)

    async def self_test(self) -> Receipt:
        """Ask the carrier; no letter is written."""
        sent_t = self._clock.now()
        try:
            people = await asyncio.to_thread(self._read)
            async with asyncio.timeout(self._timeout_s + 1.0):
                failure = await self._carrier.probe(people, self._timeout_s)
        except TimeoutError:
            failure = f"no answer within {self._timeout_s:g} s"
        except OSError as error:
            failure = _unread(error)
        return self_test_receipt(self.name, self._clock, sent_t, failure)

    async def close(self) -> None:
        """Let go of connections."""
        await self._carrier.close()

    def _round(self, alert: Alert) -> Round:
        key = (alert.alert, alert.sequence)
        while len(self._rounds) >= _MOST_STATEMENTS and key not in self._rounds:
            del self._rounds[next(iter(self._rounds))]
        return self._rounds.setdefault(key, Round())


def people_reader(to: Sequence[str], to_file: str) -> Callable[[], tuple[Person, ...]]:
    """Reads the list anew each time, so that people come and go without a restart."""

    def read() -> tuple[Person, ...]:
        return read_people([*to, *(_lines(Path(to_file)) if to_file else ())])

    return read


def read_people(lines: Sequence[str]) -> tuple[Person, ...]:
    """Each address once, in the order of the list."""
    known: dict[str, Person] = {}
    for line in lines:
        words = f" {line}".partition(" #")[0].split()
        if words and words[0] not in known:
            language = words[1] if len(words) > 1 else ""
            known[words[0]] = Person(len(known) + 1, words[0], language)
    return tuple(known.values())


def people_faults(
    values: Mapping[str, object], sound: Callable[[str], bool], like: str
) -> list[SettingFault]:
    """What is wrong with a list of people, by the place in it; an address is never shown."""
    to, file = values.get("to", ()), values.get("to_file", "")
    if not isinstance(to, tuple) or not isinstance(file, str):
        return []
    lines, faults = list(to), sealed_faults("to_file", file)
    if file and not faults:
        lines += _lines(Path(file))
    people = read_people(lines)
    if not people and not faults:
        faults.append(SettingFault("to", "names nobody", f"write to or to_file, such as {like}"))
    wrong = [str(person.place) for person in people if not sound(person.address)]
    if wrong:
        what = f"recipient {', '.join(wrong)} cannot be an address"
        faults.append(SettingFault("to", what, f"write it like {like}"))
    return faults


def sealed_faults(key: str, file: str) -> list[SettingFault]:
    """What is wrong with a file of secrets, given by its full path."""
    if not file:
        return []
    path = Path(file)
    if not path.is_absolute() or not path.is_file():
        return [SettingFault(key, f"there is no file {file!r}", "give its full path")]
    if path.stat().st_mode & _OTHERS_MAY_READ:
        return [SettingFault(key, "can be read by others", f"chmod 600 {file}")]
    try:
        path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return [SettingFault(key, "cannot be read as text", "write it in UTF-8")]
    return []


def read_secret(file: str) -> str:
    """The first line of a sealed file, empty without one. Raises OSError."""
    return Path(file).read_text("utf-8").partition("\n")[0].strip() if file else ""


def is_phone(address: str) -> bool:
    """An international number, as ITU-T E.164 has it: a plus and 7 to 15 digits."""
    digits = address.removeprefix("+")
    return (
        address.startswith("+") and digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15
    )


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8", "replace").splitlines()


def _wordings(person: Person, texts: dict[str, Wording]) -> tuple[Wording, ...]:
    own = texts.get(person.language)
    return tuple(texts.values()) if own is None else (own,)


def _unread(error: OSError) -> str:
    return f"the list of recipients or a secret cannot be read: {error.strerror or 'unknown'}"


def _summary(people: Sequence[Person], going: Round, accepted: str) -> tuple[bool, str]:
    """Whether nothing is left to try, and the words of the receipt."""
    outcomes = [(person, going.of(person)) for person in people]
    told = [o for _, o in outcomes if o.fate in ("accepted", "confirmed")]
    sure = sum(o.fate == "confirmed" for o in told)
    parts = [f"{len(told)} of {len(people)} {accepted}"]
    if sure:
        parts.append(f"{sure} confirmed by the receiver")
    troubled = [(p, o) for p, o in outcomes if o.fate in ("refused", "failed")]
    for person, outcome in troubled[:_MOST_NAMED]:
        verb = " refused" if outcome.fate == "refused" else ""
        parts.append(f"{person!r}{verb}: {outcome.why}")
    if len(troubled) > _MOST_NAMED:
        parts.append(f"and {len(troubled) - _MOST_NAMED} more")
    left = any(o.fate == "failed" for _, o in troubled)
    return bool(told) and not left, "; ".join(parts)
