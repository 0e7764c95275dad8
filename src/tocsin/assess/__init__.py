"""The watch: tracks and zones to alerts, with reasons. Pure."""
