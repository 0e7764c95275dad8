"""Run with a Python that has takproto 3.0.1 (MIT): makes the vectors of this folder.

usage: make_takproto.py   (in this folder): from marker.xml makes marker-mesh.bin and
marker-stream.bin; from ours.bin (stream messages that Tocsin wrote) makes ours.json, what takproto
reads in them.
"""

import json
from pathlib import Path

import takproto
from google.protobuf.json_format import MessageToDict
from takproto.constants import TAKProtoVer

xml = Path("marker.xml").read_bytes()
Path("marker-mesh.bin").write_bytes(takproto.xml2proto(xml, TAKProtoVer.MESH))
Path("marker-stream.bin").write_bytes(takproto.xml2proto(xml, TAKProtoVer.STREAM))

read, rest = [], Path("ours.bin").read_bytes()
while rest:
    size = shift = 0
    at = 1
    while True:
        byte = rest[at]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    read.append(MessageToDict(takproto.parse_proto(bytearray(rest[: at + size]))))
    rest = rest[at + size :]
Path("ours.json").write_text(json.dumps(read, indent=1, sort_keys=True) + "\n")
