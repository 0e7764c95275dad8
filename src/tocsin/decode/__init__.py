"""The reading room: bytes to detections. Pure; one file a protocol."""
