"""Projects and samples in the database: revisions, classes, and what deleting leaves behind."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from server.errors import Problem
from server.storage import BlobStore, Database, NewSample, Projects, Vectors
from server.storage.tables import embedding, sample
from server.storage.values import new_id


class Store:
    """All of a storage, and the changes it has announced."""

    def __init__(self, folder: Any):
        self.database = Database(f"sqlite:///{folder}/test.sqlite3")
        self.database.prepare()
        self.blobs = BlobStore(folder / "blobs")
        self.announced: list[tuple[str, int | None]] = []
        self.projects = Projects(
            self.database, self.blobs, 20, lambda *change: self.announced.append(change)
        )
        self.vectors = Vectors(self.database)

    def count(self, table: Any) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def make(self, *labels: str, **document: Any) -> dict[str, Any]:
        return self.projects.create(
            {"name": "Test", "backbone": "b", "classes": [{"label": x} for x in labels], **document}
        )[0]


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.database.close()


def names(project: dict[str, Any]) -> list[str]:
    return [entry["label"] for entry in project["classes"]]


def test_a_new_project_has_revision_1_its_classes_in_order_and_default_settings(store):
    project = store.make("10", "2", "éß")
    assert project["revision"] == 1
    assert names(project) == ["10", "2", "éß"]
    assert len({entry["color"] for entry in project["classes"]}) == 3
    assert project["settings"] == {"k": 10, "tolerance": 1.5, "smoothing_ms": 200, "mirror": True}
    assert project == store.projects.get(project["id"])
    assert store.announced == [(project["id"], 1)]


def test_making_the_same_project_again_answers_what_is_there(store):
    identity, class_id = new_id(), new_id()
    document = {"id": identity, "name": "P", "backbone": "b"}
    document["classes"] = [{"id": class_id, "label": "a"}]
    first, made = store.projects.create(document)
    second, made_again = store.projects.create(document)
    assert (made, made_again) == (True, False)
    assert first == second
    for changed in ({"name": "Q"}, {"classes": []}, {"classes": [{"id": new_id(), "label": "a"}]}):
        with pytest.raises(Problem) as problem:
            store.projects.create({**document, **changed})
        assert problem.value.kind == "conflict"
    assert store.projects.get(identity) == first


def test_two_classes_of_one_label_or_one_id_are_refused(store):
    identity = new_id()
    for classes in (
        [{"label": "a"}, {"label": "a"}],
        [{"id": identity, "label": "a"}, {"id": identity, "label": "b"}],
    ):
        with pytest.raises(Problem) as problem:
            store.projects.create({"name": "P", "backbone": "b", "classes": classes})
        assert problem.value.kind == "invalid"
    assert store.projects.page(0, 10) == ([], 0)


def test_projects_are_listed_with_the_last_changed_first(store, monkeypatch):
    clock = iter(range(1000, 2000))
    monkeypatch.setattr("server.storage.projects.now_ms", lambda: next(clock))
    ids = [store.make("a")["id"] for _ in range(4)]
    store.projects.patch(ids[1], {"name": "Touched"})
    items, total = store.projects.page(0, 3)
    assert total == 4
    assert [item["id"] for item in items] == [ids[1], ids[3], ids[2]]
    assert [item["id"] for item in store.projects.page(3, 3)[0]] == [ids[0]]


def test_samples_are_counted_and_at_most_four_cover_a_class(store):
    project = store.make("a", "b")
    items, revision = store.projects.add_samples(
        project["id"], [NewSample(bytes([i]), label="a", created_at=100 - i) for i in range(6)]
    )
    assert revision == 2
    after = store.projects.get(project["id"])
    assert [entry["count"] for entry in after["classes"]] == [6, 0]
    oldest_first = [item["id"] for item in reversed(items)]
    assert after["classes"][0]["covers"] == oldest_first[:4]
    assert after["sample_count"] == 6
    listed, total, _ = store.projects.samples(project["id"], 1, 3)
    assert total == 6
    assert [item["id"] for item in listed] == oldest_first[1:4]


def test_samples_made_at_the_same_time_keep_the_order_they_came_in(store):
    project = store.make("a")
    items, _ = store.projects.add_samples(
        project["id"], [NewSample(bytes([i]), label="a", created_at=5) for i in range(10)]
    )
    store.projects.delete_sample(items[0]["id"])
    more, _ = store.projects.add_samples(
        project["id"], [NewSample(b"later", label="a", created_at=5)]
    )
    listed, _, _ = store.projects.samples(project["id"], 0, 100)
    assert [x["id"] for x in listed] == [x["id"] for x in items[1:]] + [more[0]["id"]]


def test_a_sample_sent_again_is_not_added_again_and_changes_no_revision(store):
    project = store.make("a", "b")
    new = [NewSample(b"1", label="a", id=new_id()), NewSample(b"2", label="b", id=new_id())]
    first, revision = store.projects.add_samples(project["id"], new)
    announced = list(store.announced)
    assert store.projects.add_samples(project["id"], new) == (first, revision)
    # Even where the answer to the first attempt was lost and its revision is past.
    assert store.projects.add_samples(project["id"], new, expected=1) == (first, revision)
    assert store.announced == announced
    third = NewSample(b"3", label="a", id=new_id())
    both, later = store.projects.add_samples(project["id"], [new[0], third])
    assert both[0] == first[0] and later == revision + 1
    assert store.count(sample) == 3


def test_the_same_request_sent_several_times_at_once_adds_its_samples_once(store):
    project = store.make("a")
    new = [NewSample(bytes([i]), label="a", id=new_id()) for i in range(3)]
    answers: list[Any] = []
    start = threading.Barrier(4)

    def send() -> None:
        start.wait()
        answers.append(store.projects.add_samples(project["id"], new))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [answers[0]] * 4
    assert store.count(sample) == 3
    assert store.projects.get(project["id"])["revision"] == 2


def test_an_id_of_another_sample_is_a_conflict_and_nothing_is_stored(store):
    one, other = store.make("a"), store.make("a")
    taken = NewSample(b"1", label="a", id=new_id())
    store.projects.add_samples(one["id"], [taken])
    for project_id, jpeg in ((one["id"], b"different"), (other["id"], b"1")):
        with pytest.raises(Problem) as problem:
            store.projects.add_samples(project_id, [NewSample(jpeg, label="a", id=taken.id)])
        assert problem.value.kind == "conflict"
    twice = NewSample(b"x", label="a", id=new_id())
    with pytest.raises(Problem, match="same id"):
        store.projects.add_samples(one["id"], [twice, twice])
    assert store.count(sample) == 1
    assert len(list(store.blobs.hashes())) == 1


def test_an_unknown_class_names_the_known_ones_and_stores_nothing(store):
    project = store.make("cup", "hand")
    for wish in ({"label": "cap"}, {"class_id": new_id()}):
        with pytest.raises(Problem) as problem:
            store.projects.add_samples(project["id"], [NewSample(b"1", **wish)])
        assert problem.value.kind == "invalid"
    with pytest.raises(Problem) as problem:
        store.projects.add_samples(project["id"], [NewSample(b"1", label="cap")])
    assert problem.value.expected == ["cup", "hand"]
    assert list(store.blobs.hashes()) == []
    assert store.projects.get(project["id"])["revision"] == 1


def test_more_samples_than_allowed_are_refused_together(store):
    project = store.make("a")
    store.projects.add_samples(project["id"], [NewSample(bytes([i]), label="a") for i in range(15)])
    with pytest.raises(Problem, match="21 samples"):
        store.projects.add_samples(
            project["id"], [NewSample(bytes([50 + i]), label="a") for i in range(6)]
        )
    assert store.count(sample) == 15
    assert len(list(store.blobs.hashes())) == 15
    assert store.projects.get(project["id"])["revision"] == 2


def test_a_change_for_another_revision_changes_nothing_and_tells_the_current_one(store):
    project = store.make("a", "b")
    (item,), revision = store.projects.add_samples(project["id"], [NewSample(b"1", label="a")])
    before = store.projects.get(project["id"])
    stale = [
        lambda: store.projects.patch(project["id"], {"name": "Other"}, 1),
        lambda: store.projects.add_samples(project["id"], [NewSample(b"2", label="a")], 1),
        lambda: store.projects.move_sample(item["id"], {"label": "b"}, 99),
        lambda: store.projects.delete_sample(item["id"], 1),
        lambda: store.projects.delete(project["id"], 1),
    ]
    for change in stale:
        with pytest.raises(Problem) as problem:
            change()
        assert problem.value.status == 412
        assert problem.value.extra["revision"] == revision
        assert problem.value.headers["ETag"] == f'"{revision}"'
    assert store.projects.get(project["id"]) == before
    assert len(list(store.blobs.hashes())) == 1


def test_of_many_changes_for_one_revision_exactly_one_is_done(store):
    project = store.make("a")
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def change(number: int) -> None:
        start.wait()
        try:
            store.projects.patch(project["id"], {"name": f"Name {number}"}, 1)
            outcomes.append(f"Name {number}")
        except Problem as problem:
            outcomes.append(problem.kind)

    threads = [threading.Thread(target=change, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes)[1:] == ["stale"] * 7
    after = store.projects.get(project["id"])
    assert after["revision"] == 2
    assert after["name"] in outcomes


def test_every_change_raises_the_revision_by_one_and_is_announced(store):
    project = store.make("a", "b")
    identity = project["id"]
    (item,), _ = store.projects.add_samples(identity, [NewSample(b"1", label="a")])
    store.projects.move_sample(item["id"], {"label": "b"})
    store.projects.patch(identity, {"name": "N"})
    store.projects.patch(identity, {"settings": {"k": 3}})
    store.projects.delete_sample(item["id"])
    store.projects.delete(identity)
    assert [revision for _, revision in store.announced] == [1, 2, 3, 4, 5, 6, None]


def test_settings_are_merged(store):
    project = store.make("a", settings={"k": 5})
    after = store.projects.patch(project["id"], {"settings": {"tolerance": None}})
    expected = {"k": 5, "tolerance": None, "smoothing_ms": 200, "mirror": True}
    assert after["settings"] == expected


def test_classes_are_renamed_reordered_added_and_may_swap_names(store):
    project = store.make("a", "b", "c")
    a, b, c = project["classes"]
    store.projects.add_samples(project["id"], [NewSample(b"1", class_id=a["id"])])
    after = store.projects.patch(
        project["id"],
        {
            "classes": [
                {"id": c["id"], "label": "c"},
                {"id": a["id"], "label": "b"},
                {"label": "new", "color": "#123456"},
                {"id": b["id"], "label": "a"},
            ]
        },
    )
    assert names(after) == ["c", "b", "new", "a"]
    by_label = {entry["label"]: entry for entry in after["classes"]}
    assert by_label["b"]["id"] == a["id"] and by_label["b"]["count"] == 1
    assert by_label["b"]["color"] == a["color"]
    assert by_label["a"]["id"] == b["id"]
    assert by_label["new"]["color"] == "#123456"


def test_a_class_named_by_its_label_alone_stays_the_same_class(store):
    project = store.make("a", "b")
    after = store.projects.patch(
        project["id"], {"classes": [{"label": "b"}, {"label": "a"}, {"label": "c"}]}
    )
    assert [entry["id"] for entry in after["classes"][:2]] == [
        project["classes"][1]["id"],
        project["classes"][0]["id"],
    ]


def test_leaving_a_class_out_needs_the_revision_and_deletes_its_samples(store):
    project = store.make("a", "b")
    store.projects.add_samples(
        project["id"], [NewSample(b"1", label="a"), NewSample(b"2", label="b")]
    )
    keep = {"classes": [{"id": project["classes"][0]["id"], "label": "a"}]}
    with pytest.raises(Problem) as problem:
        store.projects.patch(project["id"], keep)
    assert problem.value.status == 428
    assert "'b' (1 samples)" in problem.value.detail
    assert store.projects.get(project["id"])["revision"] == 2
    after = store.projects.patch(project["id"], keep, expected=2)
    assert names(after) == ["a"] and after["sample_count"] == 1
    assert len(list(store.blobs.hashes())) == 1


def test_a_class_may_take_the_name_of_one_that_is_deleted(store):
    project = store.make("a", "b")
    only = [{"id": project["classes"][0]["id"], "label": "b"}]
    assert names(store.projects.patch(project["id"], {"classes": only}, expected=1)) == ["b"]


def test_the_same_picture_is_stored_once_and_removed_with_its_last_sample(store):
    one, other = store.make("a"), store.make("a")
    (first, second), _ = store.projects.add_samples(
        one["id"], [NewSample(b"same", label="a"), NewSample(b"same", label="a")]
    )
    (third,), _ = store.projects.add_samples(other["id"], [NewSample(b"same", label="a")])
    sha256 = first["sha256"]
    store.vectors.put("f" * 64, {sha256: b"\0\0\0\0"})
    assert list(store.blobs.hashes()) == [sha256]
    for sample_id in (first["id"], second["id"]):
        store.projects.delete_sample(sample_id)
        assert store.projects.picture(sha256) == b"same"
        assert store.count(embedding) == 1
    store.projects.delete(other["id"])
    assert list(store.blobs.hashes()) == []
    assert store.count(embedding) == 0
    with pytest.raises(Problem):
        store.projects.sample(third["id"])


def test_embeddings_are_kept_only_for_pictures_that_a_sample_has(store):
    project = store.make("a")
    (item,), _ = store.projects.add_samples(project["id"], [NewSample(b"1", label="a")])
    store.vectors.put("f" * 64, {item["sha256"]: b"1234", "0" * 64: b"5678"})
    store.vectors.put("f" * 64, {item["sha256"]: b"1234"})
    assert store.count(embedding) == 1
    (example,) = store.vectors.training_set(project["id"], "f" * 64).examples
    assert example.vector == b"1234"
    assert store.vectors.training_set(project["id"], "e" * 64).examples[0].vector is None


def test_examples_of_one_burst_share_a_group_and_others_are_their_own(store):
    project = store.make("a")
    store.projects.add_samples(
        project["id"],
        [NewSample(b"1", label="a", burst="x"), NewSample(b"2", label="a", burst="x"),
         NewSample(b"3", label="a"), NewSample(b"4", label="a")],
    )  # fmt: skip
    groups = [e.group for e in store.vectors.training_set(project["id"], "f" * 64).examples]
    assert groups[0] == groups[1] and len(set(groups)) == 3


def test_an_example_may_come_as_a_vector_without_a_picture(store):
    document = {"name": "V", "backbone": "b", "classes": [{"label": "a"}]}
    vector = NewSample(None, label="a", fingerprint="f" * 64, vector=b"1234")
    project, _ = store.projects.create_with_samples(document, [vector])
    (item,), _, _ = store.projects.samples(project["id"], 0, 10)
    assert item["sha256"] is None and item["image"] is None
    assert store.vectors.training_set(project["id"], "f" * 64).examples[0].vector == b"1234"
    assert project["classes"][0]["covers"] == []


def test_a_project_with_samples_is_made_whole_or_not_at_all(store):
    document = {"name": "V", "backbone": "b", "classes": [{"label": "a"}]}
    with pytest.raises(Problem):
        store.projects.create_with_samples(
            document, [NewSample(b"1", label="a"), NewSample(b"2", label="unknown")]
        )
    assert store.projects.page(0, 10) == ([], 0)
    assert list(store.blobs.hashes()) == []


def test_deleting_and_uploading_the_same_picture_at_once_never_loses_it(store):
    project = store.make("a")
    problems: list[str] = []

    def work() -> None:
        for _ in range(25):
            (item,), _ = store.projects.add_samples(project["id"], [NewSample(b"x", label="a")])
            try:
                store.projects.picture(item["sha256"])
            except FileNotFoundError:
                problems.append("an acknowledged sample has no picture")
            store.projects.delete_sample(item["id"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert list(store.blobs.hashes()) == []
    assert store.projects.get(project["id"])["revision"] == 1 + 4 * 25 * 2
