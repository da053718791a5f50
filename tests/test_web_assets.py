"""Pictures and sounds of outputs over HTTP and in `.showtell` files."""

import io
import json
import uuid
import zipfile

import pytest
import requests

from tests.conftest import draw
from tests.test_formats_media import gif, wav


@pytest.fixture
def add(client, project):
    def send(data, name="la.wav", project_id=None, **form):
        return client.post(
            f"/api/v1/projects/{project_id or project['id']}/assets",
            data={**form, "file": (io.BytesIO(data), name)},
        )

    return send


def test_a_sound_is_added_listed_read_and_deleted(client, project, add):
    made = add(wav())
    assert made.status_code == 201, made.text
    asset = made.json
    assert (asset["name"], asset["mime"], asset["bytes"]) == ("la.wav", "audio/wav", len(wav()))
    assert made.headers["Location"] == asset["url"]
    listed = client.get(f"/api/v1/projects/{project['id']}/assets").json
    assert listed == {"items": [asset], "total": 1}
    assert client.get(asset["url"]).data == wav()
    assert client.delete(f"/api/v1/assets/{asset['id']}").status_code == 204
    assert client.get(asset["url"]).status_code == 404
    assert client.get(f"/api/v1/projects/{project['id']}/assets").json["total"] == 0


def test_a_file_is_served_as_what_its_bytes_are_and_can_do_nothing(client, add):
    asset = add(gif(), "page.html").json
    answer = client.get(asset["url"])
    assert answer.headers["Content-Type"] == "image/gif"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    again = client.get(asset["url"], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    part = client.get(asset["url"], headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.data) == (206, b"GIF")
    assert part.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"<svg onload='alert(1)'/>", 415), (b"", 415), (b"\x89PNG\r\n\x1a\n" + bytes(9), 422)],
    ids=["svg", "empty", "damaged"],
)
def test_what_is_no_picture_and_no_sound_is_refused(client, project, add, data, status):
    answer = add(data, "fine.png")
    assert answer.status_code == status, answer.text
    assert answer.json["detail"]
    assert client.get(f"/api/v1/projects/{project['id']}/assets").json["total"] == 0


def test_a_file_that_is_too_large_is_refused_with_the_limit(add):
    answer = add(b"OggS" + bytes(10 * 1024 * 1024))
    assert answer.status_code == 413
    assert "10,485,760" in answer.json["detail"]
    early = add(b"OggS" + bytes(21 * 1024 * 1024))
    assert early.status_code == 413
    assert "10,485,760" in early.json["expected"]


def test_the_same_request_can_be_sent_again(client, project, add):
    id_ = str(uuid.uuid4())
    first, second = add(wav(), id=id_), add(wav(), id=id_)
    assert first.json == second.json and first.json["id"] == id_
    assert add(gif(), id=id_).status_code == 409
    assert add(wav(), id="no id").status_code == 422


def test_files_of_a_deleted_project_are_gone(app, client, project, add):
    url = add(wav()).json["url"]
    assert client.delete(f"/api/v1/projects/{project['id']}").status_code == 204
    assert client.get(url).status_code == 404
    assert list(app.extensions["showtell"].assets.blobs.hashes()) == []


def test_the_sweep_removes_files_that_no_row_has(app, client, add):
    from server.web.sweep import sweep_files

    shared = app.extensions["showtell"]
    kept = add(wav()).json
    shared.assets.blobs.put([b"left behind by a crash"])
    sweep_files(shared)
    assert len(list(shared.assets.blobs.hashes())) == 1
    assert client.get(kept["url"]).status_code == 200


def exported(client, project_id):
    answer = client.get(f"/api/v1/projects/{project_id}/export?format=showtell")
    assert answer.status_code == 200, answer.text
    return answer.data


def imported(client, data):
    return client.post(
        "/api/v1/projects/import", data={"file": (io.BytesIO(data), "project.showtell")}
    )


def test_a_picture_and_a_sound_travel_in_a_showtell_file(client, taught, add):
    sounds, pictures = add(wav()).json, add(gif(), "wave.gif").json
    red, blue = (c["id"] for c in client.get(f"/api/v1/projects/{taught['id']}").json["classes"])
    outputs = {
        red: [{"kind": "file", "asset": sounds["id"]}, {"kind": "emoji", "text": "🍎"}],
        blue: [{"kind": "picture", "asset": pictures["id"]}],
    }
    patched = client.patch(
        f"/api/v1/projects/{taught['id']}", json={"settings": {"outputs": outputs}}
    )
    assert patched.status_code == 200, patched.text
    answer = imported(client, exported(client, taught["id"]))
    assert answer.status_code == 201, answer.text
    assert answer.json["notes"] == []
    listed = client.get(f"/api/v1/projects/{answer.json['id']}/assets").json["items"]
    by_name = {item["name"]: item for item in listed}
    assert {item["id"] for item in listed}.isdisjoint({sounds["id"], pictures["id"]})
    assert client.get(by_name["la.wav"]["url"]).data == wav()
    assert client.get(by_name["wave.gif"]["url"]).data == gif()
    ids = {c["label"]: c["id"] for c in answer.json["classes"]}
    assert answer.json["settings"]["outputs"] == {
        ids["red"]: [
            {"kind": "file", "asset": by_name["la.wav"]["id"]},
            {"kind": "emoji", "text": "🍎"},
        ],
        ids["blue"]: [{"kind": "picture", "asset": by_name["wave.gif"]["id"]}],
    }
    assert client.delete(f"/api/v1/projects/{taught['id']}").status_code == 204
    assert client.get(by_name["wave.gif"]["url"]).data == gif(), "the copy has its own"


def bent(data, change, files=()):
    """Changes project.json of a file and adds files to it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = json.loads(members["project.json"])
    change(document)
    members |= {"project.json": json.dumps(document), **dict(files)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_a_file_in_an_archive_that_is_no_picture_is_left_out_and_said(client, taught):
    (red, _) = (c["id"] for c in client.get(f"/api/v1/projects/{taught['id']}").json["classes"])
    id_ = str(uuid.uuid4())

    def change(document):
        document["assets"] = [{"id": id_, "name": "x.gif", "file": "assets/x.gif"}]
        document["settings"]["outputs"] = {red: [{"kind": "picture", "asset": id_}]}

    data = bent(exported(client, taught["id"]), change, {"assets/x.gif": "<svg/>"}.items())
    answer = imported(client, data)
    assert answer.status_code == 201, answer.text
    assert any("x.gif" in note for note in answer.json["notes"])
    assert client.get(f"/api/v1/projects/{answer.json['id']}/assets").json["total"] == 0
    assert list(answer.json["settings"]["outputs"].values()) == [[]]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "x", "name": "a", "file": "project.json"},
        {"id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "name": "a", "file": "nowhere"},
        {"id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "name": "a"},
        5,
    ],
    ids=["no-id", "no-file", "no-name-of-file", "number"],
)
def test_an_archive_whose_list_of_files_is_wrong_is_refused_whole(client, taught, entry):
    def change(document):
        document["assets"] = [entry]

    before = client.get("/api/v1/projects").json["total"]
    answer = imported(client, bent(exported(client, taught["id"]), change))
    assert answer.status_code == 422, answer.text
    assert client.get("/api/v1/projects").json["total"] == before


def test_outputs_of_a_hostile_file_are_left_out_and_its_list_is_not_read_for_ever(client, taught):
    (red, _) = (c["id"] for c in client.get(f"/api/v1/projects/{taught['id']}").json["classes"])

    def change(document):
        one = {"name": "x", "file": "assets/x"}
        document["assets"] = [{"id": str(uuid.uuid4()), **one} for _ in range(5000)]
        wrong = [{"kind": "picture", "asset": asset} for asset in (["x"], {}, 5, None)]
        document["settings"]["outputs"] = {red: [*wrong, {"kind": "text", "text": "a"}]}

    data = bent(exported(client, taught["id"]), change, {"assets/x": "<svg/>"}.items())
    answer = imported(client, data)
    assert answer.status_code == 201, answer.text
    assert len(answer.json["notes"]) <= 101
    assert list(answer.json["settings"]["outputs"].values()) == [[{"kind": "text", "text": "a"}]]

    def not_finite(document):
        document["settings"]["outputs"] = {red: [{"kind": "sound", "gain": float("nan")}]}

    answer = imported(client, bent(exported(client, taught["id"]), not_finite))
    assert answer.status_code == 201 and "outputs" not in answer.json["settings"]
    assert "left out" in answer.json["notes"][0]


def test_an_archive_without_outputs_has_no_list_of_files(client, taught):
    with zipfile.ZipFile(io.BytesIO(exported(client, taught["id"]))) as archive:
        assert "assets" not in json.loads(archive.read("project.json"))
        assert not [name for name in archive.namelist() if name.startswith("assets/")]


def test_a_picture_of_a_sample_is_no_asset(client, taught, add):
    assert add(draw(), "red.jpg").json["mime"] == "image/jpeg"
    shared = client.get(f"/api/v1/projects/{taught['id']}/assets").json["items"]
    assert client.get(f"/api/v1/samples/{shared[0]['id']}/image").status_code == 404


def with_outputs(client, name, asset_id):
    """Makes a project whose one class shows a file, as a copy in the browser does."""
    made = client.post("/api/v1/projects", json={"name": name, "labels": ["a"]}).json
    outputs = {made["classes"][0]["id"]: [{"kind": "file", "asset": asset_id}]}
    url = f"/api/v1/projects/{made['id']}"
    assert client.patch(url, json={"settings": {"outputs": outputs}}).status_code == 200
    return url


def test_a_copy_keeps_its_sounds_when_the_project_it_was_made_from_is_deleted(app, client, add):
    first = client.post("/api/v1/projects", json={"name": "First", "labels": ["a"]}).json
    sound, other = (add(wav(seconds), project_id=first["id"]).json for seconds in (0.1, 0.2))
    copy = with_outputs(client, "Copy", sound["id"])
    second = with_outputs(client, "Copy of the copy", sound["id"])
    # A file that is written of the copy has the sound in it, before anything is deleted.
    brought = imported(client, client.get(f"{copy}/export?format=showtell").data)
    assert brought.status_code == 201 and brought.json["notes"] == []
    assert client.get(f"/api/v1/projects/{brought.json['id']}/assets").json["total"] == 1
    client.delete(f"/api/v1/projects/{first['id']}")
    assert client.get(sound["url"]).data == wav(0.1)
    assert client.get(other["url"]).status_code == 404, "nobody has named this one"
    assert [item["id"] for item in client.get(f"{copy}/assets").json["items"]] == [sound["id"]]
    client.delete(sound["url"].removesuffix("/file"))
    assert [item["id"] for item in client.get(f"{second}/assets").json["items"]] == [sound["id"]]
    client.delete(second)
    assert client.get(sound["url"]).data == wav(0.1), "the first copy names it still"
    client.delete(copy)
    assert client.get(sound["url"]).status_code == 404
    client.delete(f"/api/v1/projects/{brought.json['id']}")
    assert list(app.extensions["showtell"].assets.blobs.hashes()) == []


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        ("la.wav", "la.wav"), ("La.WAVE", "La.WAVE"), ("page.html", "page.html.wav"),
        ("../../.profile", ".profile.wav"), ("run.exe ", "run.exe.wav"),
    ],
    ids=["its own", "another ending", "page", "path", "program"],
)  # fmt: skip
def test_a_file_is_saved_as_what_it_is_whatever_it_is_called(client, add, name, saved):
    made = add(wav(), name).json
    header = client.get(made["url"]).headers["Content-Disposition"]
    assert header.replace('"', "") == f"inline; filename={saved}"


def test_a_request_that_does_not_say_how_long_it_is_is_not_read_without_end(server):
    url = f"{server.url}/api/v1/projects"
    made = requests.post(url, json={"name": "P"}, timeout=30).json()

    def chunks():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
        yield from [b"x" * 1024**2] * 20
        yield b"x"

    answer = requests.post(
        f"{url}/{made['id']}/assets",
        data=chunks(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
        timeout=30,
    )
    assert answer.status_code == 413, answer.text
    assert answer.json()["expected"] == "at most 20971520 bytes"
