"""Verdicts in sentences that a person can read aloud."""

from __future__ import annotations

from triage.core.case import Case, Exchange
from triage.core.finding import Court, Finding
from triage.core.findings import Process, VerdictKind, VerdictSide
from triage.core.records import Life

_LIMIT = 160


def summarise(kind: VerdictKind, side: VerdictSide | None, case: Case, court: Court, findings: list[Finding]) -> str:
    """One sentence on why the test failed."""
    mine = [finding for finding in findings if finding.of is kind and finding.weight > 0]
    best = max(mine, key=lambda finding: finding.weight, default=None)
    if kind is VerdictKind.SPLIT_STATE:
        return _split(side, case, court, best)
    if kind is VerdictKind.LOST_STATE:
        return _lost(case, court)
    if best is not None and kind in (
        VerdictKind.SERVER_ERROR,
        VerdictKind.SERVER_UNAVAILABLE,
        VerdictKind.TEST_ERROR,
    ):
        return best.text
    if kind is VerdictKind.CONSISTENT_FAILURE:
        return _consistent(case, court)
    if kind is VerdictKind.UNEXPLAINED:
        return _unexplained(best)
    return "The evidence does not say why this test failed."


def name(exchange: Exchange) -> str:
    """`POST /cars/add`, or the step's own words in quotes."""
    return exchange.name if len(exchange.name) <= _LIMIT else exchange.name[: _LIMIT - 1] + "…"


def missing(case: Case, court: Court) -> str:
    """What the logs would have to say, with the line that makes them say it."""
    if not court.lineup.served:
        return "The server's log of the time of the run: `journalctl -o json --since … -u SERVICE`, or its access log."
    if case.read is None:
        return (
            "The requests of the test: run `pytest --log-level=DEBUG --report-log=report.jsonl` and upload both "
            "outputs."
        )
    for remark in court.lineup.remarks:
        if "PID" in remark:
            return remark
    if case.read.process is None or (case.write is not None and case.write.process is None):
        return (
            "Which process served each request: gunicorn"
            " `--access-logformat 'pid=%(p)s %(h)s %(t)s \"%(r)s\" %(s)s %(b)s %(D)s'`, uvicorn a formatter with"
            " `%(process)d`, or `journalctl -o json`; and times finer than a second on both sides."
        )
    if len({each.served for each in case.exchanges}) < 2 or court.passed == 0:
        return "More of the same: runs of this test that pass, and one run with a single server process."
    return "The requests of the tests that passed: `pytest --log-level=DEBUG --report-log=report.jsonl`."


def _split(side: VerdictSide | None, case: Case, court: Court, best: Finding | None) -> str:
    read, write = case.read, case.write
    if side is VerdictSide.TEST:
        return best.text if best is not None else "Another test process changed what this test relied on."
    if read is None or write is None:
        return "What one process wrote another process could not see."
    writer, reader = court.process(write), court.process(read)
    if case.relation == "baseline":
        return (
            f"{name(read)} was served by {court.name(reader)} first and by {court.name(writer)} later, and the "
            "two disagree."
        )
    if case.relation == "repeat":
        return (
            f"{name(write)} was served by {court.name(writer)} and again by {court.name(reader)},"
            " which knew nothing of the first time."
        )
    how = "which never saw it"
    if case.relation == "session":
        how = "which did not accept it"
    elif case.relation == "form":
        how = "which did not know it"
    elif case.relation == "object" and read.ok and write.method in ("PUT", "PATCH"):
        how = "which still had the old value"
    elif case.relation == "counter":
        how = "which had not counted it"
    elif case.relation == "broadcast":
        how = "which had nothing to pass on"
    elif case.relation in ("setting", "only"):
        how = "which seems not to have heard of it"
    return f"{name(write)} was served by {court.name(writer)}, {name(read)} by {court.name(reader)}, {how}."


def _lost(case: Case, court: Court) -> str:
    read, write = case.read, case.write
    if read is None or write is None:
        return "The process that held the state was replaced between the write and the read."
    writer, reader = court.process(write), court.process(read)
    return (
        f"{name(write)} was served by {court.name(writer)}, which {_ended(writer)} before {name(read)} reached "
        f"{court.name(reader)}."
    )


def _ended(process: Process | None) -> str:
    if process is None:
        return "ended"
    return {
        Life.RECYCLE: "was recycled",
        Life.KILL: "was killed",
        Life.CRASH: "crashed",
        Life.TIMEOUT: "was stopped by its master for taking too long",
    }.get(process.ended_by or Life.EXIT, "ended")


def _consistent(case: Case, court: Court) -> str:
    read = case.read
    if read is None:
        return "The test failed on its own expectation; no server process is suspected."
    status = f" with {read.status}" if read.status is not None else ""
    reader = court.process(read)
    by = f" by {court.name(reader)}" if reader is not None else ""
    if case.write is not None and reader is not None and case.write.process == read.process:
        return f"{name(case.write)} and {name(read)} were both answered{by}, so this does not depend on the process."
    return (
        f"{name(read)} was answered{status}{by}, and nothing suggests that another process would have answered "
        "otherwise."
    )


def _unexplained(best: Finding | None) -> str:
    if best is None:
        return "The evidence does not decide between several causes."
    return best.text
