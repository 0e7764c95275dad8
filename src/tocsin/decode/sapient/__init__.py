"""SAPIENT (BSI Flex 335 v2.0): what sensor nodes tell a fusion node."""

from tocsin.decode.sapient.decoder import Sapient
from tocsin.decode.sapient.framing import Prefixed, SapientFormat, SapientJsonFormat
from tocsin.decode.sapient.messages import read_json, read_message

__all__ = ["Prefixed", "Sapient", "SapientFormat", "SapientJsonFormat", "read_json", "read_message"]
