"""Answers are kept within a bound, until what they rest on has changed."""

from cache.changes import Changes
from cache.kept import BYTES_OF_A_NAME, OVERHEAD, KeptAnswers


def times_wanted(answers, key, times):
    """At which askings the answer is wanted."""
    return [n for n in range(1, times + 1) if answers.is_wanted(key)]


def test_it_is_wanted_from_the_second_time_on():
    answers = KeptAnswers(Changes(), 10_000)
    assert times_wanted(answers, "a", 4) == [2, 3, 4]
    assert times_wanted(answers, "b", 1) == []


def test_what_cannot_be_kept_is_tried_less_and_less_often():
    answers, tried = KeptAnswers(Changes(), 10_000), []
    for n in range(1, 300):
        if answers.is_wanted("a"):
            tried.append(n)
            answers.give_up("a")
    assert tried == [2, 5, 10, 19, 36, 69, 134, 199, 264]
    answers.keep("a", "answer", 1, [])
    answers.drop("a")
    assert answers.is_wanted("a")


def test_it_is_due_the_first_time_and_whenever_it_would_be_kept():
    answers = KeptAnswers(Changes(), 10_000)
    due = []
    for n in range(1, 12):
        if answers.is_due("a"):
            due.append(n)
        if answers.is_wanted("a"):
            answers.give_up("a")
    assert due == [1, 2, 5, 10]


def test_the_longest_unused_goes_first():
    answers = KeptAnswers(Changes(), 3 * (OVERHEAD + 100 + BYTES_OF_A_NAME))
    for key in "abc":
        answers.keep(key, key, 100, [key])
    assert answers.get("a") == "a"
    answers.keep("d", "d", 100, ["d"])
    assert [answers.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_what_is_too_large_is_not_kept_and_drops_nothing_else():
    answers = KeptAnswers(Changes(), 2 * OVERHEAD)
    answers.keep("a", "a", 100, [])
    answers.keep("b", "b", 5_000, [])
    assert (answers.get("a"), answers.get("b")) == ("a", None)


def test_a_change_drops_all_that_rest_on_it_and_nothing_else():
    changes = Changes()
    answers = KeptAnswers(changes, 100_000)
    answers.keep("a", "a", 1, ["x", "y"])
    answers.keep("b", "b", 1, ["y", "z"])
    answers.keep("c", "c", 1, ["z"])
    changes.heard(["y"])
    assert [answers.get(key) for key in "abc"] == [None, None, "c"]
    assert len(changes) == 1
    changes.missed()
    assert (len(answers), answers.used_bytes, len(changes)) == (0, 0, 0)


def test_another_answer_to_the_same_question_takes_its_place():
    changes = Changes()
    answers = KeptAnswers(changes, 100_000)
    answers.keep("a", "old", 1, ["x"])
    answers.keep("a", "new", 1, ["y"])
    changes.heard(["x"])
    assert answers.get("a") == "new"
    assert len(changes) == 1
