"""Allure results: a folder of small files as one run, whichever way it was packed."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from ingest.formats.archive import archive_pieces, opened_member
from ingest.formats.detect import detect
from ingest.formats.reports import allure
from ingest.formats.source import PartSource
from tests.ingest.client_parts import CONTEXT, FORMATS, Read, read, sample, source
from triage.core.records import Outcome

STEPS = "steps/test_steps.py::"
CARS = "api/test_cars.py::"


def packed(path: str) -> Read:
    with (FORMATS / "allure" / path).open("rb") as file:
        (piece,) = archive_pieces(file, path)
        found = PartSource(piece.member, opened_member(file, piece.member))
        assert detect(found).format is allure
        return Read(list(allure.parse(found, CONTEXT)))


def result(**more: object) -> dict[str, object]:
    base = {"uuid": "u1", "name": "test_a", "status": "passed", "historyId": "h", "fullName": "tests.test_a#test_a"}
    base |= {"titlePath": ["tests", "test_a.py"], "start": 1_795_415_359_000, "stop": 1_795_415_359_900}
    return base | more


def lines(*objects: object) -> str:
    return "\n".join(map(json.dumps, objects)) + "\n"


def test_all_results_of_an_archive_are_one_run():
    found = packed("results.zip")
    with zipfile.ZipFile(FORMATS / "allure/results.zip") as archive:
        told = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith("-result.json")]
    assert len(found.results) == len(told) == 25
    assert sorted((each.started.us, each.stopped.us) for each in found.results) == sorted(
        (each["start"] * 1_000, each["stop"] * 1_000) for each in told
    )
    assert {each.started.tick_us for each in found.results} == {1_000}
    assert not found.unparsed


def test_node_ids_are_those_of_pytest():
    found = {each.test: each for each in packed("results.zip").results}
    assert found[f"{CARS}TestGroup::test_boom"].outcome is Outcome.FAILED
    assert not found[f"{CARS}test_get_car[no/such car]"].lossy
    assert found[f"{STEPS}test_fetch[café]"].lossy  # a title stands in place of the name
    assert found[f"{CARS}test_setup_breaks"].outcome is Outcome.ERROR
    assert found[f"{CARS}test_setup_breaks"].phase == "setup"
    assert found[f"{CARS}test_teardown_breaks"].phase == "teardown"
    assert found[f"{CARS}test_known_to_fail"].outcome is Outcome.XFAILED
    assert found[f"{CARS}test_known_to_fail"].message == "known: GARAGE-7"
    assert found[f"{CARS}test_unexpectedly_good"].outcome is Outcome.XPASSED
    assert found[f"{CARS}test_skipped"].message == "not on this stage"


def test_older_versions_without_a_title_path_are_told_by_their_labels():
    told = result(titlePath=None, fullName="tests.api.test_cars.TestGroup#test_ok", name="test_ok[1]",
                  labels=[{"name": "package", "value": "tests.api.test_cars"}])  # fmt: skip
    (found,) = read(allure, lines(told)).results
    assert (found.test, found.lossy) == ("tests/api/test_cars.py::TestGroup::test_ok[1]", True)
    other = result(fullName="com.acme.CarsTest.addsCar", labels=[{"name": "framework", "value": "junit5"}])
    assert read(allure, lines(other)).results[0].test == "com.acme.CarsTest.addsCar"


def test_attempts_are_counted_by_history_and_time():
    found = [each for each in packed("results.zip").results if each.test.endswith("test_third_time_lucky")]
    assert [(each.attempt, each.outcome) for each in found] == [
        (1, Outcome.RERUN), (2, Outcome.RERUN), (3, Outcome.PASSED)
    ]  # fmt: skip
    assert [each.started.us for each in found] == sorted(each.started.us for each in found)


def test_nested_steps_have_their_own_times():
    found = packed("results.zip").of(f"{STEPS}test_added_car_is_listed")
    walked = [step for step in found if step.phase == "call" and step.stamp is not None]
    assert [step.text for step in walked] == [
        "Add car ''figo''", "check the list", *["GET /cars", "status: 200"] * 3, "figo is there"
    ]  # fmt: skip
    assert [step.stamp.us % 1_000_000 // 1_000 for step in walked] == [584, 586, 586, 588, 588, 590, 590, 591, 591]
    assert walked[0].after.us % 1_000_000 == 586_000
    assert {step.pid for step in found} == {31127}


def test_a_request_that_a_step_names_has_the_steps_time_and_the_logs_answer():
    found = packed("results.zip").of(f"{STEPS}test_fetch[café]")
    (asked,) = [step for step in found if step.request is not None and step.request.method and "café" in step.text]
    assert (asked.request.path, asked.request.status) == ("/cars/caf%C3%A9", 404)
    assert asked.stamp.tick_us >= 1_000
    assert sum(step.request is not None and step.request.path == "/cars/caf%C3%A9" for step in found) == 1


def test_steps_of_a_test_whose_fixture_asked_the_same_get_no_answer_that_may_be_anothers():
    found = packed("results-xdist.tar.gz").of(f"{STEPS}test_added_car_is_listed")
    named = [step for step in found if step.text == "GET /cars"]
    assert [step.request for step in named] == [None] * 3
    assert sum(step.request is not None and step.request.path == "/cars" for step in found) == 4


def test_the_log_of_an_earlier_attempt_is_not_told_again():
    found = packed("results-xdist.tar.gz").requests(f"{STEPS}TestGroup::test_slow_and_flaky")
    assert found == [("GET", "/slow", 200)] * 2


def test_all_requests_of_a_run_are_told_once():
    with zipfile.ZipFile(FORMATS / "allure/results.zip") as archive:
        results = sorted(
            (json.loads(archive.read(name)) for name in archive.namelist() if name.endswith("-result.json")),
            key=lambda each: each["start"],
        )
        before: dict[str, str] = {}
        count = 0
        for each in results:
            for one in each.get("attachments", ()):
                if one["name"] == "log":
                    text = archive.read(f"allure-results/{one['source']}").decode()
                    fresh = text.removeprefix(before.get(each["historyId"], ""))
                    before[each["historyId"]] = text
                    count += fresh.count('HTTP/1.1" ') + fresh.count("HTTP Request: ")
    answered = [each for each in packed("results.zip").requests() if each[2] is not None]
    assert len(answered) == count == 33


def test_what_several_tests_share_is_set_up_with_the_first_and_torn_down_with_the_last():
    container = {"uuid": "c", "children": ["u1", "u2"], "start": 1_795_415_358_000, "stop": 1_795_415_361_000,
                 "befores": [{"name": "server", "start": 1_795_415_358_100, "stop": 1_795_415_358_200}],
                 "afters": [{"name": "server::0", "start": 1_795_415_360_900, "stop": 1_795_415_361_000}]}  # fmt: skip
    second = result(uuid="u2", name="test_b", fullName="tests.test_a#test_b", historyId="i", start=1_795_415_360_000)
    found = read(allure, lines(second, container, result()))
    assert [(step.test, step.text, step.phase) for step in found.steps] == [
        ("tests/test_a.py::test_a", "server", "setup"), ("tests/test_a.py::test_b", "server::0", "teardown")
    ]  # fmt: skip


def test_an_attachment_is_looked_up_by_its_name_only():
    text = {"attachment": "a-attachment.txt", "text": "../secret was not read"}
    steps = [
        {"name": "s", "attachments": [{"name": "note", "source": "../../../a-attachment.txt", "type": "text/plain"}]}
    ]
    found = read(allure, lines(result(steps=steps), text))
    assert [step.text for step in found.steps] == ["s", "note: ../secret was not read"]


def test_a_single_result_of_the_folder_is_read_too():
    found = read(allure, sample("allure/b7c9c644-149b-4b11-910a-53db8a61473f-result.json"))
    assert [each.test for each in found.results] == [f"{STEPS}test_added_car_is_listed"]
    indented = json.dumps(json.loads(sample("allure/b7c9c644-149b-4b11-910a-53db8a61473f-result.json")), indent=2)
    assert detect(source(indented)).format is allure
    assert len(read(allure, indented).steps) == len(found.steps)


def test_results_written_over_several_lines_are_joined_in_an_archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for n in range(3):
            archive.writestr(f"out/u{n}-result.json", json.dumps(result(uuid=f"u{n}", name=f"test_{n}"), indent=4))
    (piece,) = archive_pieces(file, "a.zip")
    assert piece.member == "allure-results"
    assert len(list(opened_member(file, piece.member).read().splitlines())) == 3


@pytest.mark.parametrize("line", [
    "{}", '{"children": 7, "befores": 3}', '{"status": [], "name": {}, "start": "x", "steps": [[], {"steps": 4}]}',
    '{"attachment": [], "text": 4}', '{"name": "a", "status": "failed", "start": 1e400}', '{"a":' * 3000, "[" * 9000,
    '{"name": "\\u0000\\ud800", "status": "passed", "start": -5, "stop": 99999999999999999, "labels": [7]}',
])  # fmt: skip
def test_strange_results_never_raise(line):
    for record in read(allure, line + "\n" + lines(result())).records:
        assert "\0" not in str(record)
        str(record).encode()
