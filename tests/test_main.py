"""The server as a process: how it starts, what it prints, how it stops, what it imports."""

import json
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from server.__main__ import ENVIRONMENT, main, parser
from server.settings import SETTINGS
from tests.conftest import free_port

ROOT = Path(__file__).resolve().parent.parent


def python(code: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def get(url: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20)


def test_importing_the_package_touches_no_file_socket_or_thread():
    result = python(
        "import sys, threading\n"
        "touched = []\n"
        "def audit(event, args):\n"
        "    if event.startswith('socket.') or event in ('os.mkdir', 'sqlite3.connect'):\n"
        "        touched.append((event, args))\n"
        "    if event == 'open' and not str(args[0]).endswith(('.py', '.pyc')):\n"
        "        touched.append((event, args[0]))\n"
        "sys.addaudithook(audit)\n"
        "import server, server.settings, server.errors\n"
        "assert not touched, touched\n"
        "assert threading.active_count() == 1\n"
        "assert 'flask' not in sys.modules and 'sqlalchemy' not in sys.modules\n"
    )
    assert result.returncode == 0, result.stderr


def test_serving_teaching_predicting_and_exporting_imports_no_tensorflow(tmp_path):
    result = python(
        "import io, sys, pathlib\n"
        "from server import create_app\n"
        "from server.settings import Settings\n"
        "from tests.conftest import draw, client_of\n"
        f"app = create_app(Settings({{'data': pathlib.Path({str(tmp_path)!r})}}))\n"
        "early = {m for m in ('numpy', 'PIL', 'ai_edge_litert', 'alembic', 'cryptography')\n"
        "         if m in sys.modules} - {'numpy', 'PIL'}  # the test's own drawing has these\n"
        "assert not early, early\n"
        "client = client_of(app)\n"
        "p = client.post('/api/v1/projects', json={'name': 'P', 'labels': ['a', 'b']}).json\n"
        "url = '/api/v1/projects/' + p['id']\n"
        "for i, label in enumerate('ab'):\n"
        "    files = [(io.BytesIO(draw(seed=i)), 'x.jpg')]\n"
        "    client.post(url + '/samples', data={'label': label, 'file': files})\n"
        "query = {'file': (io.BytesIO(draw(seed=0)), 'x.jpg')}\n"
        "answer = client.post(url + '/predict', data=query)\n"
        "assert answer.json['items'][0]['label'] == 'a', answer.text\n"
        "for name in ('showtell', 'zip', 'knn', 'csv', 'npz'):\n"
        "    assert client.get(f'{url}/export?format={name}').status_code == 200\n"
        "heavy = [m for m in ('tensorflow', 'keras', 'tf_keras', 'tensorflowjs', 'jax')\n"
        "         if m in sys.modules]\n"
        "assert not heavy, heavy\n"
    )
    assert result.returncode == 0, result.stderr


def test_starting_needs_neither_numpy_nor_pillow_nor_alembic(tmp_path):
    result = python(
        "import sys, pathlib\n"
        "from server import create_app\n"
        "from server.settings import Settings\n"
        f"app = create_app(Settings({{'data': pathlib.Path({str(tmp_path)!r})}}))\n"
        "assert app.test_client().get('/').status_code == 200\n"
        "late = [m for m in ('numpy', 'PIL', 'ai_edge_litert', 'alembic', 'cryptography')\n"
        "        if m in sys.modules]\n"
        "assert not late, late\n"
    )
    assert result.returncode == 0, result.stderr


def test_the_first_page_costs_less_than_a_second_of_computing(start_server):
    """Counts processor time, which other programs on the machine do not change much."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def once() -> float:
        before = spent()
        server = start_server()
        with get(f"{server.url}/") as answer:
            assert b"<!doctype html>" in answer.read()
        server.stop()
        return spent() - before

    assert min(once() for _ in range(2)) < 1.0


def test_one_line_names_the_address(server):
    with get(f"{server.url}/"):
        pass
    server.stop()
    assert server.output == f"Show & Tell is at {server.url}/\n"


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_quickly_with_status_0_although_pages_are_open(start_server, sig):
    server = start_server()
    # A page that is open, and a browser that keeps a connection for later.
    with websocket(server), socket.create_connection(("127.0.0.1", server.port)):
        started = time.monotonic()
        assert server.stop(sig) == 0
        assert time.monotonic() - started < 4
    with pytest.raises(OSError):
        get(f"{server.url}/healthz")
    assert "Traceback" not in server.output


def test_a_request_that_is_being_answered_is_finished_before_the_stop(start_server):
    server = start_server()
    body = b'{"name": "Finished", "labels": []}'
    head = (
        "POST /api/v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode() + body[:10])
        with get(f"{server.url}/healthz"):  # by now the first request is being read
            pass
        server.process.send_signal(signal.SIGTERM)
        connection.sendall(body[10:])
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 201")
    assert server.stop() == 0


def test_the_serving_process_ends_with_its_parent_and_frees_the_port(start_server):
    server = start_server()
    os.kill(server.process.pid, signal.SIGKILL)  # only the parent
    server.process.wait(10)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", server.port))
                return
            except OSError:
                time.sleep(0.02)
    raise AssertionError("the port is still in use")


@pytest.mark.parametrize(("chosen", "threads"), [("", 1), ("2", 2)])
def test_the_process_that_serves_computes_with_one_thread_unless_told_otherwise(
    tmp_path, monkeypatch, chosen, threads
):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    if chosen:
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", chosen)
    # Where the command line would begin to serve, in that very process, NumPy is loaded.
    result = python(
        "import os, sys, psutil\n"
        "import server.web.run\n"
        "from server.__main__ import main\n"
        "def serve(settings, bound):\n"
        "    assert 'numpy' not in sys.modules\n"
        "    before = psutil.Process().num_threads()\n"
        "    import numpy\n"
        "    print(1 + psutil.Process().num_threads() - before, os.environ['OMP_NUM_THREADS'],\n"
        "          os.environ['MKL_NUM_THREADS'])\n"
        "    return 0\n"
        "server.web.run.serve = serve\n"
        f"sys.exit(main(['--port', '{free_port()}', '--data', {str(tmp_path)!r}]))\n"
    )
    assert result.returncode == 0, result.stderr
    expected = min(threads, len(os.sched_getaffinity(0)))
    assert result.stdout.split() == [str(expected), "1", "1"]


def test_a_serving_process_that_dies_is_replaced(start_server):
    import psutil

    server = start_server()
    (worker,) = psutil.Process(server.process.pid).children()
    worker.kill()
    deadline = time.monotonic() + 20
    while psutil.Process(server.process.pid).children() in ([], [worker]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    with get(f"{server.url}/healthz") as answer:
        assert answer.status == 200


def test_a_port_in_use_is_told_with_a_way_on(capsys, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status = main(["--port", str(port), "--data", str(tmp_path / "data")])
    error = capsys.readouterr().err
    assert status == 1
    assert f"Port {port} is in use" in error and "PORT=" in error and "make run" in error
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "http"], "whole number from 1 to 65535"),
        (["--host", "203.0.113.77", "--port", "0"], "whole number"),
        (["--host", "203.0.113.77"], "no address 203.0.113.77"),
        (["--tls-cert", "/nowhere.pem"], "belong together"),
        (["--database", "nonsense"], "database address"),
    ],
)
def test_what_prevents_the_start_is_told_in_one_sentence(capsys, tmp_path, arguments, message):
    port = ["--port", str(free_port())] if "--port" not in arguments else []
    assert main([*port, "--data", str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Show & Tell cannot start.") and message in error
    assert "Traceback" not in error


def test_an_unknown_setting_in_the_environment_is_told_and_the_server_starts(start_server):
    server = start_server(environ={"SHOWTELL_PROT": "5"})
    server.stop()
    assert "Did you mean 'SHOWTELL_PORT'?" in server.output


def test_help_lists_every_setting_and_version_tells_the_version(capsys):
    for option in ("--help", "--version"):
        with pytest.raises(SystemExit) as stop:
            main([option])
        assert stop.value.code == 0
    text = capsys.readouterr().out
    for setting in SETTINGS:
        assert f"--{setting.name.replace('_', '-')}" in text and setting.variable in text
    assert "Show & Tell 0." in text


def test_every_option_sets_its_setting():
    given = vars(parser().parse_args(["--max-upload", "1M", "--tls"]))
    assert given["max_upload"] == "1M" and given["tls"] == "1" and given["host"] is None


def test_a_server_open_to_the_network_prints_its_token_and_keeps_it(start_server):
    server = start_server("--host", "0.0.0.0")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(f"{server.url}/api/v1/projects")
    server.stop()
    (line,) = [line for line in server.output.splitlines() if line.startswith("Show & Tell is at")]
    token = line.partition("?token=")[2]
    assert len(token) >= 24
    assert "--tls" in server.output
    assert (server.data / "token").stat().st_mode & 0o077 == 0
    again = start_server("--host", "0.0.0.0")
    with get(f"{again.url}/api/v1/projects", Authorization=f"Bearer {token}") as answer:
        assert answer.status == 200


def test_tls_makes_a_certificate_that_only_the_owner_can_read(start_server):
    server = start_server("--tls", wait=False)
    cert = server.data / "tls" / "certificate.pem"
    deadline = time.monotonic() + 30
    while "Show & Tell is at" not in server.output:
        assert server.process.poll() is None and time.monotonic() < deadline, server.output
        time.sleep(0.02)
    assert server.output == f"Show & Tell is at https://127.0.0.1:{server.port}/\n"
    trusted = ssl.create_default_context(cafile=str(cert))
    with urllib.request.urlopen(
        f"https://127.0.0.1:{server.port}/healthz", context=trusted, timeout=20
    ) as answer:
        assert answer.status == 200
    with websocket(server, trusted) as opened:
        assert opened.receive().startswith("40")
    for path in (cert, server.data / "tls" / "key.pem"):
        assert path.stat().st_mode & 0o077 == 0
    before = cert.read_bytes()
    server.stop()
    again = start_server("--tls", wait=False)
    while "Show & Tell is at" not in again.output:
        assert again.process.poll() is None and time.monotonic() < deadline + 30, again.output
        time.sleep(0.02)
    assert cert.read_bytes() == before


def test_an_open_page_hears_of_changes_over_a_websocket(server):
    body = json.dumps({"name": "P", "labels": ["a"]}).encode()
    request = urllib.request.Request(
        f"{server.url}/api/v1/projects", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        project = json.load(answer)
    with websocket(server) as page:
        assert page.receive().startswith("40")
        page.send("420" + json.dumps(["watch", {"project_id": project["id"]}]))
        assert json.loads(page.receive().removeprefix("430")) == [{"ok": True}]
        patch = urllib.request.Request(
            f"{server.url}/api/v1/projects/{project['id']}",
            b'{"name": "Q"}',
            {"Content-Type": "application/json"},
            method="PATCH",
        )
        with urllib.request.urlopen(patch, timeout=20):
            pass
        told = json.loads(page.receive().removeprefix("42"))
        assert told == ["project_changed", {"id": project["id"], "revision": 2}]


def test_a_page_of_another_site_gets_no_websocket(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Origin: http://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 403")


def test_many_open_pages_do_not_starve_requests(start_server):
    server = start_server("--threads", "12")
    with ExitStack() as pages:
        for _ in range(8):
            pages.enter_context(websocket(server))
        with get(f"{server.url}/healthz") as answer:
            assert answer.status == 200


def test_a_sender_that_never_ends_its_headers_is_let_go(start_server):
    """Slow senders hold threads; their connections end at a deadline."""
    from server.web.limits import Watchdog

    near, far = socket.socketpair()
    with near, far:
        dog = Watchdog()
        dog.watch(near.fileno(), 0.05)
        near.settimeout(10)
        assert near.recv(1) == b""  # the reading side was ended
        near.sendall(b"HTTP/1.1 408")  # and an answer can still be sent
        assert far.recv(100) == b"HTTP/1.1 408"


def test_a_body_that_never_comes_gets_408(start_server):
    server = start_server("--request-seconds", "1")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /api/v1/projects HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 408")


def test_a_body_that_is_too_large_is_refused_with_an_answer_that_arrives(start_server):
    server = start_server("--max-upload", "100K")
    request = urllib.request.Request(
        f"{server.url}/api/v1/projects",
        b"x" * 3_000_000,
        {"Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=20)
    assert refused.value.code == 413
    assert b"102400" in refused.value.read()
    refused.value.close()


def test_werkzeug_serves_where_there_is_no_gunicorn(tmp_path):
    """What Windows uses: pages, the API and WebSockets."""
    port = free_port()
    code = (
        "import pathlib, signal, sys\n"
        "from server import create_app\n"
        "from server.__main__ import listen\n"
        "from server.settings import Settings\n"
        "from server.web.run import serve_with_werkzeug\n"
        # Tests that a shell runs in its background ignore Ctrl-C, and this inherits it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"settings = Settings({{'data': pathlib.Path({str(tmp_path)!r}), 'port': {port}}})\n"
        "serve_with_werkzeug(create_app(settings), settings, listen(settings), None)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == f"Show & Tell is at http://127.0.0.1:{port}/\n"
        with get(f"http://127.0.0.1:{port}/") as answer:
            assert answer.status == 200

        class Address:
            pass

        server = Address()
        server.port = port
        with websocket(server) as page:
            assert page.receive().startswith("40")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        process.stdout.close()


class websocket:
    """An open page's Socket.IO connection, by WebSocket alone."""

    def __init__(self, server, context: ssl.SSLContext | None = None):
        from wsproto import ConnectionType, WSConnection
        from wsproto.events import AcceptConnection, Request

        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        if context is not None:
            self._socket = context.wrap_socket(self._socket, server_hostname="127.0.0.1")
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._events: list = []
        target = "/socket.io/?EIO=4&transport=websocket"
        self._socket.sendall(self._protocol.send(Request(host="127.0.0.1", target=target)))
        assert isinstance(self._next(), AcceptConnection)
        assert self.receive().startswith("0{")
        self.send("40")

    def _next(self):
        while not self._events:
            data = self._socket.recv(65536)
            assert data, "the server has closed the connection"
            self._protocol.receive_data(data)
            self._events.extend(self._protocol.events())
        return self._events.pop(0)

    def patience(self, seconds: float) -> None:
        """Says how long to wait for a message."""
        self._socket.settimeout(seconds)

    def receive(self) -> str:
        """Returns the next message."""
        return self._next().data

    def send(self, text: str) -> None:
        """Sends a message."""
        from wsproto.events import TextMessage

        self._socket.sendall(self._protocol.send(TextMessage(data=text)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
