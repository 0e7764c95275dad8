"""Seeds that stand in no file as they travel: written here from files that hold them otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
import numpy as np
from google.protobuf import json_format
from sapient_msg.bsi_flex_335_v2_0.location_pb2 import (
    Location,
    LocationCoordinateSystem,
    LocationDatum,
)
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage
from tests.decode.wifi_frames import beacon_with
from tests.encode.ear_reports import PUBLIC_TEXT
from tests.encode.example_frames import frames as staged_frames
from tests.shared import VECTORS

from tocsin.decode.dji_droneid import HEAD
from tocsin.decode.ear_report import EarReports
from tocsin.decode.sapient.messages import read_json
from tocsin.hear.format import write_block
from tocsin.hear.sound import Sound
from tocsin.simulate.rotors import rotor_sound
from tocsin.words import Frame

T0 = 1_780_000_000.0


def remote_id() -> Iterator[Frame]:
    """Frames with their heads and, as nothing else would get past the check sum, without."""
    for frame in staged_frames():
        yield frame
        if frame.link == "radiotap":
            yield Frame(frame.data[23:-4], frame.sensor, frame.t, "ieee80211")
        else:
            yield Frame(frame.data[17:], frame.sensor, frame.t, "ble_ll")


def sapient() -> Iterator[Frame]:
    """The valid messages of the standard's test harness, as bytes and as one line; its reports are
    of people in no UTM zone, which tell nothing here, so each comes once more without a
    class, at a place."""
    for path in sorted((VECTORS / "sapient").rglob("valid/*.json")):
        message = read_json(path.read_bytes())
        yield from _sapient(message)
        if message.HasField("detection_report"):
            message.detection_report.ClearField("classification")
            message.detection_report.location.CopyFrom(_HERE)
            yield from _sapient(message)


_HERE = Location(
    x=-17.4, y=14.7, z=40.0, x_error=5.0, y_error=5.0, z_error=9.0,
    coordinate_system=LocationCoordinateSystem.LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M,
    datum=LocationDatum.LOCATION_DATUM_WGS84_E,
)  # fmt: skip


def sapient_stream() -> bytes:
    """Every message behind its length."""
    messages = [frame.data for frame in sapient() if frame.link == "sapient"]
    return b"".join(len(one).to_bytes(4, "little") + one for one in messages)


def _sapient(message: SapientMessage) -> Iterator[Frame]:
    line = json_format.MessageToJson(message, indent=None).encode()
    yield Frame(message.SerializeToString(), "s", T0, "sapient")
    yield Frame(line, "s", T0, "sapient-json")


def mode_s() -> Iterator[Frame]:
    """Messages that another decoder has read, as AVR lines and behind Beast's heads; the pairs
    that tell a place come one after the other."""
    for file in ("places.ndjson", "messages.ndjson"):
        data = (VECTORS / "mode_s" / file).read_bytes()
        texts = re.findall(rb"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{14}){1,2}(?![0-9A-Fa-f])", data)
        step = len(texts) // 300 + 1
        for number, text in enumerate(texts[:150] + texts[150::step]):
            message = bytes.fromhex(text.decode())
            t = T0 + number / 10
            yield Frame(b"*" + message.hex().encode() + b";", "s", t, "avr")
            kind = b"2" if len(message) == 7 else b"3"
            stamp = (number * 1_200_000).to_bytes(6, "big")
            yield Frame(kind + stamp + b"\x80" + message, "s", t, "beast")


_SBS = (
    b"MSG,3,1,1,4B1234,1,2026/11/24,10:00:01.25,2026/11/24,10:00:01.30,,5000,,,48.1,11.5,,,0,0,0,0",
    b"MSG,4,1,1,4B1234,1,2026/11/24,10:00:01.30,2026/11/24,10:00:01.30,,,420,271,,,-640,,,,,",
    b"MSG,1,1,1,4B1234,1,2026/11/24,10:00:01.40,2026/11/24,10:00:01.40,SWR12,,,,,,,,,,,0",
)
_AIRCRAFT = (
    b'{"now":1780000000.0,"messages":7,"aircraft":[{"hex":"4b1234","flight":"SWR12   ",'
    b'"alt_baro":5000,"alt_geom":5300,"gs":420.0,"track":271.0,"baro_rate":-640,"lat":48.1,'
    b'"lon":11.5,"nic":8,"nac_p":9,"nac_v":2,"seen_pos":0.4,"seen":0.1,"rssi":-20.5},'
    b'{"hex":"~abc123","lat":48.2,"lon":11.6,"seen_pos":1.0,"alt_baro":"ground"}]}'
)


def receivers() -> Iterator[Frame]:
    """What receivers of aircraft write down, in lines and in one document."""
    for line in _SBS:
        yield Frame(line, "s", T0, "sbs")
    yield Frame(_AIRCRAFT, "s", T0, "aircraft-json")


def dji() -> Iterator[Frame]:
    """The packets that a foreign dissector has read, each in a beacon."""
    text = (VECTORS / "dji_droneid" / "scapy_reads.json").read_text()
    for packet in json.loads(text)["packets"]:
        yield beacon_with(HEAD + bytes.fromhex(packet["packet"]))


SETTINGS: dict[str, msgspec.Struct] = {
    "ear-report": EarReports.Settings({"north-7": [PUBLIC_TEXT]})
}
"""Of decoders that read nothing without them."""


def sound() -> Iterator[Frame]:
    """Half seconds of a made rotor, long enough to be an event."""
    rotor = 0.1 * rotor_sound(np.random.default_rng(1), 16_000, 5 * 16_000)
    for k, block in enumerate(rotor.reshape(10, 8_000, 1)):
        yield Frame(write_block(Sound(block, 16_000)), "s", T0 + k / 2, "sound")


MADE = (remote_id, sapient, mode_s, receivers, dji, sound)
"""Frames by their links."""


MADE_FILES = {"sapient": sapient_stream}
"""Files by their format."""
