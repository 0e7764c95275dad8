#!/bin/sh
# Prints the newest Python of 3.11 to 3.14 that can make virtual environments; one sentence if none.
for name in python3.13 python3.12 python3.11 python3 python3.14; do
    found=$(command -v "$name") || continue
    "$found" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
        2>/dev/null && { echo "$found"; exit 0; }
done
echo "Tocsin needs Python 3.11 or newer: on Debian, apt-get install python3 python3-venv" >&2
exit 1
