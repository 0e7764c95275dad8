#!/bin/sh
# venv.sh EXTRA: makes .venv with Tocsin in it, editable, with the pinned versions of constraints.txt.
set -eu
extra=${1:-}
python=$("$(dirname "$0")/find_python.sh")
if [ ! -x .venv/bin/python ]; then
    "$python" -m venv .venv 2>/dev/null || {
        rm -rf .venv
        "$(dirname "$0")/need.sh" /nonexistent/venv python3-venv "virtual environments"
        "$python" -m venv .venv
    }
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".${extra:+[$extra]}"
