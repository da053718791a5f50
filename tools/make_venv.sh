#!/bin/sh
# Make the virtual environment with a Python that TensorFlow has packages for.
set -eu
venv=$1
for python in "${PYTHON:-python3}" python3.12 python3.11 python3.10; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null || continue
    echo "Making $venv with $("$python" --version) ..."
    rm -rf "$venv"
    if "$python" -m venv "$venv"; then exit 0; fi
    rm -rf "$venv"
    echo "$python could not make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2
    exit 1
done
found=$(python3 --version 2>&1 || echo "no python3")
echo "Show & Tell needs Python 3.10, 3.11 or 3.12 (TensorFlow has no packages for others); found: $found." >&2
echo "Install one of them, or name one: make run PYTHON=/path/to/python3.12" >&2
exit 1
