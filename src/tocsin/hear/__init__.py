"""The ear: sound to detections. Pure."""
