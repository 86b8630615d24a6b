"""The terminal output of a run and pytest's own report of the same run tell the same, test by test."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ingest.formats import pytest_terminal
from ingest.formats.detect import detect
from tests.ingest.client_parts import FORMATS, Read, read, source
from triage.core.records import Outcome

FOLDER = FORMATS / "pytest_terminal"
REPORTS = sorted((FOLDER / "reports").glob("*.jsonl.gz"))
XML = sorted((FOLDER / "reports").glob("*.xml"))

# What a mode of output says: of every test, of all but skipped ones (they are folded), or of tests that failed.
NAMES_ALL = re.compile(
    r"_v\b|_v_|_vv_|logcli|loadscope|each|color|durations|maxfail|_lf|broken_go|internal|interrupt$|reruns|repeat|"
    r"timeout$|times|subtests_n2$|doctest|unicode|ascii|narrow|aio|flakefinder|randomly|tavern|62_crash|84_subtests$"
)
NAMES_ALL_BUT_SKIPPED = re.compile(r"rA|92_tb_(?!native_v)|74_tb_short")
NAMES_FAILING_ONLY = ("84_subtests_n2", "92_s")
NAMES_NOTHING = ("92_collect", "92_collect_q", "92_no_tests", "92_no_file", "92_interrupt_q")
GUESSED = ("92_no_summary",)  # without a summary a block's title is all there is
# A report of these versions has no subtests; with pytest-timeout's thread method a run ends before it is reported.
UNREPORTED = {
    ("62_v_ra", "tests/api/test_cars.py::TestU::test_sub"),
    ("92_timeout_thread", "extra/test_timeout.py::test_hangs"),
}
WITHOUT_MESSAGE = {("92_internal", "tests/unit/test_cars.py::test_add_car")}  # the plugin broke before the tracebacks
ESCAPED = ("92_ascii",)  # the terminal knew ASCII only

Attempt = dict[str, str]


def name_of(path: Path) -> str:
    return path.name.partition(".")[0]


def reported(path: Path) -> dict[str, list[Attempt]]:
    """Outcome, phase and worker of each attempt at each test, by the rules of pytest's own terminal reporter."""
    tests: dict[str, list[Attempt]] = {}
    ended: set[int] = set()
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        report = json.loads(line)
        kind = report.get("$report_type")
        if kind == "CollectReport" and report["outcome"] == "failed":
            tests[report["nodeid"]] = [{"outcome": "error", "phase": "", "worker": ""}]
        if kind not in ("TestReport", "SubTestReport"):
            continue
        attempts = tests.setdefault(report["nodeid"], [])
        worker = report.get("worker_id") or ""
        if (
            not attempts
            or id(attempts[-1]) in ended
            or attempts[-1]["outcome"] == "rerun"
            or (worker and attempts[-1]["worker"] not in ("", worker))
        ):
            others = [each for each in attempts if each["worker"] == worker and id(each) not in ended]
            if not (worker and others and others[-1]["outcome"] != "rerun"):
                attempts.append({"outcome": "", "phase": "", "worker": worker})
            else:
                attempts.remove(others[-1])
                attempts.append(others[-1])
        _judge(attempts[-1], report, kind == "SubTestReport")
        if report["when"] in ("teardown", "???"):
            ended.add(id(attempts[-1]))
    return {test: [each for each in attempts if each["outcome"]] for test, attempts in tests.items()}


def _judge(attempt: Attempt, report: dict, sub: bool) -> None:
    outcome, when, expected = report["outcome"], report["when"], "wasxfail" in report
    if outcome == "rerun":
        attempt.update(outcome="rerun", phase=when)
    elif outcome == "failed":
        if sub or when in ("call", "???"):
            attempt.update(outcome="failed", phase="call")
        elif attempt["outcome"] != "failed":
            attempt.update(outcome="error", phase=when)
    elif sub or attempt["outcome"]:
        return
    elif outcome == "skipped":
        attempt["outcome"] = "xfailed" if expected else "skipped"
    elif when == "call":
        attempt["outcome"] = "xpassed" if expected else "passed"


def told(path: Path) -> tuple[str, Read]:
    name = name_of(path)
    content = (FOLDER / f"{name}.txt").read_bytes()
    assert detect(source(content)).format is pytest_terminal
    return name, read(pytest_terminal, content)


def attempts_of(found: Read) -> dict[str, list]:
    tests: dict[str, list] = {}
    for result in found.results:
        tests.setdefault(result.test, []).append(result)
    return tests


def names_of(name: str, true: dict[str, list[Attempt]]) -> set[str]:
    """The tests that the terminal has to tell of."""
    failing = {test for test, all_of in true.items() if any(each["outcome"] in ("failed", "error") for each in all_of)}
    if name in NAMES_NOTHING or name in GUESSED:
        return set()
    if name not in NAMES_FAILING_ONLY and NAMES_ALL.search(name) and ("rA" not in name or "_v" in name):
        return {test for test, all_of in true.items() if all_of}
    if NAMES_ALL_BUT_SKIPPED.search(name):
        return {test for test, all_of in true.items() if any(each["outcome"] != "skipped" for each in all_of)}
    return failing


@pytest.mark.parametrize("path", REPORTS, ids=name_of)
def test_the_terminal_tells_the_outcomes_of_the_report(path):
    name, found = told(path)
    true = reported(path)
    if name in ESCAPED:
        true = {test.encode("ascii", "backslashreplace").decode(): each for test, each in true.items()}
    mine = attempts_of(found)
    assert names_of(name, true) <= set(mine)
    for test, results in mine.items():
        if (name, test) in UNREPORTED:
            continue
        assert test in true, "the terminal names a test that did not run"
        outcomes, expected = [each.outcome.value for each in results], [each["outcome"] for each in true[test]]
        if test in names_of(name, true):
            assert sorted(outcomes) == sorted(expected), test
        else:
            assert set(outcomes) <= set(expected), test


@pytest.mark.parametrize("path", REPORTS, ids=name_of)
def test_a_failing_test_has_its_phase_worker_and_message(path):
    name, found = told(path)
    true = reported(path)
    for result in found.results:
        if result.outcome not in (Outcome.FAILED, Outcome.ERROR) or (name, result.test) in UNREPORTED | WITHOUT_MESSAGE:
            continue
        assert result.message, result.test
        assert result.lossy is (name in GUESSED), result.test
        attempts = [each for each in true.get(result.test, []) if each["outcome"] == result.outcome.value]
        if attempts:
            assert result.phase in {each["phase"] for each in attempts} | ({""} if "tb_no" in name else set())
            if result.worker:
                assert result.worker in {each["worker"] for each in attempts}


@pytest.mark.parametrize("path", [each for each in REPORTS if "_n2_v" in each.name], ids=name_of)
def test_verbose_distributed_output_tells_the_worker_of_every_test(path):
    _, found = told(path)
    true = reported(path)
    for test, results in attempts_of(found).items():
        assert [each.worker for each in results] == [each["worker"] for each in true[test]]


@pytest.mark.parametrize("path", [each for each in REPORTS if "rerun" in each.name], ids=name_of)
def test_reruns_are_attempts_in_their_order(path):
    _, found = told(path)
    true = reported(path)
    for test, results in attempts_of(found).items():
        assert [(each.attempt, each.outcome.value) for each in results] == [
            (number, each["outcome"]) for number, each in enumerate(true[test], start=1)
        ]


@pytest.mark.parametrize("path", [*REPORTS, *XML], ids=name_of)
def test_every_line_is_understood(path):
    _, found = told(path)
    assert [each.raw for each in found.unparsed] == []


@pytest.mark.parametrize("path", XML, ids=name_of)
def test_pytest_4_tells_the_outcomes_of_its_junit_report(path):
    _, found = told(path)
    mine = {_case_of(result.test): result for result in found.results}
    cases: dict[tuple[str, str], set[str]] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        said = {child.tag for child in case if child.tag in ("failure", "error", "skipped")} or {"passed"}
        cases.setdefault((case.get("classname", ""), case.get("name", "")), set()).update(said)
    outcomes = {"failure": Outcome.FAILED, "error": Outcome.ERROR}
    for key, said in cases.items():
        bad = next((outcomes[each] for each in ("failure", "error") if each in said), None)
        if bad is not None:
            assert mine[key].outcome is bad, key
        elif key in mine:
            assert mine[key].outcome not in (Outcome.FAILED, Outcome.ERROR), key


def _case_of(test: str) -> tuple[str, str]:
    """(classname, name) that JUnit gives a node id."""
    base, bracket, parameters = test.partition("[")
    path, *names = base.split("::")
    module = path.removesuffix(".py").replace("/", ".")
    if not names:
        return "", module
    return ".".join((module, *names[:-1])), names[-1] + bracket + parameters
