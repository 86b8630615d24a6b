"""The read was served by another process than the write, and its answer lacks what was written.

Catches: state kept in one server process (a list, a session, a registry, a cache) that another process then misses.
Evidence needed: both processes known and different; a write that the read depends on; an answer that disagrees with it.
Looks the same but is not: shared state, where processes differ all the time and the answer is right or wrong for
another reason; a process that was replaced (lost_state); a read replica that lags.
Example: POST /cars/add on gunicorn[51463] answers 200, GET /cars on gunicorn[51465] answers 200 with one car too few.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.quoting import clause
from triage.core.verbs import REFUSED, spoken
from triage.core.words import shares_any

_KIND = VerdictKind.SPLIT_STATE
UNSEEN_CHANGE = 0.7
SYMPTOMS = (
    "no such table", "session id unknown", "could not find session", "unknown session", "invalid session", "csrf",
    "bad signature", "signature verification", "signature does not match", "invalid signature", "state mismatch",
    "invalid state", "unknown sid", "no such session", "session not found", "invalid_client",
)  # fmt: skip


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or case.failure.no_answer:
        return
    reader, writer = court.process(read), court.process(write)
    if reader is None or writer is None:
        return
    lines = court.lines(write, read)
    times = round(max(min(read.confidence, write.confidence) - 0.3, 0.0) / 0.7, 3)
    if case.relation != "baseline" and reader.index == writer.index:
        if not (read.known and write.known):
            return  # two guesses that agree prove nothing
        yield Finding(
            of=_KIND,
            kind="same_process",
            text=(
                f"{write.name} and {read.name} {court.served(write, read)} by {court.name(reader)}, and the test failed"
                " even so."
            ),
            times=round(max(2 * read.confidence * write.confidence - 1, 0.0), 3),
            lines=lines,
            contrast=True,
        )
        return
    weaker = min(write, read, key=lambda exchange: exchange.confidence)
    yield Finding(
        of=_KIND,
        kind="pid_switch",
        text=(f"{write.name} {court.served(weaker)} by {court.name(writer)}, {read.name} by {court.name(reader)}."),
        times=times,
        lines=lines,
    )
    if reader.host != writer.host:
        yield Finding(of=_KIND, kind="several_hosts", text=f"They ran on two hosts, {writer.host} and {reader.host}.")
    yield from _disagreement(case, court)


def _disagreement(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None:
        return
    if case.kin < 0.6:
        yield Finding(
            of=_KIND,
            kind="weak_relation",
            text=f"Nothing but their order ties {read.name} to {write.name}.",
        )
    status = read.status
    said = f"{court.texts(case)}\n{case.failure.said}"
    if (status is None or status >= 400) and shares_any(said, SYMPTOMS):
        yield Finding(
            of=_KIND,
            kind="split_symptom",
            text="That is what a process says which was never told: " + _quoted(said),
            lines=court.lines(read),
            contrast=True,
        )
    if status in (401, 403, 404, 409, 410) or (status in (302, 303, 400, 419) and case.relation in ("session", "form")):
        yield Finding(
            of=_KIND,
            kind="answer_lacks_write",
            text=f"{read.name} answered {status} although {write.name} had gone well just before.",
            times=0.3 if status == 404 and not court.ever_well_under(read.path) else 1.0,
            lines=court.lines(read),
        )
    elif case.relation == "session" and case.failure.want in (401, 403) and read.ok:
        yield Finding(
            of=_KIND,
            kind="answer_lacks_write",
            text=f"{read.name} was let in although {write.name} should have ended that.",
            lines=court.lines(read),
        )
    elif case.relation == "broadcast":
        yield Finding(
            of=_KIND,
            kind="answer_lacks_write",
            text=f"{read.name} was listening and heard nothing of {write.name}.",
            lines=court.lines(read),
        )
    elif status is None and REFUSED in spoken(read.text):
        yield Finding(
            of=_KIND,
            kind="answer_lacks_write",
            text=f"{read.name} was refused although {write.name} had gone well just before.",
            lines=court.lines(read),
        )
    elif not (case.failure.test_broke or case.failure.code_error):
        yield Finding(
            of=_KIND,
            kind="answer_differs",
            text=f"{read.name} was answered, but not with what the test expected after {write.name}.",
            # A change that is not seen is as often a change that was never saved; one address for all tells nothing.
            times=UNSEEN_CHANGE
            if case.relation == "object" or (read.kind == write.kind and not case.failure.symptom)
            else 1.0,
            lines=court.lines(read),
        )


def _quoted(text: str) -> str:
    lowered = text.lower()
    return f"“{clause(text, next(word for word in SYMPTOMS if word in lowered))}”."
