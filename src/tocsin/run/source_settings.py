"""`[[source]]` tables: what each kind of door may be told, one class a kind."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tocsin.run.settings import Id, Seconds

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Filled = Annotated[str, msgspec.Meta(min_length=1)]
Topics = Annotated[list[Filled], msgspec.Meta(min_length=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Index = Annotated[int, msgspec.Meta(ge=0)]


class SourceTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[[source]]` where detections come from.

    id: short name
    kind: what kind of door it is: one of the kinds below
    sensor: the sensor id for messages that name none
    """

    id: Id
    kind: str
    sensor: str = ""


class MessageTable(SourceTable, frozen=True, kw_only=True):
    """`[[source]]` with messages of a format.

    format: what the messages are: a name of docs/reference/formats.md
    """

    format: str = "ndjson"


class UdpTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "udp"` messages in datagrams.

    port: the port to listen on
    host: the address to listen on; nothing authenticates what arrives, so mind who can reach it
    group: multicast group (IPv4 or IPv6) to listen to instead of `host`
    interface: network card that the group is on: its name, or its IPv4 address
    """

    port: Port
    host: str = "127.0.0.1"
    group: str = ""
    interface: str = ""


class TcpTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "tcp"` others connect to us and send messages.

    port: the port to listen on
    host: the address to listen on; nothing authenticates what arrives, so mind who can reach it
    """

    port: Port
    host: str = "127.0.0.1"


class SapientTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "sapient"` SAPIENT nodes connect to us, register and report.

    port: the port to listen on
    host: the address to listen on; nothing authenticates what arrives, so mind who can reach it
    """

    port: Port
    host: str = "127.0.0.1"
    format: str = "sapient"


class TcpClientTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "tcp-client"` we connect to a receiver or a radar.

    host: its name or address
    port: its port
    silence_s: connect anew when nothing came for so long
    """

    host: Filled
    port: Port
    silence_s: Seconds = 300.0


class MqttTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "mqtt"` the payloads of some topics of a broker.

    host: the broker's name or address
    topics: topics to subscribe to; + and # are wildcards
    port: its port, 8883 is usual with TLS
    user: the name to sign in with
    password_file: file of the password, readable by nobody else
    ca: file of the certificates that the broker's must come from; with it the connection is TLS
    certificate: file of our certificate, where the broker asks for one
    key: file of the key of our certificate
    client: the name under which the broker knows us, "tocsin-" and the id if absent
    keep_alive_s: how often a silent broker is asked whether it is there
    catch_up: the broker keeps messages while we are away; for formats that tell their own times
    """

    host: Filled
    topics: Topics
    port: Port = 1883
    user: str = ""
    password_file: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""
    client: str = ""
    keep_alive_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 30
    catch_up: bool = False


class SerialTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "serial"` a device on a serial line.

    device: its path; those in /dev/serial/by-id stay the same
    baud: its speed
    silence_s: open it anew when nothing came for so long; never if absent
    """

    device: Filled
    baud: Count = 115_200
    silence_s: Seconds | None = None


class HttpTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "http"` a file on a web server, fetched again and again.

    url: its address; it is never shown
    interval_s: how often
    timeout_s: how long one answer may take
    most_bytes: how long an answer may be
    user: the name to sign in with (basic authentication)
    password_file: file of the password, readable by nobody else
    token_file: file of a bearer token, readable by nobody else
    ca: file of the certificates that the server's must come from, for https
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s@]+$")]
    interval_s: Annotated[float, msgspec.Meta(ge=0.1)] = 1.0
    timeout_s: Seconds = 5.0
    most_bytes: Count = 8_388_608
    user: str = ""
    password_file: str = ""
    token_file: str = ""
    ca: str = ""


class HttpPostTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "http-post"` others post messages to us, such as sensor nodes.

    port: the port to listen on
    host: the address to listen on; nothing authenticates who posts but the messages' signatures
    certificate: file of our certificate; with it the connection is TLS
    key: file of the key of our certificate
    """

    port: Port
    host: str = "127.0.0.1"
    certificate: str = ""
    key: str = ""


class FileTable(MessageTable, frozen=True, kw_only=True):
    """`[[source]] kind = "file"` a file that grows, or a folder into which files are put.

    path: the file, or the folder
    from_start: read also what stood there before Tocsin started
    """

    path: Filled
    from_start: bool = False


class WifiTable(SourceTable, frozen=True, kw_only=True):
    """`[[source]] kind = "wifi"` Remote ID heard by a Wi-Fi card in monitor mode.

    interface: the card, such as wlan1
    plan: pairs of a channel and the seconds on it; the card stays where it is if absent
    tune: command that sets a channel
    """

    interface: Filled
    plan: list[tuple[Count, Seconds]] = []
    tune: list[str] = msgspec.field(
        default_factory=lambda: ["iw", "dev", "{interface}", "set", "channel", "{channel}"]
    )


class BluetoothTable(SourceTable, frozen=True, kw_only=True):
    """`[[source]] kind = "bluetooth"` Remote ID heard by this machine's Bluetooth.

    adapter: its number, 0 is hci0
    coded: listen to the long-range radio too, in turn
    interval_s: how often each radio has its turn
    window_s: how long it listens then
    """

    adapter: Index = 0
    coded: bool = True
    interval_s: Annotated[float, msgspec.Meta(ge=0.0025, le=10.24)] = 0.1
    window_s: Annotated[float, msgspec.Meta(ge=0.0025, le=10.24)] = 0.05


SOURCE_TABLES: dict[str, type[SourceTable]] = {
    "udp": UdpTable,
    "tcp": TcpTable,
    "sapient": SapientTable,
    "tcp-client": TcpClientTable,
    "mqtt": MqttTable,
    "serial": SerialTable,
    "http": HttpTable,
    "http-post": HttpPostTable,
    "file": FileTable,
    "wifi": WifiTable,
    "bluetooth": BluetoothTable,
}
