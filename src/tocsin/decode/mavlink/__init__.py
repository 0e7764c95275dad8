"""MAVLink's Open Drone ID messages: streams, datagrams and logs → frames → detections."""

from tocsin.decode.mavlink.decoder import MavlinkRemoteId
from tocsin.decode.mavlink.recording import MavlinkFormat

__all__ = ["MavlinkFormat", "MavlinkRemoteId"]
