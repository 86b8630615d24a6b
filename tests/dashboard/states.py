"""One report for every state of the run page."""

from __future__ import annotations

from collections.abc import Callable

from tests.dashboard.build import GET, NOON, POST, SUMMARY, TEST, WHY, Build, original
from triage.core.findings import Level, Mechanism, VerdictKind, VerdictSide
from triage.core.records import SECOND, Life, Outcome, Request

HOSTILE = "<script>alert(1)</script> \x1b[31mred\x1b[0m \u202eevil\u202c <img src=x onerror=alert(1)> \x00 & ' \""


def lost_state() -> Build:
    b = Build()
    old = b.process(700, died_us=NOON + SECOND, ended_by=Life.KILL, ended_reason="SIGKILL")
    new = b.process(911, born_us=NOON + 1_400_000)
    write = b.serve(old, 0.2, POST)
    read = b.serve(new, 2.0, GET)
    w = b.step("add car", 0.2, served=write, request=POST)
    r = b.step("fetch cars", 2.0, served=read, request=GET)
    b.test(Outcome.FAILED, "assert 'figo' in []")
    b.verdict(
        VerdictKind.LOST_STATE, "gunicorn[700] held the car and was killed before gunicorn[911] was asked for it.",
        side=VerdictSide.SERVER, mechanism=Mechanism.WORKER_KILLED, write=b.end(served=write, step=w),
        read=b.end(served=read, step=r), evidence=WHY[:1],
    )  # fmt: skip
    return b


def server_error() -> Build:
    b = Build(offset_s=0.004)
    p = b.process(33)
    bad = b.serve(p, 0.5, Request(method="GET", path="/export", status=500), line="Traceback …", error=True)
    b.step("GET /export", 0.5, served=bad, request=Request(method="GET", path="/export", status=500))
    b.test(Outcome.FAILED, "assert 500 == 200")
    b.verdict(
        VerdictKind.SERVER_ERROR,
        "GET /export raised ZeroDivisionError in gunicorn[33].",
        read=b.end(served=bad, step=0),
    )
    return b


def server_unavailable() -> Build:
    b = Build()
    p = b.process(33, died_us=NOON + 31 * SECOND, ended_by=Life.TIMEOUT)
    b.serve(p, 0.0, GET)
    b.step("GET /slow", 1.0, request=Request(method="GET", path="/slow"))
    b.test(Outcome.ERROR, "requests.exceptions.ConnectionError: Connection aborted", stopped_us=NOON + 32 * SECOND)
    b.verdict(VerdictKind.SERVER_UNAVAILABLE, "GET /slow got no answer: gunicorn[33] was stopped after 30 s.")
    return b


def consistent_failure() -> Build:
    return original(
        kind=VerdictKind.CONSISTENT_FAILURE,
        summary="GET /cars answered the wrong price in every worker that served it.",
    )


def test_error() -> Build:
    b = Build()
    b.process(1)
    b.step("fixture 'car' not found", 0.0, mark="fail")
    b.test(Outcome.ERROR, "fixture 'car' not found")
    b.verdict(VerdictKind.TEST_ERROR, "The fixture “car” does not exist; no request was sent.", level=Level.CONFIRMED)
    return b


test_error.__test__ = False  # type: ignore[attr-defined]


def unexplained() -> Build:
    b = Build()
    p = b.process(None)
    one = b.serve(p, 0.0, None, line="a line without a PID")
    b.step("POST /cars/add", 0.0, served=one, confidence=0.4, request=POST)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(
        VerdictKind.UNEXPLAINED, "The server log names no process, so it cannot be told who served what.",
        level=Level.SUSPECTED, confidence=0.5,
        missing="One line makes it tell: gunicorn --access-logformat '%(p)s %(t)s \"%(r)s\" %(s)s'",
    )  # fmt: skip
    return b


def xdist() -> Build:
    b = Build()
    p = b.process(10)
    a = b.serve(p, 0.0, Request(method="POST", path="/reset", status=204))
    c = b.serve(p, 0.4, GET)
    b.step("reset the database", 0.0, served=a, test="tests/test_a.py::test_a", worker="gw0")
    b.step("fetch cars", 0.4, served=c, worker="gw1")
    b.test(Outcome.PASSED, test="tests/test_a.py::test_a", worker="gw0")
    b.test(Outcome.FAILED, "assert [] == [1]", worker="gw1")
    b.verdict(
        VerdictKind.SPLIT_STATE, "gw0 reset the database while gw1 read from it.", side=VerdictSide.TEST,
        mechanism=Mechanism.XDIST, write=b.end(step=0), read=b.end(step=1),
    )  # fmt: skip
    return b


def passed() -> Build:
    b = Build()
    for i, pid in enumerate((51, 52)):
        p = b.process(pid)
        name = f"tests/test_cars.py::test_{i}"
        b.step("GET /cars", float(i), served=b.serve(p, float(i), GET), test=name, request=GET)
        b.step("checked", i + 0.5, test=name)
        b.test(Outcome.PASSED, test=name)
    return b


def no_server() -> Build:
    b = Build()
    b.step("POST /cars/add", 0.0, request=POST)
    b.step("GET /cars", 1.0, request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(
        VerdictKind.UNEXPLAINED, "No server log came with this run, so it cannot be told who served the requests.",
        level=Level.SUSPECTED, confidence=0.5, missing="Upload the journal of the server with the same run_key.",
    )  # fmt: skip
    return b


def one_process() -> Build:
    b = Build()
    p = b.process(7)
    b.step("add", 0.0, served=b.serve(p, 0.0, POST), request=POST)
    b.step("list", 0.02, served=b.serve(p, 0.02, GET), request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(VerdictKind.CONSISTENT_FAILURE, "GET /cars answered 4 cars in the process that had added the fifth.")
    return b


def forty_processes() -> Build:
    b = Build()
    ps = [b.process(1000 + i) for i in range(40)]
    for i in range(400):
        b.serve(ps[i % 40], i * 0.01, GET)
    w = b.serve(ps[17], 1.0, POST)
    r = b.serve(ps[31], 2.0, GET)
    ws, rs = b.step("add", 1.0, served=w, request=POST), b.step("list", 2.0, served=r, request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(
        VerdictKind.SPLIT_STATE, "POST /cars/add was served by gunicorn[1017], GET /cars by gunicorn[1031].",
        side=VerdictSide.SERVER, mechanism=Mechanism.IN_MEMORY,
        write=b.end(served=w, step=ws), read=b.end(served=r, step=rs),
    )  # fmt: skip
    return b


def two_hosts() -> Build:
    b = Build(offset_s=-1378.7, hosts=("web-1", "web-2"), slack_s=0.3)
    one, two = b.process(51, host="web-1"), b.process(51, host="web-2")
    w, r = b.serve(two, 0.1, POST), b.serve(one, 0.9, GET)
    ws, rs = b.step("add", 0.1, served=w, request=POST), b.step("list", 0.9, served=r, request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(
        VerdictKind.SPLIT_STATE, "POST /cars/add went to web-2, GET /cars to web-1, which has its own storage.",
        side=VerdictSide.SERVER, mechanism=Mechanism.REPLICA,
        write=b.end(served=w, step=ws), read=b.end(served=r, step=rs),
    )  # fmt: skip
    return b


def busy(requests: int = 5000) -> Build:
    b = Build()
    ps = [b.process(2000 + i) for i in range(8)]
    for i in range(requests):
        b.serve(ps[i * 7 % 8], i * 60 / requests, GET)
    w = r = 0
    for i in range(120):
        one = b.serve(ps[i % 8], i * 0.5, POST if i == 40 else GET)
        step = b.step(f"request {i}", i * 0.5, served=one, request=POST if i == 40 else GET)
        w, r = (step, r) if i == 40 else (w, step) if i == 43 else (w, r)
    b.test(Outcome.FAILED, "assert 4 == 5")
    sw, sr = b.steps[w].matches[0].served, b.steps[r].matches[0].served
    b.verdict(
        VerdictKind.SPLIT_STATE, "POST /cars/add was served by gunicorn[2000], GET /cars by gunicorn[2003].",
        side=VerdictSide.SERVER, mechanism=Mechanism.IN_MEMORY,
        write=b.end(served=sw, step=w), read=b.end(served=sr, step=r),
    )  # fmt: skip
    return b


def no_stamps() -> Build:
    b = Build()
    one, two = b.process(1), b.process(2)
    w, r = b.serve(one, 0.0, POST), b.serve(two, 0.03, GET)
    b.step("Starting", None)
    ws = b.step("add", None, served=w, request=POST)
    rs = b.step("list", None, served=r, request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(
        VerdictKind.SPLIT_STATE, "POST /cars/add was served by gunicorn[1], GET /cars by gunicorn[2].",
        side=VerdictSide.SERVER, write=b.end(served=w, step=ws), read=b.end(served=r, step=rs),
    )  # fmt: skip
    return b


def nothing_stamped() -> Build:
    b = Build()
    for i in range(5):
        b.step(f"a step without a time {i}", None)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(VerdictKind.UNEXPLAINED, "Neither log carries a time.", level=Level.SUSPECTED, confidence=0.5)
    return b


def long_names() -> Build:
    long = "x" * 300
    b = Build(hosts=(f"host-{long}",))
    one, two = (b.process(4194303 - i, host=f"host-{long}", unit=f"unit-{long}") for i in range(2))
    request = Request(method="GET", path=f"/a/{long}/b?c", status=200)
    w, r = b.serve(one, 0.0, request), b.serve(two, 1.0, request)
    test = f"tests/test_{long}.py::test_{long}[{long}]"
    ws, rs = b.step(long, 0.0, served=w, request=request, test=test), b.step(long, 1.0, served=r, test=test)
    b.test(Outcome.FAILED, long, test=test)
    b.verdict(
        VerdictKind.SPLIT_STATE, f"GET {request.path} was served by {long}[4194303] and {long}[4194302].",
        side=VerdictSide.SERVER, write=b.end(served=w, step=ws), read=b.end(served=r, step=rs),
    )  # fmt: skip
    return b


def hostile() -> Build:
    b = Build(hosts=(HOSTILE,))
    one, two = b.process(1, host=HOSTILE, unit=HOSTILE), b.process(2, host=HOSTILE, unit="</title><b>")
    request = Request(method="G<b>", path=f"/{HOSTILE}", status=200)
    w, r = b.serve(one, 0.0, request, line=HOSTILE), b.serve(two, 1.0, None, line=HOSTILE)
    test = f"tests/test_x.py::test[{HOSTILE}]"
    ws, rs = b.step(HOSTILE, 0.0, served=w, request=request, test=test), b.step(HOSTILE, 1.0, served=r, test=test)
    b.step(HOSTILE, 2.0, test=test, mark="fail")
    b.test(Outcome.FAILED, HOSTILE, test=test, detail=HOSTILE)
    b.verdict(
        VerdictKind.SPLIT_STATE, HOSTILE, side=VerdictSide.SERVER, write=b.end(served=w, step=ws),
        read=b.end(served=r, step=rs), advice=HOSTILE, confirm=HOSTILE, missing=HOSTILE,
    )  # fmt: skip
    b.remarks = (HOSTILE,)
    return b


def many_failures() -> Build:
    b = original()
    kinds = [k for k in VerdictKind if k is not VerdictKind.SPLIT_STATE]
    for i in range(14):
        b.test(
            Outcome.FAILED,
            f"assert {i}",
            test=f"tests/test_many.py::test_case_{i}",
            started_us=NOON + i * SECOND // 4,
            stopped_us=NOON + i * SECOND // 4 + SECOND,
        )
        b.verdict(kinds[i % len(kinds)], f"Case {i} failed for a reason of its own.", confidence=0.7)
    b.test(Outcome.PASSED, test="tests/test_many.py::test_fine", started_us=NOON, stopped_us=NOON + 2 * SECOND)
    return b


STATES: dict[str, Callable[[], Build]] = {
    "original": original,
    "offset": lambda: original(offset_s=-1378.7),
    "lost_state": lost_state,
    "server_error": server_error,
    "server_unavailable": server_unavailable,
    "consistent_failure": consistent_failure,
    "test_error": test_error,
    "unexplained": unexplained,
    "xdist": xdist,
    "passed": passed,
    "no_server": no_server,
    "one_process": one_process,
    "forty_processes": forty_processes,
    "two_hosts": two_hosts,
    "busy": busy,
    "no_stamps": no_stamps,
    "nothing_stamped": nothing_stamped,
    "long_names": long_names,
    "hostile": hostile,
    "many_failures": many_failures,
}
__all__ = ["HOSTILE", "STATES", "SUMMARY", "TEST"]
