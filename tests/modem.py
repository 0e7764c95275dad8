"""A GSM modem on a pseudo-terminal: it speaks AT commands, and tells what it was made to send.

3GPP TS 27.005 (AT commands for SMS in PDU mode) and 23.040 (the PDUs). Only what smsd and
ModemManager ask of it.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import threading
import time
import tty
from dataclasses import dataclass
from pathlib import Path

import gsm0338

SMSD = shutil.which("smsd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
_CODEC = gsm0338.Codec()


@dataclass(frozen=True)
class Sms:
    """One SMS-SUBMIT as it went to the network."""

    number: str
    text: str
    wants_report: bool
    part: tuple[int, int]
    valid: int | None


class Modem:
    """The modem. `refuses` makes the network say no; `silent` makes it lie: it says yes, no
    telephone ever reports."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self._slave = slave
        self.device = os.ttyname(slave)
        self.sent: list[Sms] = []
        self.refuses = False
        self.silent = False
        self.heard: list[str] = []
        self._inbox: dict[int, str] = {}
        self._reference = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def receive(self, pdu: str) -> None:
        """A message (SMS-DELIVER) or a status report has come for us."""
        self._inbox[max(self._inbox, default=0) + 1] = pdu

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        line = b""
        pdu = False
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.02)
            if not ready:
                continue
            for byte in os.read(self._master, 4096):
                if pdu and byte == 0x1A:
                    self._say(self._submit(line.decode("ascii").strip()))
                    line, pdu = b"", False
                elif not pdu and byte in b"\r\n":
                    command, line = line.decode("ascii", "replace").strip(), b""
                    if command:
                        self.heard.append(command)
                        pdu = command.upper().startswith("AT+CMGS=")
                        self._say("\r\n> " if pdu else self._answer(command.upper()))
                else:
                    line += bytes((byte,))

    def _say(self, text: str) -> None:
        os.write(self._master, text.encode("ascii"))

    def _answer(self, command: str) -> str:
        said = {
            "AT+CREG?": "+CREG: 0,1",
            "AT+CSQ": "+CSQ: 20,0",
            "AT+CPIN?": "+CPIN: READY",
            "AT+CIMI": "001010123456789",
            "AT+CGSN": "490154203237518",
            "AT+CPMS?": f'+CPMS: "SM",{len(self._inbox)},20,"SM",{len(self._inbox)},20',
        }.get(command)
        if command.startswith("AT+CMGR="):
            held = self._inbox.get(int(command.partition("=")[2]))
            said = (
                "+CMS ERROR: 321" if held is None else f"+CMGR: 0,,{len(held) // 2 - 1}\r\n{held}"
            )
            if held is None:
                return f"\r\n{said}\r\n"
        if command.startswith("AT+CMGD="):
            self._inbox.pop(int(command.partition("=")[2].partition(",")[0]), None)
        if command.startswith("AT+CMGL"):
            said = "\r\n".join(
                f"+CMGL: {n},0,,{len(held) // 2 - 1}\r\n{held}" for n, held in self._inbox.items()
            )
        return f"\r\n{said}\r\n\r\nOK\r\n" if said else "\r\nOK\r\n"

    def _submit(self, pdu: str) -> str:
        if self.refuses:
            return "\r\n+CMS ERROR: 38\r\n"
        data = bytes.fromhex(pdu)
        data = data[1 + data[0] :]  # the service centre's address
        sms, number = read_submit(data)
        self.sent.append(sms)
        self._reference = (self._reference + 1) % 256
        if sms.wants_report and not self.silent:
            self.receive(_report(self._reference, number))
        return f"\r\n+CMGS: {self._reference}\r\n\r\nOK\r\n"


def read_submit(data: bytes) -> tuple[Sms, bytes]:
    """TS 23.040, 9.2.2.2: the message, and the address as it stands in the PDU."""
    first, digits = data[0], data[2]
    size = 2 + (digits + 1) // 2
    address = data[2 : 2 + size]
    number = address[2:].hex()
    number = "".join(number[i + 1] + number[i] for i in range(0, len(number), 2))[:digits]
    at = 2 + size + 1
    coding, at = data[at], at + 1
    valid = None
    if first & 0x18 == 0x10:
        valid, at = data[at], at + 1
    length, body = data[at], data[at + 1 :]
    header = body[0] + 1 if first & 0x40 else 0
    part = (body[header - 2], body[header - 1]) if header else (1, 1)
    if coding & 0x0C == 0x08:
        text = body[header:length].decode("utf-16-be")
    else:
        skip = -(-header * 8 // 7)
        bits = int.from_bytes(body, "little")
        septets = bytes((bits >> (7 * i)) & 0x7F for i in range(skip, length))
        text = str(_CODEC.decode(septets)[0])
    return Sms(number, text, bool(first & 0x20), part, valid), address


def _report(reference: int, address: bytes) -> str:
    """SMS-STATUS-REPORT: the telephone has it (status 0)."""
    stamp = bytes.fromhex("62114251000000")  # 2026-11-24, swapped digits
    body = bytes((0x06, reference)) + address + stamp + stamp + b"\x00"
    return (b"\x00" + body).hex().upper()


def deliver_pdu(number: str, text: str) -> str:
    """SMS-DELIVER in UCS-2, as the network would hand it to us."""
    digits = number if len(number) % 2 == 0 else number + "F"
    swapped = bytes.fromhex("".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2)))
    body = text.encode("utf-16-be")
    pdu = bytes((0x04, len(number), 0x91)) + swapped + b"\x00\x08"
    return (
        (b"\x00" + pdu + bytes.fromhex("62114251000000") + bytes((len(body),)) + body).hex().upper()
    )


class Smsd:
    """A real smsd on a spool of its own, with that modem."""

    def __init__(self, folder: Path, modem: Modem) -> None:
        self.spool = folder / "spool"
        for name in ("outgoing", "checked", "sent", "failed", "incoming", "report"):
            (self.spool / name).mkdir(parents=True)
        lines = [f"{name} = {self.spool / name}" for name in
                 ("outgoing", "checked", "sent", "failed", "incoming", "report")]  # fmt: skip
        config = folder / "smsd.conf"
        config.write_text(
            "\n".join([
                "devices = GSM1", f"logfile = {folder / 'smsd.log'}", "loglevel = 7", *lines,
                f"infofile = {folder / 'smsd.working'}", f"pidfile = {folder / 'smsd.pid'}",
                "delaytime = 1", "delaytime_mainprocess = 1", "errorsleeptime = 1",
                "executable_check = no", "autosplit = 3", "incoming_utf8 = yes", "[GSM1]",
                f"device = {modem.device}", "incoming = yes", "send_delay = 0",
                "send_retries = 1", "startsleeptime = 0", "sentsleeptime = 0", "init = ATE0", "",
            ])
        )  # fmt: skip
        assert SMSD is not None
        self.log = folder / "smsd.log"
        self._process = subprocess.Popen(
            [SMSD, f"-c{config}", "-t"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def stop(self) -> None:
        with_group = os.getpgid(self._process.pid)
        os.killpg(with_group, 15)
        for _ in range(100):
            if self._process.poll() is not None:
                return
            time.sleep(0.05)
        os.killpg(with_group, 9)
        self._process.wait()
