-- The journal: records that are only ever added. The chain is laid out in keep/chain.py.
CREATE TABLE record (
    seq   INTEGER PRIMARY KEY CHECK (seq > 0),
    t     REAL NOT NULL,
    topic TEXT NOT NULL,
    body  BLOB NOT NULL,
    prev  BLOB NOT NULL CHECK (length(prev) = 32),
    hash  BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- `read(topics=…)` walks one topic in order without touching the detections between.
CREATE INDEX record_by_topic ON record (topic, seq);

-- These stop a mistake, not an attacker: whoever drops them is found by the chain.
CREATE TRIGGER record_is_never_changed BEFORE UPDATE ON record
BEGIN SELECT RAISE (ABORT, 'a journal record is never changed'); END;
CREATE TRIGGER record_is_never_removed BEFORE DELETE ON record
BEGIN SELECT RAISE (ABORT, 'a journal record is never removed'); END;
