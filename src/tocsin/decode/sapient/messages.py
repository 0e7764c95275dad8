"""Bytes or JSON → one SAPIENT message that keeps every rule.

Standard   BSI Flex 335 v2.0: protobuf; the JSON form is protobuf's own (field names in either
           style). Refused by the name of the first rule broken, with the path of each
Limits     131,072 bytes a message: the largest of the standard's own samples has 30,000. In JSON
           8,000 commas and braces, as each part costs the reader 3 us; that sample has 640
"""

from __future__ import annotations

import re
from typing import cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tocsin.decode.sapient.rules import faults
from tocsin.errors import Refused, Truncated

LONGEST_MESSAGE_BYTES = 131_072
MOST_JSON_PARTS = 8_000
_PATH = re.compile(r"at SapientMessage\.([\w.\[\]]+)")
_FIELD = re.compile(r"Failed to parse (\w+) field")
_UNKNOWN_FIELD = "has no field named"


def read_message(data: bytes, where: str = "") -> SapientMessage:
    """A message from its protobuf bytes, without the length before it. Raises DecodeError."""
    _check_size(data, where)
    try:
        message = SapientMessage.FromString(data)
    except DecodeError:
        what = "these bytes are no protobuf message of the standard"
        raise Refused("protobuf unreadable", what, where=where) from None
    _check_rules(message, where)
    return message


def read_json(text: bytes, where: str = "") -> SapientMessage:
    """A message from its JSON form. Raises DecodeError.

    A field that the standard does not know is refused, but only where nothing worse is wrong.
    """
    _check_size(text, where)
    if text.count(b",") + text.count(b"{") > MOST_JSON_PARTS:
        raise Refused("message too long", f"more than {MOST_JSON_PARTS} parts", where=where)
    message = SapientMessage()
    unknown = ""
    try:
        try:
            json_format.Parse(text, message)
        except json_format.ParseError as error:
            if _UNKNOWN_FIELD not in str(error):
                raise
            unknown = str(error).partition("\n")[0]
            message.Clear()
            json_format.Parse(text, message, ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, RecursionError) as error:
        raise Refused(_rule_of(str(error)), str(error)[:200], where=where) from None
    _check_rules(message, where)
    if unknown:
        raise Refused("unknown field", unknown[:200], where=where)
    return message


def _check_size(data: bytes, where: str) -> None:
    if not data:
        raise Truncated("an empty message", where=where)
    if len(data) > LONGEST_MESSAGE_BYTES:
        what = f"{len(data)} bytes, more than {LONGEST_MESSAGE_BYTES}"
        raise Refused("message too long", what, where=where)


def _check_rules(message: SapientMessage, where: str) -> None:
    found = faults(message)
    if found:
        told = "; ".join(f"{fault.path}: {fault.rule}" for fault in found)
        raise Refused(found[0].rule, told, where=where)


def _rule_of(error: str) -> str:
    """The rule for a value that its field cannot hold, named by the last field of the path."""
    found = _PATH.search(error)
    if found is None:
        fields = _FIELD.findall(error)
        return f"{fields[-1]} unreadable" if fields else "JSON unreadable"
    owner: Descriptor | None = cast(Descriptor, SapientMessage.DESCRIPTOR)
    name = "SapientMessage"
    for part in re.sub(r"\[\d*\]", "", found[1]).split("."):
        one = None if owner is None else _field(owner, part)
        if owner is None or one is None:
            break
        name = f"{owner.full_name.split('.', 2)[2]}.{one.name}"
        owner = one.message_type
    return f"{name} unreadable"


def _field(owner: Descriptor, name: str) -> FieldDescriptor | None:
    return owner.fields_by_camelcase_name.get(name) or owner.fields_by_name.get(name)
