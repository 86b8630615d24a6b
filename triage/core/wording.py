"""Verdicts in sentences that a person can read aloud."""

from __future__ import annotations

from triage.core.audit.lines import Line, pid_line
from triage.core.audit.processes_told import NO_PID, PARENT
from triage.core.case import Case
from triage.core.court import SURE, Court, Finding
from triage.core.findings import Process, VerdictKind, VerdictSide
from triage.core.records import Life, Outcome
from triage.core.servers import serving

# Findings that say it all: what happened is not that a write was not seen.
TELLING = ("lacks_what_others_have", "done_by_every_process", "two_releases_answered", "connection_shared")


def summarise(
    kind: VerdictKind, side: VerdictSide | None, case: Case, court: Court, findings: list[Finding], likely: bool
) -> str:
    """One sentence on why the test failed, from all findings on it."""
    mine = [finding for finding in findings if finding.of is kind and finding.side is (side or VerdictSide.SERVER)]
    best = max((finding for finding in mine if finding.weight > 0), key=lambda each: each.weight, default=None)
    if kind is VerdictKind.SPLIT_STATE:
        return _split(side, case, court, mine, likely or any(f.kind == "answer_lacks_write" for f in mine))
    if kind is VerdictKind.LOST_STATE:
        return _lost(case, court)
    if best is not None and kind in (
        VerdictKind.SERVER_ERROR,
        VerdictKind.SERVER_UNAVAILABLE,
        VerdictKind.TEST_ERROR,
    ):
        return best.text
    if kind is VerdictKind.CONSISTENT_FAILURE:
        return _consistent(case, court, findings)
    if kind is VerdictKind.UNEXPLAINED:
        return _unexplained(case, court, best)
    return "The evidence does not say why this test failed."


def missing(case: Case, court: Court) -> str:
    """What the logs would have to say, with the line that makes them say it."""
    if not court.lineup.served:
        return "The server's log of the time of the run: `journalctl -o json --since … -u SERVICE`, or its access log."
    if case.read is None:
        return (
            "The requests of the test: run `pytest --log-level=DEBUG --report-log=report.jsonl` and upload both "
            "outputs."
        )
    unknown = case.read.process is None or (case.write is not None and case.write.process is None)
    if unknown and not court.processes_are_told:
        parents = court.scene.population.parent_pids
        return closed(PARENT if parents else NO_PID, pid_line(serving(court.scene.servers)))
    unsure = any(each is not None and each.confidence < SURE for each in (case.write, case.read))
    if unsure and court.processes_are_told:
        return (
            "Which of the server's lines belong to this test: the requests of the tests that passed as well, with their"
            " times (`pytest --log-level=DEBUG --report-log=report.jsonl`), or a request id on both sides."
        )
    if unknown:
        return "Which process served each request: its PID in each line, and times finer than a second on both sides."
    if len({each.served for each in case.exchanges}) < 2 or court.passed == 0:
        return "A run of this test against a single server process, and its requests in a run in which it passes."
    passed = {test.test for test in court.lineup.tests if test.outcome is Outcome.PASSED}
    if not any(step.request is not None and step.test in passed for step in court.lineup.steps):
        return "The requests of the tests that passed: `pytest --log-level=DEBUG --report-log=report.jsonl`."
    return "More runs of this test, or one against a single server process: these logs tell all that one run can."


def closed(lack: str, line: Line) -> str:
    """What is lacking with the line that adds it, where that is one line; the gaps of the run hold longer ones."""
    if "\n" in line.text:
        return f"{lack} What adds it goes into {line.where}."
    return f"{lack} Add it: `{line.text}` in {line.where}."


def _split(side: VerdictSide | None, case: Case, court: Court, mine: list[Finding], sure: bool) -> str:
    read, write = case.read, case.write
    best = max((finding for finding in mine if finding.weight > 0), key=lambda each: each.weight, default=None)
    if side is VerdictSide.TEST:
        return best.text if best is not None else "Another test process changed what this test relied on."
    telling = next((finding for finding in mine if finding.kind in TELLING), best)
    if telling is not None and telling.kind in TELLING:
        return telling.text
    if read is None or write is None:
        return best.text if best is not None else "What one process wrote another process could not see."
    writer, reader = court.process(write), court.process(read)
    if case.relation == "baseline":
        return (
            f"{read.name} was served by {court.name(reader)} first and by {court.name(writer)} later, and the "
            "two disagree."
        )
    if case.relation == "repeat":
        return (
            f"{write.name} was served by {court.name(writer)} and again by {court.name(reader)},"
            " which knew nothing of the first time."
        )
    how = "which never saw it" if sure else "which seems never to have seen it"
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
    weaker = min(write, read, key=lambda exchange: exchange.confidence)
    return f"{write.name} {court.served(weaker)} by {court.name(writer)}, {read.name} by {court.name(reader)}, {how}."


def _lost(case: Case, court: Court) -> str:
    read, write = case.read, case.write
    if read is None or write is None:
        return "The process that held the state was replaced between the write and the read."
    writer, reader = court.process(write), court.process(read)
    return (
        f"{write.name} was served by {court.name(writer)}, which {_ended(writer)} before {read.name} reached "
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


def _consistent(case: Case, court: Court, findings: list[Finding]) -> str:
    read = case.read
    if read is None:
        return "The test failed on its own expectation; no server process is suspected."
    reader = court.process(read)
    by = f" by {court.name(reader)}" if reader is not None else ""
    if case.write is not None and reader is not None and case.write.process == read.process:
        both = court.served(case.write, read)
        return f"{case.write.name} and {read.name} {both}{by}, so this does not depend on the process."
    status = f" with {read.status}" if read.status is not None else ""
    answered = f"{read.name} was answered{status}{by}"
    refused = next((finding for finding in findings if finding.kind == "refused_by_rule"), None)
    if refused is not None:
        return refused.text
    # What sets the verdict apart is what speaks against a split, not that nothing speaks for one.
    against = [f for f in findings if f.of is VerdictKind.SPLIT_STATE and f.contrast and f.weight < -1]
    if against:
        text = min(against, key=lambda finding: finding.weight).text
        return f"{answered}; {_going_on(text)}"
    return f"{answered}, and nothing in these logs ties that answer to one process."


def _unexplained(case: Case, court: Court, best: Finding | None) -> str:
    if best is None and case.read is not None:
        reader, writer = court.process(case.read), court.process(case.write)
        if case.write is None or reader is None or writer is None or reader is writer:
            return f"Nothing in these logs explains the answer to {case.read.name}."
        weaker = min(case.write, case.read, key=lambda exchange: exchange.confidence)
        return (
            f"{case.write.name} {court.served(weaker)} by {court.name(writer)}, {case.read.name} by "
            f"{court.name(reader)}; whether that matters these logs do not say."
        )
    if best is None:
        return "These logs do not decide between several causes."
    if best.kind == "process_unknown" and case.read is not None and case.write is not None:
        unknown = next((each for each in (case.write, case.read) if each.process is None), None)
        which = unknown or min((case.write, case.read), key=lambda each: each.confidence)
        surely = "" if unknown is not None else " surely enough"
        return f"These logs do not say{surely} which process served {which.name}, so they cannot decide."
    if best.kind == "no_server_lines":
        return "These logs do not say why: they hold no request of the server's side."
    return "These logs do not say why: they do not tell which requests the test made."


def _going_on(sentence: str) -> str:
    """A sentence as it goes on after another one: methods and names keep their capitals."""
    first = sentence.split(" ", 1)[0]
    return sentence if first[1:] != first[1:].lower() else f"{sentence[0].lower()}{sentence[1:]}"
