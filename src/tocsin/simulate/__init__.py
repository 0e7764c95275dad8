"""The stage: made-up flights to true wire bytes and detections. Pure, seeded."""
