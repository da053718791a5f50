"""Rows of jobs and what they have told: taken once, bounded, derived, resumed."""

import threading

import pytest
from sqlalchemy import insert, text

from server.errors import Problem
from server.storage import BlobStore, Database, JobStore, Projects, job_rows
from server.storage import jobs as module
from server.storage.job_rows import CANCELLED, DONE, FAILED, QUEUED, RUNNING
from server.storage.migrate import configuration
from server.storage.tables import classifier

PROBLEM = {"title": "No", "detail": "It did not work.", "hint": "Try again."}


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path}/test.sqlite3")
    made.prepare()
    yield made
    made.close()


@pytest.fixture
def jobs(database):
    return JobStore(database)


@pytest.fixture
def projects(database, tmp_path):
    return Projects(database, BlobStore(tmp_path / "blobs"))


def make(projects):
    return projects.create({"name": "P", "backbone": "b", "classes": []})[0]["id"]


def test_a_new_job_is_queued_and_its_story_begins(jobs):
    job = jobs.get(jobs.create("training", recipe="head", options={"epochs": 3}, name="Discs"))
    assert (job["state"], job["fraction"], job["attempt"], job["sequence"]) == (QUEUED, 0, 0, 1)
    assert job["options"] == {"epochs": 3} and job["recipe"] == "head" and job["children"] == []
    assert job["created_at"].endswith("Z") and job["started_at"] is job["ended_at"] is None
    (event,), total = jobs.events(job["id"], 0, 10)
    assert total == 1
    assert (event["sequence"], event["kind"], event["state"]) == (1, "state", QUEUED)


def test_a_job_is_taken_by_one_of_many(jobs):
    job_id = jobs.create("training")
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(jobs.claim(job_id))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(taken) == [False] * 7 + [True]
    job = jobs.get(job_id)
    assert job["state"] == RUNNING and job["attempt"] == 1 and job["started_at"]


def test_what_a_job_tells_is_numbered_and_can_be_read_from_anywhere(jobs):
    job_id = jobs.create("training")
    jobs.claim(job_id)
    metrics = [{"kind": "metrics", "epoch": i, "epochs": 5, "loss": 1 / i} for i in range(1, 6)]
    job, written = jobs.tell(job_id, metrics, phase="fit", fraction=0.5, seconds_left=3.0)
    assert (job["phase"], job["fraction"], job["seconds_left"]) == ("fit", 0.5, 3.0)
    assert [event["sequence"] for event in written] == [3, 4, 5, 6, 7]
    assert job["sequence"] == 7
    later, total = jobs.events(job_id, 4, 2)
    assert total == 3 and [event["epoch"] for event in later] == [3, 4]
    assert later[0] == written[2]


def test_old_events_go_but_changes_of_state_stay(jobs, monkeypatch):
    monkeypatch.setattr(job_rows, "MOST_EVENTS", 300)
    job_id = jobs.create("training")
    jobs.claim(job_id)
    for start in range(0, 1000, 50):
        jobs.tell(job_id, [{"kind": "log", "text": str(start + i)} for i in range(50)])
    events, total = jobs.events(job_id, 0, 10_000)
    assert 300 <= total <= 300 + 2 + 200
    assert [event["kind"] for event in events[:2]] == ["state", "state"]
    assert events[-1]["text"] == "999"
    assert jobs.get(job_id)["sequence"] == 1002


def test_a_job_ends_once(jobs):
    job_id = jobs.create("training")
    jobs.claim(job_id)
    job, (event,) = jobs.conclude(job_id, FAILED, problem=PROBLEM)
    assert job["state"] == FAILED and job["problem"] == PROBLEM and job["ended_at"]
    assert event["state"] == FAILED and event["text"] == "No"
    assert jobs.conclude(job_id, DONE) is None
    assert jobs.tell(job_id, [{"kind": "log", "text": "late"}]) is None
    assert jobs.cancel(job_id) == []
    assert jobs.get(job_id) == job


def test_cancelling_ends_what_waits_and_marks_what_runs(jobs):
    waits, runs = jobs.create("training"), jobs.create("training")
    jobs.claim(runs)
    assert jobs.cancel(waits) == [waits]
    assert jobs.get(waits)["state"] == CANCELLED
    assert jobs.claim(waits) is False
    assert jobs.cancel(runs) == []
    assert jobs.get(runs)["state"] == RUNNING
    assert jobs.cancelled([waits, runs]) == {waits, runs}
    with pytest.raises(Problem, match="no job"):
        jobs.cancel("11111111-2222-4333-8444-555555555555")


def family(jobs, *recipes):
    parent = jobs.create("all", [{"recipe": recipe} for recipe in recipes])
    children = jobs.get(parent)["children"]
    assert [child["recipe"] for child in children] == list(recipes)
    return parent, [child["id"] for child in children]


def test_a_job_of_several_follows_its_children_and_takes_the_best(jobs, database):
    parent, (a, b, c) = family(jobs, "knn", "linear", "head")
    assert [job["id"] for job in jobs.waiting()] == [a, b, c]
    jobs.claim(a)
    jobs.tell(a, fraction=0.6)
    job, events, changed = jobs.refresh_parent(parent)
    assert changed and job["state"] == RUNNING and job["fraction"] == pytest.approx(0.2)
    assert [event["state"] for event in events] == [RUNNING]
    assert jobs.refresh_parent(parent)[2] is False
    jobs.conclude(a, DONE, accuracy=0.7, interval=[0.6, 0.8])
    for child, values in ((b, {"accuracy": 0.9, "interval": [0.8, 0.95]}), (c, {})):
        jobs.claim(child)
        state = DONE if values else FAILED
        jobs.conclude(child, state, **(values or {"problem": PROBLEM}))
    job, _, changed = jobs.refresh_parent(parent)
    assert changed and job["state"] == DONE and job["fraction"] == 1
    assert job["accuracy"] == 0.9 and job["interval"] == [0.8, 0.95]
    assert jobs.refresh_parent(parent) is None
    listed, total = jobs.page(0, 10)
    assert total == 1 and listed[0] == job and len(job["children"]) == 3


def test_the_validation_pictures_choose_the_best_of_several(jobs, database):
    parent, children = family(jobs, "knn", "linear", "head")
    trained = ((0.8, 0.3, 1.0), (0.9, 0.4, 0.7), (0.9, 0.2, 0.6))  # accuracy, loss; on the test
    ids = [f"{i}" * 36 for i in range(3)]
    with database.write() as connection:
        for id, (accuracy, loss, _) in zip(ids, trained, strict=True):
            report = {"validation": {"accuracy": accuracy, "log_loss": loss}}
            values = {"id": id, "created_at": 1, "sha256": "0", "bytes": 1, "document": {}}
            connection.execute(insert(classifier).values(**values, report=report))
    for child, id, (_, _, accuracy) in zip(children, ids, trained, strict=True):
        jobs.claim(child)
        jobs.conclude(child, DONE, classifier_id=id, accuracy=accuracy)
    job = jobs.refresh_parent(parent)[0]
    assert job["classifier_id"] == ids[2] and job["accuracy"] == 0.6


def test_a_job_of_several_fails_with_the_first_reason_and_is_cancelled_as_a_whole(jobs):
    parent, children = family(jobs, "knn", "linear")
    for child in children:
        jobs.claim(child)
        jobs.conclude(child, FAILED, problem=PROBLEM)
    job = jobs.refresh_parent(parent)[0]
    assert job["state"] == FAILED and job["problem"]["detail"] == PROBLEM["detail"]
    parent, children = family(jobs, "knn", "linear")
    assert set(jobs.cancel(parent)) == set(children)
    assert jobs.refresh_parent(parent)[0]["state"] == CANCELLED


def test_after_a_crash_running_jobs_wait_again_until_their_last_try(jobs):
    tired, fresh, unwanted = (jobs.create("training") for _ in range(3))
    for _ in range(2):
        jobs.claim(tired)
        assert jobs.resume(3, PROBLEM) == [tired]
        assert jobs.get(tired)["state"] == QUEUED
    for job_id in (tired, fresh, unwanted):
        jobs.claim(job_id)
    jobs.cancel(unwanted)
    assert set(jobs.resume(3, PROBLEM)) == {tired, fresh, unwanted}
    assert jobs.get(tired)["state"] == FAILED and jobs.get(tired)["problem"] == PROBLEM
    assert jobs.get(fresh)["state"] == QUEUED and jobs.get(fresh)["attempt"] == 1
    assert jobs.get(unwanted)["state"] == CANCELLED
    kinds = [event.get("state") or event["level"] for event in jobs.events(fresh, 0, 10)[0]]
    assert kinds == [QUEUED, RUNNING, "warning", QUEUED]


def test_a_stop_in_good_order_costs_no_try(jobs):
    job_id = jobs.create("training")
    for _ in range(5):
        jobs.claim(job_id)
        jobs.put_back(job_id)
    assert jobs.get(job_id)["attempt"] == 0 and jobs.get(job_id)["state"] == QUEUED


def test_jobs_are_found_by_project_state_and_kind_the_newest_first(jobs, projects):
    project = make(projects)
    a = jobs.create("training", project_id=project)
    b = jobs.create("export", project_id=project)
    jobs.create("import")
    jobs.claim(a)
    assert {job["id"] for job in jobs.page(0, 10, project)[0]} == {a, b}
    assert [job["id"] for job in jobs.page(0, 10, project, [RUNNING])[0]] == [a]
    assert [job["id"] for job in jobs.page(0, 10, kind="export")[0]] == [b]
    assert jobs.page(0, 1)[1] == 3 and len(jobs.page(0, 1)[0]) == 1


def test_the_same_export_is_on_its_way_once(jobs, database):
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO classifier (id, created_at, sha256, bytes, document)"
                " VALUES ('c', 0, 'x', 1, '{}')"
            )
        )
    first = jobs.create_once("export", classifier_id="c", format="onnx")
    assert jobs.create_once("export", classifier_id="c", format="onnx") == first
    assert jobs.create_once("export", classifier_id="c", format="tfjs") != first
    jobs.claim(first)
    jobs.conclude(first, DONE)
    assert jobs.create_once("export", classifier_id="c", format="onnx") != first


def test_the_oldest_jobs_that_have_ended_are_forgotten(jobs, projects, monkeypatch):
    monkeypatch.setattr(module, "MOST_JOBS", 3)
    project = make(projects)
    ids = [jobs.create("training", project_id=project) for _ in range(6)]
    for i, job_id in enumerate(ids):
        with jobs.database.write() as connection:
            connection.execute(text(f"UPDATE job SET created_at={i} WHERE id='{job_id}'"))
    for job_id in ids[:5]:
        jobs.claim(job_id)
        jobs.conclude(job_id, DONE)
    assert jobs.prune(project) == 2
    assert {job["id"] for job in jobs.page(0, 10, project)[0]} == set(ids[2:])
    with jobs.database.read() as connection:
        left = connection.execute(text("SELECT count(DISTINCT job_id) FROM job_event")).scalar()
    assert left == 4


def test_deleting_a_project_takes_its_jobs_and_events_along(jobs, projects, database):
    project = make(projects)
    job_id = jobs.create("all", [{"recipe": "knn", "project_id": project}], project_id=project)
    child = jobs.get(job_id)["children"][0]["id"]
    jobs.claim(child)
    projects.delete(project)
    assert jobs.find(job_id) is None and jobs.find(child) is None
    assert jobs.cancelled([child]) == {child}
    assert jobs.tell(child, [{"kind": "log", "text": "x"}]) is None
    assert jobs.conclude(child, DONE) is None
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_event")).scalar() == 0


def test_a_database_of_the_first_version_gets_the_new_tables_and_keeps_what_it_has(tmp_path):
    from alembic import command

    path = tmp_path / "old.sqlite3"
    old = Database(f"sqlite:///{path}")
    with old.write() as connection:
        command.upgrade(configuration(connection), "0001")
        connection.execute(
            text("INSERT INTO project VALUES ('p', 'Kept', 7, 1, 2, 'showtell_v2', '{}', 0)")
        )
    old.close()
    new = Database(f"sqlite:///{path}")
    new.prepare()
    assert JobStore(new).get(JobStore(new).create("training", project_id="p"))["state"] == QUEUED
    with new.read() as connection:
        kept = connection.execute(text("SELECT name, revision FROM project")).one()
    assert tuple(kept) == ("Kept", 7)
    new.close()
