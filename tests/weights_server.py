"""A web server on the loopback address that hands out weights files, as a school's mirror would."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import h5py
import numpy as np

from tests.test_conversion import v2_layers

NARROW = "mobilenet_v2_0.35_224"
NARROW_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


def narrow_weights(seed: int = 0) -> bytes:
    """Makes a weights file of MobileNetV2 0.35 without its classes, of random numbers."""
    random = np.random.default_rng(seed)
    memory = io.BytesIO()
    with h5py.File(memory, "w") as file:
        layers = v2_layers(0.35)
        file.attrs["layer_names"] = [name.encode() for name, _ in layers]
        for layer, weights in layers:
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/{name}:0".encode() for name in weights]
            for name, shape in weights.items():
                positive = name in ("gamma", "moving_variance")
                fan_in = max(1, int(np.prod(shape[:-1])))
                numbers = (
                    random.uniform(0.5, 1.5, shape)
                    if positive
                    else random.normal(0, fan_in**-0.5 if len(shape) > 1 else 0.1, shape)
                )
                group[f"{layer}/{name}:0"] = numbers.astype("f4")
    return memory.getvalue()


class Mirror:
    """What the server answers, and what it was asked.

    Attributes:
        files: name to content; another name is answered with 404.
        stalls: send half of each file, then nothing until `go_on` is set.
        half_sent: is set once half of a file has been sent.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.stalls = False
        self.half_sent = threading.Event()
        self.go_on = threading.Event()
        self.url = ""


@contextmanager
def mirror() -> Iterator[Mirror]:
    """Serves weights files until the block ends."""
    table = Mirror()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            table.asked.append(self.path)
            body = table.files.get(self.path.rsplit("/", 1)[-1])
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if body is None:
                return
            half = len(body) // 2
            self.wfile.write(body[:half])
            self.wfile.flush()
            table.half_sent.set()
            if table.stalls:
                table.go_on.wait(60)
            self.wfile.write(body[half:])

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Says nothing: that the other side hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    table.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=lambda: server.serve_forever(0.01), daemon=True).start()
    try:
        yield table
    finally:
        table.go_on.set()
        server.shutdown()
        server.server_close()
