"""Hear what Show & Tell sees, with Python alone.

    python listen.py http://127.0.0.1:5000 ID

ID is the last part of the address of the project's page. Where the server asks for an access token,
put it into the environment: SHOWTELL_TOKEN=... python listen.py ...
"""

import json
import os
import sys
import time
from urllib.request import Request, urlopen

server, project = sys.argv[1:3]
token = os.environ.get("SHOWTELL_TOKEN")


def predictions():
    """Yield each prediction as it is made."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = Request(f"{server}/api/v1/projects/{project}/stream", headers=headers)
    # The server sends a sign of life every 15 seconds: after a minute of silence it is gone.
    with urlopen(request, timeout=60) as lines:
        event = ""
        for line in lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event == "prediction":
                yield json.loads(value)


def react(label, confidence):
    """Put here what is to happen: switch a lamp, move a motor, play a sound."""
    print(f"{label}  {confidence:.0%}", flush=True)


before = None
while True:
    try:
        for seen in predictions():
            label = seen["label"] or "none of these"
            if label != before:
                react(label, seen["confidence"] or 0)
                before = label
    except KeyboardInterrupt:
        break
    except OSError as problem:
        print(f"{problem}; trying again ...", file=sys.stderr)
    time.sleep(1)
