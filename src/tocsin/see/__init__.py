"""The eye: pictures to detections. Pure."""
