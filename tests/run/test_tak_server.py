"""A real TAK server (FreeTAKServer) passes on what our peer tells, digit for digit.

Needs TOCSIN_FREETAKSERVER, the Python in which FreeTAKServer 2.2.1 is installed, and the right to
make a network and mount namespace of its own; skipped without. What came back once is kept in
tests/vectors/cot and read by tests/decode/test_cot.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.run.tak_news import alarm, tracks, zone

from tocsin.decode.cot import CotSplitter, read_cot
from tocsin.encode.cot_news import Speaker, alert_event, speaker_key, track_event

SERVER = os.environ.get("TOCSIN_FREETAKSERVER", "")
ROOT = Path(__file__).parents[2]
SCRIPT = """
ip link set lo up && mkdir -p "$1/opt/fts" && mount --bind "$1/opt" /opt && cd "$1"
HOME="$1" FTS_FIRST_START=false timeout 120 "$2" -m FreeTAKServer.controllers.services.FTS \
    -AutoStart True >"$1/server.log" 2>&1 &
exec "$3" -m tests.run.tak_child "$1"
"""


@pytest.mark.skipif(not SERVER, reason="TOCSIN_FREETAKSERVER names no FreeTAKServer")
def test_a_tak_server_passes_on_what_we_tell(tmp_path: Path) -> None:
    unshare = ["unshare", "-m", "-n", "-p", "-f", "--kill-child", "--mount-proc"]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    command = [*unshare, "sh", "-c", SCRIPT, "sh", str(tmp_path), SERVER, sys.executable]
    done = subprocess.run(command, cwd=ROOT, env=environment, timeout=200, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    health = json.loads((tmp_path / "health.json").read_text())
    assert health["connected"]
    heard = (tmp_path / "heard.bin").read_bytes()
    events = [read_cot(one) for one in CotSplitter().feed(heard)]
    speaker = Speaker("Clinic", speaker_key("Clinic"))
    one, two, _ = tracks(health["t"])
    alert = alarm(health["t"])
    for event in (track_event(speaker, one, alert), track_event(speaker, two)):
        assert event is not None
        assert next(e for e in events if e.uid == event.uid) == event
    uid = alert_event(speaker, alert, zone(), health["t"]).uid
    assert [e.type for e in events if e.uid == uid] == ["b-a-g", "b-a-o-can"]
    assert any(e.type == "u-d-f" for e in events)
    assert any(e.type == "t-x-d-d" for e in events)
