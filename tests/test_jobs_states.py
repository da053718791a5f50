"""How far a job is and who comes next, by hand-fed numbers."""

import pytest

from server.jobs.states import WEIGHTS, Pace, Progress, is_long, next_of


@pytest.mark.parametrize("kind", WEIGHTS)
def test_the_fraction_of_the_whole_rises_through_the_phases_and_never_falls(kind):
    progress = Progress(WEIGHTS[kind])
    seen = [progress.fraction]
    for phase in WEIGHTS[kind]:
        for fraction in (0.0, 0.5, 0.3, 1.0):
            progress.advance(phase, fraction)
            seen.append(progress.fraction)
    assert seen == sorted(seen)
    assert seen[0] == 0 and seen[-1] == 0.99  # the end is told by the state


def test_a_new_phase_is_told_apart_and_an_unknown_one_moves_nothing():
    progress = Progress(WEIGHTS["vectors"])
    assert progress.advance("read", 0.5) is True
    assert progress.advance("read", 0.6) is False
    before = progress.fraction
    assert progress.advance("juggle", 0.9) is True
    assert (progress.phase, progress.fraction) == ("juggle", before)


def test_training_again_in_a_later_phase_does_not_take_the_fraction_back():
    progress = Progress(WEIGHTS["embedded"])
    progress.advance("evaluate", 1.0)
    before = progress.fraction
    progress.advance("fit", 0.1)  # trained once more on everything
    assert progress.phase == "fit" and progress.fraction == before


def test_the_time_left_is_that_of_a_steady_job():
    pace = Pace()
    answers = [pace.left(t / 10, min(1.0, t / 100)) for t in range(60)]  # ten seconds in all
    assert answers[:10] == [None] * 10  # nothing is said of the first second
    assert answers[50] == pytest.approx(5.0, abs=0.2)


def test_the_time_left_forgets_a_start_that_took_long():
    pace = Pace()
    for t in range(300):  # the workers are started for 30 s
        assert pace.left(t / 10, 0.02) is None
    answers = [pace.left(30 + t / 10, 0.02 + t / 100) for t in range(1, 50)]
    assert answers[-1] == pytest.approx(4.9, abs=0.3)


def test_the_time_left_follows_a_job_that_becomes_slower():
    pace = Pace()
    for t in range(50):
        pace.left(t / 10, t / 100)  # half in 5 s
    quick = pace.left(5.0, 0.5)
    for t in range(300):
        slow = pace.left(5 + t / 10, 0.5 + t / 6000)  # now a hundredth in 6 s
    assert quick < 6 and slow > 100


def job(name, project, kind="training", recipe="linear"):
    return {"id": name, "project_id": project, "kind": kind, "recipe": recipe}


def test_the_project_with_fewer_running_jobs_comes_first_then_files_then_the_oldest():
    waiting = [job("a2", "a"), job("a3", "a"), job("b1", "b"), job("b2", "b", "export")]
    assert next_of(waiting, [job("a1", "a")])["id"] == "b2"
    assert next_of(waiting[:3], [job("a1", "a")])["id"] == "b1"
    assert next_of(waiting[:3], [])["id"] == "a2"
    assert next_of(waiting[:3], [job("a1", "a"), job("b0", "b")])["id"] == "a2"
    assert next_of([], []) is None


def test_long_jobs_come_last_and_leave_one_worker_to_what_takes_seconds():
    long = [job("c", "a", recipe="convnet"), job("f", "a", recipe="finetune")]
    quick = [job("l", "a"), job("x", "a", "export")]
    assert [is_long(j) for j in [*long, *quick]] == [True, True, False, False]
    assert next_of([*long, *quick], [], 2)["id"] == "x"
    assert next_of([*long, quick[0]], [], 2)["id"] == "l"
    assert next_of(long, [], 2)["id"] == "c"
    assert next_of(long[1:], long[:1], 2) is None
    assert next_of([long[1], quick[1]], long[:1], 2)["id"] == "x"
    assert next_of(long[1:], long[:1], 3)["id"] == "f"
    assert next_of(long, [], 1)["id"] == "c"  # an only worker does all
