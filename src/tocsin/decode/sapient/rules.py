"""What a SAPIENT message must hold before anybody believes a word of it.

Standard   BSI Flex 335 v2.0. Most rules are written in its own proto files as options
           (`is_mandatory`, `is_uuid`, `is_ulid`) and are read from the message classes here;
           those that stand only in its text and in Dstl's validator are in the tables below
Asks       mandatory fields, lists and oneofs present and not empty; identifiers written as UUID or
           ULID (any case: Tocsin is no stricter than the reader must be); enumerations with a
           known value and, where mandatory, not 0; numbers finite and in their range; time stamps
           that exist
Not asked  which names a class or behaviour may have (taxonomies are extended); unknown fields of
           the binary form (a later edition may add some)
Names      a rule is "Message.field fault", such as "AssociatedDetection.node_id missing"; there
           are as many as there are fields, so that they can be counted
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import msgspec
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from sapient_msg.proto_options_pb2 import ValidationOptions, field_options, oneof_options

ICD_VERSION = "BSI Flex 335 v2.0"
_PACKAGE = "sapient_msg.bsi_flex_335_v2_0."
_TIMESTAMP = "google.protobuf.Timestamp"
_LAST_SECOND = 253_402_300_799  # year 9999
MOST_FAULTS = 20
"""Of one message; a thousand faults tell no more than twenty."""

_ALSO_MANDATORY = frozenset({
    "DetectionReport.DerivedDetection.timestamp",
    "Error.error_message",
    "Registration.TaskDefinition.concurrent_tasks",
})  # fmt: skip
_ALSO_MANDATORY_ONEOFS = frozenset({"DetectionReport.PredictedLocation.predicted_location_oneof"})
_ALSO_IDS = {
    "Registration.dependent_nodes": "UUID",
    "FollowObject.follow_object_id": "ULID",
}
_PROBABILITIES = frozenset({
    "Alert.confidence",
    "Alert.ranking",
    "DetectionReport.detection_confidence",
    "DetectionReport.Behaviour.confidence",
    "DetectionReport.DetectionReportClassification.confidence",
    "DetectionReport.SubClass.confidence",
})  # fmt: skip
_ERRORS = frozenset({
    "Location.x_error", "Location.y_error", "Location.z_error",
    "RangeBearing.azimuth_error", "RangeBearing.elevation_error", "RangeBearing.range_error",
    "RangeBearing.range", "RangeBearingCone.range",
    "ENUVelocity.east_rate_error", "ENUVelocity.north_rate_error", "ENUVelocity.up_rate_error",
})  # fmt: skip
"""Never negative."""
_OTHER_RANGES = {"StatusReport.Power.level": (0.0, 100.0)}
_FORMS = {
    "UUID": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE).fullmatch,
    "ULID": re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE).fullmatch,
}


class Fault(msgspec.Struct, frozen=True):
    """One rule broken: its name and the path to the place, from the message down."""

    rule: str
    path: str


_Check = Callable[[object], "list[Fault] | None"]


@dataclass
class _Plan:
    """The rules of one message class, by field. A bit for each mandatory field."""

    name: str
    checks: dict[FieldDescriptor, tuple[int, _Check | None]] = field(default_factory=dict)
    mandatory: int = 0
    names: dict[int, str] = field(default_factory=dict)
    oneofs: tuple[str, ...] = ()


_plans: dict[str, _Plan] = {}


def faults(message: Message) -> list[Fault]:
    """Every rule that a message breaks, at most `MOST_FAULTS`, in the order of its fields."""
    return _walk(message, plan_of(cast(Descriptor, message.DESCRIPTOR)))


def plan_of(descriptor: Descriptor) -> _Plan:
    """The rules of a message class; made once."""
    plan = _plans.get(descriptor.full_name)
    if plan is None:
        plan = _plans[descriptor.full_name] = _Plan(descriptor.full_name.removeprefix(_PACKAGE))
        _fill(plan, descriptor)
    return plan


def _fill(plan: _Plan, descriptor: Descriptor) -> None:
    for choice in descriptor.oneofs:
        # the stubs give an extension the type of any other field
        told: ValidationOptions = choice.GetOptions().Extensions[oneof_options]  # type: ignore[index]
        if told.is_mandatory or f"{plan.name}.{choice.name}" in _ALSO_MANDATORY_ONEOFS:
            plan.oneofs += (choice.name,)
    for number, one in enumerate(descriptor.fields):
        name = f"{plan.name}.{one.name}"
        options: ValidationOptions = one.GetOptions().Extensions[field_options]  # type: ignore[index]
        bit = 1 << number
        mandatory = options.is_mandatory or name in _ALSO_MANDATORY
        if mandatory:
            plan.mandatory |= bit
            plan.names[bit] = one.name
        form = "UUID" if options.is_uuid else "ULID" if options.is_ulid else _ALSO_IDS.get(name)
        check = _check_of(one, name, mandatory=mandatory, form=form)
        if check is not None and one.is_repeated:
            check = _each(check)
        plan.checks[one] = (bit, check)


def _walk(message: Message, plan: _Plan) -> list[Fault]:
    found: list[Fault] = []
    seen = 0
    checks = plan.checks
    for one, value in message.ListFields():
        bit, check = checks[one]
        seen |= bit
        if check is not None:
            below = check(value)
            if below:
                found += [Fault(f.rule, _joined(one.name, f.path)) for f in below]
                if len(found) >= MOST_FAULTS:
                    return found[:MOST_FAULTS]
    if seen & plan.mandatory != plan.mandatory:
        found += [
            Fault(f"{plan.name}.{name} missing", name)
            for bit, name in plan.names.items()
            if not seen & bit
        ]
    for name in plan.oneofs:
        if message.WhichOneof(name) is None:
            found.append(Fault(f"{plan.name}.{name} missing", name))
    return found


def _joined(name: str, below: str) -> str:
    return f"{name}.{below}" if below else name


def _check_of(
    one: FieldDescriptor, name: str, *, mandatory: bool, form: str | None
) -> _Check | None:
    """What a value of this field must obey; None where any value will do."""
    if one.type == FieldDescriptor.TYPE_MESSAGE:
        assert one.message_type is not None
        return _time if one.message_type.full_name == _TIMESTAMP else _within(one.message_type)
    if one.type == FieldDescriptor.TYPE_ENUM:
        return _enumeration(one, name, mandatory=mandatory)
    if one.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return _number(name)
    if name in _OTHER_RANGES:
        return _number(name)
    if form is not None:
        return _identifier(name, form)
    if name == "Registration.icd_version":
        return _edition
    if mandatory and one.type == FieldDescriptor.TYPE_STRING:
        empty = [Fault(f"{name} empty", "")]
        return lambda value: None if str(value).strip() else empty
    return None


def _within(descriptor: Descriptor) -> _Check:
    """A message inside; its plan is looked up when first needed, as classes may hold themselves."""
    known: list[_Plan] = []

    def check(value: object) -> list[Fault]:
        if not known:
            known.append(plan_of(descriptor))
        assert isinstance(value, Message)
        return _walk(value, known[0])

    return check


def _each(check: _Check) -> _Check:
    def check_each(values: object) -> list[Fault]:
        found: list[Fault] = []
        for value in values:  # type: ignore[attr-defined]  # protobuf's containers share no base
            below = check(value)
            if below:
                found += below
                if len(found) >= MOST_FAULTS:
                    break
        return found

    return check_each


def _enumeration(one: FieldDescriptor, name: str, *, mandatory: bool) -> _Check:
    assert one.enum_type is not None
    known = frozenset(one.enum_type.values_by_number) - ({0} if mandatory else set())
    unset = [Fault(f"{name} missing", "")]
    unknown = [Fault(f"{name} unknown value", "")]
    return lambda value: None if value in known else unset if value == 0 else unknown


def _number(name: str) -> _Check:
    low, high = -math.inf, math.inf
    if name in _PROBABILITIES:
        low, high = 0.0, 1.0
    elif name in _ERRORS:
        low = 0.0
    elif name in _OTHER_RANGES:
        low, high = _OTHER_RANGES[name]
    low, high = max(low, -1.7e308), min(high, 1.7e308)
    outside = [Fault(f"{name} out of range", "")]
    # NaN is not within anything
    return lambda value: None if low <= value <= high else outside  # type: ignore[operator]


def _identifier(name: str, form: str) -> _Check:
    matches = _FORMS[form]
    wrong = [Fault(f"{name} not a {form}", "")]
    return lambda value: None if matches(str(value)) else wrong


def _edition(value: object) -> list[Fault] | None:
    """Some nodes write it with underscores, as the proto files' own option does."""
    if str(value).replace("_", " ") == ICD_VERSION:
        return None
    return [Fault(f"Registration.icd_version not {ICD_VERSION}", "")]


_NO_TIME = [Fault("Timestamp out of range", "")]


def _time(value: object) -> list[Fault] | None:
    seconds, nanos = value.seconds, value.nanos  # type: ignore[attr-defined]
    sound = 0 <= nanos < 1_000_000_000 and 0 <= seconds <= _LAST_SECOND
    return None if sound else _NO_TIME
