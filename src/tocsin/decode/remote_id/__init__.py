"""Broadcast Remote ID (ASTM F3411-22a, EN 4709-002): frames → messages → detections."""

from tocsin.decode.remote_id.claims import Claims
from tocsin.decode.remote_id.decoder import RemoteId, Transmission, read_transmission
from tocsin.decode.remote_id.messages import read_messages

__all__ = ["Claims", "RemoteId", "Transmission", "read_messages", "read_transmission"]
