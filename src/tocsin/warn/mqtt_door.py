"""The way to a site's MQTT broker, for every channel that goes through one.

Standard   MQTT 3.1.1 (OASIS)
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated

import aiomqtt
import msgspec

from tocsin.warn.kind import SettingFault

QOS = 1
"""The broker says that it has each message; it may hand one on twice."""


class MqttBroker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The broker. With `ca`, the file of the certificates that its own must come from, the
    connection is TLS (port 8883 is usual). Files are named by their full path."""

    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 1883
    user: str = ""
    password_file: str = ""
    ca: str = ""


def connect(
    broker: MqttBroker,
    timeout_s: float,
    *,
    will: aiomqtt.Will | None = None,
    keep_alive_s: int = 30,
) -> aiomqtt.Client:
    """A client, to be entered with `async with`. Raises OSError where a file cannot be read.

    Its name is made anew for each connection: a broker hangs up on the former of two with one name.
    """
    password = None
    if broker.password_file:
        password = Path(broker.password_file).read_text("utf-8").partition("\n")[0].strip()
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.user or None,
        password=password,
        tls_context=ssl.create_default_context(cafile=broker.ca) if broker.ca else None,
        timeout=timeout_s,
        keepalive=keep_alive_s,
        will=will,
        clean_session=True,
        max_queued_incoming_messages=100,
    )


def broker_faults(broker: object) -> list[SettingFault]:
    """What is wrong with a configured broker; nothing is said of what is none."""
    if not isinstance(broker, MqttBroker):
        return []
    faults = []
    if not broker.host:
        faults.append(SettingFault("broker.host", "is empty", "write it like 192.168.1.10"))
    for key, file in (("password_file", broker.password_file), ("ca", broker.ca)):
        if file and not Path(file).is_file():
            what = f"there is no file {file!r}"
            faults.append(SettingFault(f"broker.{key}", what, "give its full path"))
    if broker.password_file and not broker.user:
        faults.append(SettingFault("broker.user", "is missing", "a password needs a name"))
    return faults


def topic_faults(key: str, topic: object) -> list[SettingFault]:
    """What is wrong with a topic to publish to, or whose state is read."""
    if not isinstance(topic, str) or (topic and not set("+#\0") & set(topic)):
        return []
    return [SettingFault(key, f"{topic!r} is no topic of one thing", "such as cmnd/siren/POWER")]
