"""Problem details: the helper itself. The routes are tested in test_web_errors.py."""

import pytest

from server.errors import KINDS, Problem, problem_of_status


def test_a_problem_says_what_was_received_what_was_expected_and_how_to_mend_it():
    problem = Problem("invalid", "No colour.", received="red", expected="#rrggbb", hint="Try.")
    assert problem.as_dict() == {
        "type": "/api/docs#problem-invalid",
        "title": KINDS["invalid"][1],
        "status": 422,
        "detail": "No colour.",
        "received": "red",
        "expected": "#rrggbb",
        "hint": "Try.",
    }


def test_members_that_are_not_known_are_left_out_and_further_ones_are_kept():
    details = Problem("stale", revision=7).as_dict()
    assert details["revision"] == 7
    assert details["detail"] == KINDS["stale"][1] + "."
    assert not {"received", "expected", "hint"} & set(details)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_error_status_and_a_title(kind):
    status, title = KINDS[kind]
    assert 400 <= status < 600 and title
    assert Problem(kind).as_dict()["status"] == status


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "not-found"), (413, "too-large"), (500, "server-error"),
                         (418, "bad-request"), (507, "server-error")],
)  # fmt: skip
def test_a_bare_status_becomes_the_nearest_kind_and_keeps_its_number(status, kind):
    problem = problem_of_status(status)
    assert (problem.kind, problem.status) == (kind, status)
    assert problem.as_dict()["status"] == status
    assert problem.title


def test_an_unknown_kind_cannot_be_raised():
    with pytest.raises(KeyError):
        Problem("no-such-kind")
