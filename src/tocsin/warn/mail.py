"""E-mail: plain text, with the CAP message beside it.

Kind        `email`
Standard    RFC 5321 and 3207 (STARTTLS), 5322; 3834 (`Auto-Submitted`: no robot answers);
            RFC 8314 for TLS from the first byte (port 465)
Repeats     carry the same `Message-ID`, so that a reader's program drops them; only those who have
            not been told are written to again; later statements of an alert stand in one thread
Proves      by the mail server's answer for each recipient: it has the letter; nobody has read it
Hides       each letter has one recipient, so that no address is shown to another
"""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime, parseaddr
from typing import Annotated, Literal

import aiosmtplib
import msgspec

from tocsin.ports import Channel, Clock
from tocsin.warn.kind import ChannelKind, SettingFault
from tocsin.warn.people import (
    Letter,
    PeopleChannel,
    Person,
    Round,
    people_faults,
    people_reader,
    read_secret,
    sealed_faults,
)
from tocsin.words import Alert

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_FOR_GOOD = 500


class EmailSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mail server. With `security` "none" nothing is sealed on the way: only for a server on
    this machine. `ca` is the file of the certificates that the server's must come from."""

    host: str
    sender: str
    to: tuple[str, ...] = ()
    to_file: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""
    ca: str = ""
    cap: bool = True


class Mail:
    """The carrier: one connection for all the letters of a statement."""

    accepted = "accepted by the mail server"

    def __init__(self, settings: EmailSettings, clock: Clock, timeout_s: float) -> None:
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s

    async def carry(
        self, alert: Alert, letters: Sequence[Letter], cap_xml: bytes, going: Round
    ) -> None:
        """One letter a person, each with its own answer."""
        try:
            async with self._door() as door:
                for letter in letters:
                    message = self._write(alert, letter, cap_xml)
                    try:
                        await door.sendmail(
                            self._settings.sender,
                            [letter.person.address],
                            message.as_bytes(policy=LINES),
                        )
                    except aiosmtplib.SMTPRecipientsRefused as error:
                        _refuse(going, letter, error.recipients[0])
                    except aiosmtplib.SMTPResponseException as error:
                        _refuse(going, letter, error)
                    else:
                        going.note(letter, "accepted")
        except (aiosmtplib.SMTPException, OSError) as error:
            why = _plain(error)
            for letter in letters:
                if going.is_open(letter.person):
                    going.note(letter, "failed", why)

    async def probe(self, people: Sequence[Person], timeout_s: float) -> str | None:
        """Names sender and recipients to the server, and takes it back before a letter."""
        try:
            async with self._door() as door:
                await door.mail(self._settings.sender)
                for person in people:
                    try:
                        await door.rcpt(person.address)
                    except aiosmtplib.SMTPResponseException as error:
                        return f"{person!r}: {_code(error)}"
                await door.rset()
        except (aiosmtplib.SMTPException, OSError) as error:
            return _plain(error)
        return None

    async def close(self) -> None:
        """No connection outlives its letters."""

    def _door(self) -> aiosmtplib.SMTP:
        """Raises OSError where a file cannot be read."""
        said = self._settings
        context = None
        if said.security != "none":
            context = ssl.create_default_context(cafile=said.ca or None)
        return aiosmtplib.SMTP(
            hostname=said.host,
            port=said.port or _PORTS[said.security],
            username=said.user or None,
            password=read_secret(said.password_file) or None,
            timeout=self._timeout_s,
            use_tls=said.security == "tls",
            start_tls=said.security == "starttls",
            tls_context=context,
        )

    def _write(self, alert: Alert, letter: Letter, cap_xml: bytes) -> EmailMessage:
        said = self._settings
        domain = said.sender.rpartition("@")[2]
        message = EmailMessage()
        message["Subject"] = letter.wordings[0].headline.replace("\n", " ")
        message["From"] = said.sender
        message["To"] = letter.person.address
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now(), UTC))
        message["Message-ID"] = _mail_id(alert.alert, alert.sequence, letter.person, domain)
        if alert.sequence > 1:
            message["References"] = _mail_id(alert.alert, 1, letter.person, domain)
        message["Auto-Submitted"] = "auto-generated"
        urgent = alert.level in ("warning", "alarm")
        message["Importance"] = "high" if urgent else "normal"
        parts = (
            "\n\n".join((wording.headline, wording.description, wording.instruction))
            for wording in letter.wordings
        )
        message.set_content("\n\n--\n\n".join(parts) + "\n")
        if said.cap and cap_xml:
            message.add_attachment(
                cap_xml, maintype="application", subtype="cap+xml", filename="alert.cap.xml"
            )
        return message


def _mail_id(alert: str, sequence: int, person: Person, domain: str) -> str:
    """The same for the same statement and person."""
    said = f"{alert}\0{sequence}\0{person.address}".encode()
    return f"<{hashlib.sha256(said).hexdigest()[:32]}@{domain}>"


def _refuse(going: Round, letter: Letter, error: aiosmtplib.SMTPResponseException) -> None:
    going.note(letter, "refused" if error.code >= _FOR_GOOD else "failed", _code(error))


def _code(error: aiosmtplib.SMTPResponseException) -> str:
    """The numbers only: servers like to repeat the address in their words (RFC 3463)."""
    words = str(error.message).split()
    enhanced = words[0] if words and words[0].replace(".", "").isdigit() else ""
    return f"{error.code} {enhanced}".strip()


def _plain(error: aiosmtplib.SMTPException | OSError) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"the mail server said {_code(error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the mail server: {error.verify_message}"
    return f"the mail server: {type(error).__name__}"


def _is_address(address: str) -> bool:
    name, _, domain = address.rpartition("@")
    return bool(name and domain) and parseaddr(address)[1] == address and address.isascii()


def _faults(values: Mapping[str, object]) -> list[SettingFault]:
    faults = people_faults(values, _is_address, "name@example.org")
    sender = values.get("sender")
    if isinstance(sender, str) and not _is_address(sender):
        faults.append(SettingFault("sender", "is no address", "write it like bell@example.org"))
    file = values.get("password_file")
    if isinstance(file, str):
        faults += sealed_faults("password_file", file)
    if values.get("user") and values.get("security") == "none":
        what = "would send the password in the open"
        faults.append(SettingFault("security", what, 'write "starttls" or "tls"'))
    return faults


def _make(name: str, settings: EmailSettings, clock: Clock, timeout_s: float) -> Channel:
    read = people_reader(settings.to, settings.to_file)
    return PeopleChannel(name, Mail(settings, clock, timeout_s), read, clock, timeout_s)


KIND = ChannelKind("email", EmailSettings, _make, _faults, cap=True)
