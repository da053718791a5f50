"""Hear what Show & Tell sees, over Socket.IO.

    pip install "python-socketio[client]"
    python listen_socketio.py http://127.0.0.1:5000 ID

ID is the last part of the address of the project's page. Where the server asks for an access token,
put it into the environment as SHOWTELL_TOKEN.
"""

import os
import sys

import socketio

server, project = sys.argv[1:3]
token = os.environ.get("SHOWTELL_TOKEN")
client = socketio.Client()
before = None


@client.on("connect", namespace="/stream")
def connected():
    """Ask for the project: at first, and again after a lost connection."""
    client.emit("listen", {"project_id": project}, namespace="/stream", callback=answered)


def answered(answer):
    """Say why where the server refuses."""
    if not answer["ok"]:
        print(answer["problem"]["detail"], file=sys.stderr)
        client.disconnect()


@client.on("prediction", namespace="/stream")
def seen(prediction):
    """React when the label changes."""
    global before
    label = prediction["label"] or "none of these"
    if label != before:
        print(f"{label}  {prediction['confidence'] or 0:.0%}", flush=True)
        before = label


client.connect(
    server,
    namespaces=["/stream"],
    headers={"Authorization": f"Bearer {token}"} if token else {},
)
try:
    client.wait()
except KeyboardInterrupt:
    client.disconnect()
