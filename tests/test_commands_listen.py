"""`listen`: lines at once, lost connections, and every reason why there is nothing to hear."""

import json
import select
import signal
import subprocess
import sys

import pytest

from server.commands.listen import events
from tests.command_line import ROOT, environ, process, runner
from tests.conftest import ServerProcess, free_port
from tests.stream_pages import PROJECT, Page, new_project, prediction


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    server = ServerProcess(tmp_path_factory.mktemp("listen") / "data").wait_until_ready()
    yield server
    server.kill()


#: Tests that a shell runs in its background ignore Ctrl-C, and a process inherits that.
START = (
    "import signal, sys\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from server.__main__ import main\n"
    "sys.exit(main())\n"
)


@pytest.fixture
def listen(tmp_path):
    """Starts the command: `listen("Cups", "--count", 2, server=...)`."""
    started = []

    def start(*words, server=None, **more):
        at = ["--server", server.url] if server else []
        command = [sys.executable, "-W", "error", "-c", START, "listen", *map(str, words), *at]
        started.append(
            subprocess.Popen(
                command, cwd=ROOT, env=environ(tmp_path, **more), stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
        one.communicate()


@pytest.fixture
def page():
    """Connects a page and disconnects it after the test."""
    made = []

    def connect(server, project, **more):
        made.append(Page(server, project, **more))
        return made[-1]

    yield connect
    for one in made:
        one.client.disconnect()


@pytest.fixture
def tells(capfd, monkeypatch, tmp_path):
    """Runs the command where it cannot begin; returns what it tells."""
    run = runner(capfd, monkeypatch, tmp_path)

    def tell(*words, at):
        result = run("listen", *words, "--server", at)
        assert result.status == 2 and result.out == "" and "Traceback" not in result.err
        return result.err

    return tell


def line(stream):
    """Reads a line, and fails after some seconds without one."""
    assert select.select([stream], [], [], 20)[0], "no line came"
    return stream.readline()


def test_each_prediction_is_a_line_at_once_until_there_were_so_many(shared, listen, page):
    project = new_project(shared, "Cups one")
    teaching = page(shared, project)
    for name in ("CUPS ONE", project):
        command = listen(name, "--count", 2, server=shared)
        teaching.wait(lambda it: it.counts[-1] == 1)
        teaching.send(prediction(project, label="größe"))
        told = json.loads(line(command.stdout))  # it goes on, and the line is here
        assert command.poll() is None
        assert told == {**prediction(project, label="größe"), "sequence": told["sequence"]}
        teaching.send(prediction(project))
        out, err = command.communicate(timeout=20)
        assert (json.loads(out)["label"], err, command.returncode) == ("cup", "", 0)
        teaching.wait(lambda it: it.counts[-1] == 0)


def test_changes_alone_are_written_where_only_they_are_wanted(shared, listen, page):
    project = new_project(shared, "Cups two")
    teaching = page(shared, project)
    command = listen("Cups two", "--changes", "--count", 5, server=shared)
    teaching.wait(lambda it: it.counts[-1] == 1)
    for label in ("cup", "cup", "hand", "hand", None, None, "cup"):
        teaching.send(prediction(project, label=label))
    for value in (1.5, 1.5):
        teaching.send(prediction(project, label=None, value=value))
    out, _ = command.communicate(timeout=20)
    told = [json.loads(text) for text in out.splitlines()]
    assert [one["label"] for one in told] == ["cup", "hand", None, "cup", None]
    assert told[-1]["value"] == 1.5


def test_a_lost_server_is_waited_for_and_told_of_once(start_server, listen, page, tmp_path):
    port, data = free_port(), tmp_path / "lost"
    server = start_server(port=port, data=data)
    project = new_project(server)
    command = listen("Cups", "--count", 1, server=server)
    teaching = page(server, project)
    teaching.wait(lambda it: it.counts[-1] == 1)
    server.stop()
    first = line(command.stderr)
    assert first.startswith("The server is not to be heard (") and "Trying again" in first
    teaching.client.disconnect()
    server = start_server(port=port, data=data)
    assert line(command.stderr) == "Connected again.\n"
    teaching = page(server, project)
    teaching.wait(lambda it: it.counts[-1] == 1)
    teaching.send(prediction(project))
    out, err = command.communicate(timeout=20)
    assert json.loads(out)["sequence"] == 1 and (err, command.returncode) == ("", 0)


def test_a_project_that_is_deleted_meanwhile_ends_it(shared, listen, page):
    import urllib.request

    project = new_project(shared, "Cups three")
    teaching = page(shared, project)
    command = listen(project, server=shared)
    teaching.wait(lambda it: it.counts[-1] == 1)
    address = f"{shared.url}/api/v1/projects/{project}"
    urllib.request.urlopen(urllib.request.Request(address, method="DELETE")).close()
    out, err = command.communicate(timeout=20)
    assert (out, command.returncode) == ("", 2) and "There is no project" in err


def test_ctrl_c_ends_it_quietly(shared, listen, page):
    project = new_project(shared, "Cups four")
    teaching = page(shared, project)
    command = listen(project, server=shared)
    teaching.wait(lambda it: it.counts[-1] == 1)
    command.send_signal(signal.SIGINT)
    assert command.communicate(timeout=20) == ("", "")
    assert command.returncode == 130


def test_a_reader_that_goes_ends_it_quietly(shared, listen, page):
    project = new_project(shared, "Cups five")
    teaching = page(shared, project)
    command = listen(project, server=shared)
    teaching.wait(lambda it: it.counts[-1] == 1)
    command.stdout.close()
    teaching.send(prediction(project))
    assert line(command.stderr) == ""
    assert command.wait(20) == 141


def test_the_access_token_is_given_or_found_where_the_server_keeps_it(
    start_server, listen, tells, page, tmp_path
):
    server = start_server("--token", "correct-horse-battery")
    project = new_project(server, token="correct-horse-battery")
    for more, told in (([], "None was sent"), (["--token", "wrong"], "is wrong")):
        said = tells("Cups", *more, at=server.url)
        assert told in said and "--token" in said
    teaching = page(server, project, token="correct-horse-battery")

    def hears(command):
        teaching.wait(lambda it: it.counts[-1] == 1)
        teaching.send(prediction(project))
        out, err = command.communicate(timeout=20)
        assert json.loads(out)["label"] == "cup" and err == ""
        teaching.wait(lambda it: it.counts[-1] == 0)

    once = ("Cups", "--count", 1)
    hears(listen(*once, "--token", "correct-horse-battery", server=server))
    # Without an address it is the server of the settings, with the token of its data folder.
    (tmp_path / "token").write_text("correct-horse-battery\n")
    hears(listen(*once, SHOWTELL_PORT=str(server.port)))
    # That one is not for servers that are named.
    assert "None was sent" in tells("Cups", at=server.url)


def test_every_reason_why_nothing_can_be_heard_is_told(shared, tells):
    for name in ("Twins", "Twins", "Other"):
        new_project(shared, name)
    unknown = tells("Nobody", at=shared.url)
    assert "'Nobody'" in unknown and "'Other'" in unknown
    assert PROJECT in tells(PROJECT, at=shared.url)
    assert "2 projects are called 'Twins'" in tells("Twins", at=shared.url)
    port = free_port()
    nobody = tells("Cups", at=f"localhost:{port}")
    assert "does not answer" in nobody and "Connection refused" in nobody and "make run" in nobody
    assert "no address" in tells("Cups", at="ftp://x") and "no address" in tells(
        "Cups", at="http://"
    )
    assert "--count" in tells("Cups", "--count", "0", at=shared.url)


def test_the_certificate_of_ones_own_server_is_trusted_and_no_other(
    start_server, tells, tmp_path, monkeypatch
):
    server = start_server("--tls", data=tmp_path / "other", wait=False)
    while "Show & Tell is at" not in server.output:
        assert server.process.poll() is None, server.output
    address = f"https://127.0.0.1:{server.port}"
    refused = tells("Cups", at=address)
    assert "certificate" in refused and "SSL_CERT_FILE" in refused
    monkeypatch.setenv("SHOWTELL_DATA", str(tmp_path / "other"))
    assert "There is no such project" in tells("Cups", at=address)


def test_what_is_no_show_and_tell_is_said_to_be_none(tells):
    import threading
    from http.server import HTTPServer, SimpleHTTPRequestHandler

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as other:
        threading.Thread(target=other.serve_forever, args=[0.01], daemon=True).start()
        told = tells("x", at=f"127.0.0.1:{other.server_port}")
        other.shutdown()
    assert "no Show & Tell server" in told


def test_an_event_stream_is_read_as_the_standard_has_it():
    text = (
        b": comment\nretry: 2000\n\n\nevent: dropped\ndata: {}\n\nid: 1\nevent: prediction\n"
        b'data:{"a":1}\r\n\r\nevent: prediction\ndata: {"a": 2}\n\ndata: {"a": 3}\n\n'
        b'event: prediction\ndata: {"cut off'
    )
    assert list(events(text.splitlines(keepends=True))) == [{"a": 1}, {"a": 2}]


def test_it_starts_without_what_only_servers_need(tmp_path):
    code = (
        "import sys\n"
        "from server.__main__ import main\n"
        "main(['listen', 'x', '--server', 'http://127.0.0.1:1'])\n"
        "heavy = {'flask', 'sqlalchemy', 'socketio', 'requests', 'PIL', 'tensorflow', 'sklearn'}\n"
        "print(sorted(heavy & {*sys.modules}))\n"
    )
    result, _ = process(tmp_path, code=code)
    assert result.out == "[]\n"


def test_a_kill_ends_it_with_its_status(shared, listen, page):
    project = new_project(shared, "Cups six")
    teaching = page(shared, project)
    command = listen(project, server=shared)
    teaching.wait(lambda it: it.counts[-1] == 1)
    command.terminate()
    assert command.communicate(timeout=20)[0] == "" and command.returncode == 143
