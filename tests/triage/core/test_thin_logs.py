"""What is tied to what where the client's logs say little: rare words, order, slices of the server's log."""

from __future__ import annotations

import msgspec

from tests.triage.core.made import TEST, asked, at, client_part, failed, passed, run, said, served, server_part, wrote
from triage.core.analyse import analyse
from triage.core.assemble import assemble
from triage.core.derive import MOST
from triage.core.findings import Lineup, PlacedStep
from triage.core.lineup import line_up
from triage.core.order import in_order
from triage.core.records import Entry, Fact, Request, RunEvidence, Step
from triage.core.words import ids, kind_of_line, rival


def lineup(evidence: RunEvidence) -> Lineup:
    return line_up(evidence).lineup


def pids(found: Lineup, steps: list[PlacedStep]) -> list[int | None]:
    return [
        found.processes[found.served[step.matches[0].served].process].pid if step.matches else None for step in steps
    ]


def of(found: Lineup, test: str) -> list[PlacedStep]:
    return [step for step in found.steps if step.test == test and step.request is not None]


def named(seconds: float, pid: int, method: str, path: str, status: int) -> Entry:
    """A line of an application that writes its requests down in its own way."""
    return wrote(seconds, pid, f"{method} {path} -> {status}", request=Request(method=method, path=path))


def test_ids_are_known_whole_and_numbers_and_versions_are_not() -> None:
    assert ids("stored reading 1 for m-919066") == ("m-919066",)
    assert ids("51123c12-note.txt, pl_f6272e1302 and basket eace566116bd") == (
        "51123c12-note.txt",
        "pl_f6272e1302",
        "eace566116bd",
    )
    assert ids("[2026-11-23 04:20:31 +0000] [8270] 127.0.0.1 urllib3 2.34.2 took 250 ms") == ()


def test_two_ids_of_one_kind_are_rivals_and_two_of_different_kinds_are_not() -> None:
    assert rival(["m-919066"], ["m-af2479"])
    assert not rival(["m-919066"], ["m-919066", "m-af2479"])
    assert not rival(["m-919066"], ["eace566116bd"])


def test_an_id_in_the_path_ties_a_request_to_the_applications_own_line() -> None:
    found = lineup(
        run(
            client_part(
                asked(None, "POST", "/meters/m-919066/readings", 201),
                asked(None, "POST", "/meters/m-919066/readings", 201),
                asked(None, "GET", "/meters/m-919066/readings", 200),
                failed(),
            ),
            server_part(
                wrote(0.1, 71, "listed 0 readings of m-a8b837"),
                wrote(0.2, 69, "stored reading 1 for m-919066"),
                wrote(0.3, 69, "stored reading 2 for m-919066"),
                wrote(0.4, 71, "listed 0 readings of m-919066"),
            ),
        )
    )
    assert pids(found, of(found, TEST)) == [69, 69, 71]
    assert min(step.matches[0].confidence for step in of(found, TEST)) > 0.9


def test_lines_on_two_objects_in_a_row_are_two_requests() -> None:
    found = lineup(
        run(
            client_part(failed()),
            server_part(wrote(0, 7, "listed 0 readings of m-a8b837"), wrote(0.01, 7, "stored reading 1 for m-af2479")),
        )
    )
    assert len(found.served) == 2


def test_a_traceback_is_one_request_however_its_lines_repeat() -> None:
    trace = ["Traceback (most recent call last):", '  File "a.py", line 3, in f', "    g()"]
    trace += ['  File "b.py", line 4, in g', "    1 / 0", "ZeroDivisionError: division by zero"]
    found = lineup(
        run(client_part(failed()), server_part(*(wrote(0.001 * n, 7, text) for n, text in enumerate(trace))))
    )
    assert len(found.served) == 1


def test_words_before_each_request_and_the_librarys_line_on_it_are_one_request() -> None:
    def call(operation: str, value: str) -> list[Step]:
        words = msgspec.structs.replace(said(None, f"-> {operation} {value}"), phase="call")
        return [words, asked(None, "POST", "/graphql", 200)]

    found = lineup(
        run(
            client_part(*call("CreateList", "rain"), *call("ShowList", "pl_f6272e1302"), failed()),
            server_part(
                wrote(0.1, 8, "operation=CreateList id=pl_f6272e1302"),
                wrote(0.2, 9, "operation=ShowList id=pl_f6272e1302"),
            ),
        )
    )
    matched = [step.matches[0].served for step in found.steps]
    assert matched == [0, 0, 1, 1]


def test_two_requests_are_never_the_same_entry() -> None:
    steps = [asked(None, "POST", "/wallets/wd1f2e178/transfers", 201) for _ in range(2)]
    found = lineup(run(client_part(*steps, failed()), server_part(wrote(0.1, 8, "wallet wd1f2e178 saved"))))
    assert sum(step.matches[0].confidence for step in found.steps if step.matches) <= 1.05


def test_which_line_goes_with_which_kind_of_request_is_learnt_from_the_run() -> None:
    steps, lines = [], []
    for n in range(4):
        thing = f"w{n}f2e178"
        steps += [asked(None, "PUT", f"/wallets/{thing}", 200), asked(None, "POST", f"/wallets/{thing}/gifts", 201)]
        lines += [wrote(n, 70 + n, f"frobbed {thing}"), wrote(n + 0.2, 80 + n, "quuxed one")]
    found = lineup(run(client_part(*steps, failed()), server_part(*lines)))
    assert pids(found, of(found, TEST)) == [70, 80, 71, 81, 72, 82, 73, 83]


def test_a_status_in_the_applications_own_words_is_the_requests() -> None:
    found = lineup(run(client_part(failed()), server_part(named(0, 7, "GET", "/cars", 404))))
    assert found.served[0].request is not None and found.served[0].request.status == 404


NAMES = [f"tests/test_clinic.py::test_{name}" for name in ("book", "discharge", "look_up", "nobody")]


def silent_run(*, progress: bool = False) -> RunEvidence:
    """Four tests that log nothing, the first of which was denied what it had just created."""
    results = [failed("AssertionError: 404 != 201", test=NAMES[0]), *(passed(name) for name in NAMES[1:])]
    lines = [msgspec.structs.replace(result, line=n) for n, result in enumerate(results)]
    return run(
        client_part(*lines, *([Fact(name="progress", value="tests/test_clinic.py F...")] if progress else [])),
        server_part(
            named(0.00, 60, "POST", "/patients", 201),
            named(0.01, 57, "POST", "/patients/1/visits", 404),
            named(0.06, 60, "POST", "/patients", 201),
            named(0.07, 60, "DELETE", "/patients/2", 204),
            named(0.12, 59, "POST", "/patients", 201),
            named(0.13, 60, "GET", "/patients/1", 200),
            named(0.18, 60, "GET", "/patients/99999", 404),
        ),
    )


def test_tests_without_any_step_get_their_slices_of_the_servers_log() -> None:
    found = lineup(silent_run())
    first = of(found, NAMES[0])
    assert [step.text for step in first] == ["POST /patients", "POST /patients/1/visits"]
    assert pids(found, first) == [60, 57]
    assert all(step.matches[0].basis[0] == "derived" and step.matches[0].confidence < 0.9 for step in first)
    assert found.tests[0].steps == tuple(step.index for step in first)
    assert any("derived" in gap.text for gap in analyse(silent_run()).gaps)
    assert [step.index for step in found.steps] == list(range(len(found.steps)))


def test_known_times_of_the_tests_give_the_slices_and_more_confidence() -> None:
    evidence = silent_run()
    begun = (-0.005, 0.05, 0.11, 0.17)
    results = tuple(
        msgspec.structs.replace(result, started=at(start), stopped=at(start + 0.04))
        for result, start in zip(evidence.parts[0].results, begun, strict=True)
    )
    steps = tuple(asked(n, "GET", f"/health/{n}0000a", test=None, line=n) for n in range(5, 9))
    pings = tuple(served(n, 60, "GET", f"/health/{n}0000a", line=n + 50) for n in range(5, 9))
    tests = msgspec.structs.replace(evidence.parts[0], results=results, steps=steps)
    server = msgspec.structs.replace(evidence.parts[1], entries=evidence.parts[1].entries + pings)
    found = lineup(run(tests, server))
    assert [len(of(found, name)) for name in NAMES] == [2, 2, 2, 1]
    assert of(found, NAMES[1])[1].matches[0].basis == ("derived", "time")


def test_nothing_is_derived_for_tests_that_ran_side_by_side() -> None:
    evidence = silent_run()
    facts = (Fact(name="xdist_workers", value="4"),)
    tests = msgspec.structs.replace(evidence.parts[0], facts=facts)
    assert lineup(run(tests, evidence.parts[1])).steps == ()


def test_dots_tell_the_order_of_tests_that_only_the_summary_names() -> None:
    names = [f"tests/test_a.py::test_{n}" for n in range(4)]
    told = [failed(test=names[1]), failed(test=names[2]), passed(names[0]), passed(names[3])]
    results = [msgspec.structs.replace(result, line=10 * n if n < 2 else 40 + n) for n, result in enumerate(told)]
    evidence = run(client_part(*results, Fact(name="progress", value="tests/test_a.py .FF. [100%]")))
    ordered, more = in_order(evidence, assemble(evidence).tests)
    assert [test.test for test in ordered] == names
    assert more == 0


def test_the_tests_that_passed_unnamed_keep_their_places() -> None:
    evidence = run(client_part(failed(test="t.py::test_b"), Fact(name="progress", value=".F. [100%]")))
    ordered, _ = in_order(evidence, assemble(evidence).tests)
    assert [test.test for test in ordered] == ["", "t.py::test_b", ""]


def test_a_log_file_without_test_names_is_cut_by_order_and_the_words_of_failures() -> None:
    names = [f"tests/test_blobs.py::test_{name}" for name in ("short", "long", "unknown")]
    report = client_part(
        failed("blob 51123c12-note.txt cannot be read\nassert 404 == 200", test=names[0]),
        failed("blob 084238f9-note.txt cannot be read\nassert 404 == 200", test=names[1]),
        passed(names[2]),
        name="junit.xml",
    )
    log = client_part(
        asked(0, "POST", "/blobs", 201, test=None),
        asked(0, "GET", "/blobs/51123c12-note.txt", 404, test=None),
        asked(0, "POST", "/blobs", 201, test=None),
        asked(0, "GET", "/blobs/084238f9-note.txt", 404, test=None),
        asked(0, "GET", "/blobs/none.txt", 404, test=None),
        name="run.log",
    )
    found = lineup(run(msgspec.structs.replace(report, format="junit-xml"), log))
    assert [len(of(found, name)) for name in names] == [2, 2, 1]


def test_a_set_up_is_not_bounded_by_the_start_of_the_call() -> None:
    first = passed("t.py::test_a", started=at(0), stopped=at(1))
    second = failed(test="t.py::test_b", started=at(2), stopped=at(3))
    step = asked(None, "PUT", "/cars/7f3c1a", test="t.py::test_b", phase="setup")
    found = lineup(run(client_part(msgspec.structs.replace(step, after=at(1.9)), first, second)))
    assert found.steps[0].at_us == first.stopped.us + first.stopped.tick_us  # type: ignore[union-attr]
    assert found.steps[0].until_us == at(1.9).us + 1000


def test_a_line_without_what_differs_is_its_kind() -> None:
    assert kind_of_line("stored reading 1 for m-919066") == kind_of_line("stored reading 22 for m-af2479")
    assert kind_of_line("stored reading 1 for m-919066") != kind_of_line("listed 0 readings of m-919066")


def test_the_words_of_a_tests_parameters_tie_its_requests() -> None:
    found = lineup(
        run(
            client_part(
                asked(None, "PUT", "/motto", 200, test="t.py::test_shown[Half price]"),
                failed(test="t.py::test_shown[Half price]"),
            ),
            server_part(
                wrote(0.1, 7, "motto changed to 'Closed today'"),
                served(0.11, 7, "PUT", "/motto"),
                wrote(0.5, 8, "motto changed to 'Half price'"),
                served(0.51, 8, "PUT", "/motto"),
            ),
        )
    )
    assert pids(found, list(found.steps[:1])) == [8]


def test_the_traffic_of_others_is_not_made_into_the_steps_of_one_test() -> None:
    crowd = [served(n / 1000, 7, "GET", f"/cars/{n}") for n in range(MOST + 1)]
    found = lineup(run(client_part(failed()), server_part(*crowd)))
    assert of(found, TEST) == []
