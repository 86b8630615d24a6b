"""The same failure has the same fingerprint, another one another, and a person can see why."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.history.fingerprint import FINGERPRINT_VERSION, explain_merge, fingerprint

TEST = "tests/test_cars.py::test_add_car"


def key(message: str, detail: str = "", test: str = TEST) -> str:
    return fingerprint(test, message, detail).key


SAME = (
    ("AssertionError: parcel 6ff9117a21 not found", "AssertionError: parcel 9f315dc63a not found"),
    ("ConnectionError: gunicorn[51463] did not answer", "ConnectionError: gunicorn[51465] did not answer"),
    ("assert 3 == (3 + 1)", "assert 1 == (1 + 1)"),
    ("assert ['a', 'b'] == ['a', 'b', 'c']", "assert [] == ['a']"),
    ("assert {'id': 7} == {'id': 8}", "AssertionError: assert {} == {'id': 8}"),
    ("no car m-919066 after 0.35 s", "no car m-af2479 after 12 s"),
    ("late: 2026-11-23T12:00:00.123Z", "late: 2026-11-24 03:14:15"),
    ("assert '15:30' == '20:30'", "assert '03:30' == '08:30'"),
    (
        "HTTPError: 404 Client Error: Not Found for url: http://127.0.0.1:5000/cars/17",
        "HTTPError: 404 Client Error: Not Found for url: http://web7.example:8000/cars/3f2a1c04-9d1e-4b7c-8a52-0c6f1d2e3b4a",
    ),
    ("assert <Car object at 0x7f1d765ef1a0> is None", "assert <Car object at 0x7f799a2b2020> is None"),
    ("FileNotFoundError: /tmp/pytest-of-ci/pytest-12/x0/a", "FileNotFoundError: /tmp/pytest-of-ci/pytest-7/x0/b"),
    (
        'AssertionError: "Invalid session SBSAIMVcg_mgvHbjAAAD"',
        'AssertionError: "Invalid session JUNnlh2IxlhxuVXfAAAA"',
    ),
    ("assert 404 == 200", "AssertionError: assert 404 == 200"),
    ("AssertionError: refused by ip-172-31-10-107", "AssertionError: refused by ip-172-31-9-12"),
)
OTHER = (
    ("assert 404 == 200", "assert 401 == 200"),
    ("assert 404 == 200", "assert 404 == 201"),
    ("assert response.ok", "assert not response.ok"),
    ("KeyError: 'price'", "KeyError: 'weight'"),
    ("KeyError: 'price'", "IndexError: 'price'"),
    ("AssertionError: car not found", "AssertionError: car not deleted"),
    (
        "HTTPError: 404 Client Error: Not Found for url: http://127.0.0.1:5000/cars/17",
        "HTTPError: 404 Client Error: Not Found for url: http://127.0.0.1:5000/drivers/17",
    ),
    ("assert Response [500]", "assert Response [404]"),
    ("answered 503", "answered 404"),
)


@pytest.mark.parametrize(("first", "second"), SAME)
def test_what_differs_each_time_is_left_out(first: str, second: str):
    assert key(first) == key(second), explain_merge((TEST, first, ""), (TEST, second, ""))


@pytest.mark.parametrize(("first", "second"), OTHER)
def test_what_tells_failures_apart_is_kept(first: str, second: str):
    assert key(first) != key(second), fingerprint(TEST, first, "").normal


def test_failures_of_two_tests_are_never_one_group():
    assert key("assert 404 == 200") != key("assert 404 == 200", test="tests/test_cars.py::test_other")
    assert "different tests" in explain_merge((TEST, "x", ""), ("other", "x", ""))[0]


def test_the_stack_and_the_line_numbers_do_not_matter():
    first = "tests/test_cars.py:28: in test_add_car\nE   AssertionError: gone\nE   assert 1 == 2\ntests/test_cars.py:28"
    second = "tests/helper.py:9: in check\ntests/test_cars.py:31\nE   AssertionError: gone\nE   assert 3 == 4\n"
    assert key("AssertionError: gone", first) == key("AssertionError: gone", second)


def test_a_message_that_a_terminal_cut_is_read_from_the_error_itself():
    whole = "E   AssertionError: the car that was added is not in the list\nE   assert 1 == 2"
    assert key("AssertionError: the car that was added is n...", whole) == key(
        "AssertionError: the car that was added is not in the list", whole
    )


def test_of_chained_errors_the_last_one_counts():
    chained = "E   KeyError: 'a'\n\nDuring handling of the above exception\n\nE   app.CarMissing: no car\n"
    assert "no car" in fingerprint(TEST, "app.CarMissing: no car", chained).normal


def test_a_fingerprint_says_what_was_compared_and_which_rules_changed_something():
    found = fingerprint(TEST, "AssertionError: parcel 6ff9117a21 not found at 12:30:01", "E   assert 404 == 200")
    assert found.normal == "AssertionError: parcel <id> not found at <time> · assert 404 == 200"
    assert found.rules == ("id", "time")
    assert found.version == FINGERPRINT_VERSION
    assert len(found.key) <= 40


def test_a_merge_is_explained_in_sentences_that_name_what_was_left_out():
    told = explain_merge(
        (TEST, "AssertionError: parcel 6ff9117a21 not found", ""),
        (TEST, "AssertionError: parcel 9f315dc63a not found", ""),
    )
    assert told == (
        f"Merged: both are failures of {TEST}.",
        "Compared was “AssertionError: parcel <id> not found”, which is the same in both.",
        "Left out of the first, as it differs each time: “6ff9117a21” (id).",
        "Left out of the second, as it differs each time: “9f315dc63a” (id).",
        "Stack traces and line numbers are never compared (fingerprint version 1).",
    )


def test_a_split_is_explained_by_the_parts_that_differ():
    told = explain_merge((TEST, "assert 404 == 200", ""), (TEST, "assert 401 == 200", ""))
    assert told == ("Not merged, as the asserted expression differs: “assert 404 == 200” and “assert 401 == 200”.",)


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=60))
def test_no_text_breaks_it_and_the_same_text_has_the_same_key(message: str, detail: str, test: str):
    found = fingerprint(test, message, detail)
    assert found == fingerprint(test, message, detail)
    assert len(found.key) <= 40
    assert explain_merge((test, message, detail), (test, message, detail))[0].startswith("Merged")


@given(
    st.integers(0, 99_999), st.integers(0, 99_999), st.sampled_from(["pid {}", "port {}", "took {} ms", "item {} of"])
)
def test_numbers_never_make_two_groups(one: int, other: int, form: str):
    assert key(f"AssertionError: {form.format(one)}") == key(f"AssertionError: {form.format(other)}")


@pytest.mark.parametrize(
    "unit", ["[{", "a", "1", "/a", "(x) ", "12:", "\n", "E assert [1, ", "assert 404 == ", "http://a/"]
)
def test_a_hostile_text_takes_no_time(unit: str):
    began = time.perf_counter()
    fingerprint(unit * 2_000, unit * 200_000, ("E " + unit) * 50_000)
    assert time.perf_counter() - began < 0.5
