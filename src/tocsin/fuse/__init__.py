"""The loom: detections to tracks. Pure; columns, one row a track."""
