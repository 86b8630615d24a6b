"""One verdict a failing test: detectors speak, their weights add up by cause, a softmax says how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import exp

import msgspec

from triage.core import mechanism as mechanisms
from triage.core.advice import advise, confirm
from triage.core.case import Case, Exchange
from triage.core.completed import complete
from triage.core.court import Court, Finding
from triage.core.detectors.registry import DETECTORS
from triage.core.findings import (
    End,
    Evidence,
    Level,
    Mechanism,
    Verdict,
    VerdictKind,
    VerdictSide,
)
from triage.core.lineup import Scene
from triage.core.pairing import pair
from triage.core.weights import PRIOR, calibrated
from triage.core.wording import missing, summarise

LIKELY = 0.75
ACCUSING = (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)
NAMED_FROM = 0.5  # a cause that is named is likelier than all its rivals together
ACCUSED_FROM = 0.55  # and an accusation not by a hair
UNOPPOSED = 0.89  # of an accusation whose rivals nothing speaks against
ACQUITS = 1.0  # log-odds against a split that say more than that it is not proven
UNACQUITTED = 0.7  # of a failure that nothing ties to a process, where nothing says either that processes do not matter
SETTLED = 2.0  # log-odds of what the rest of the run shows, from which on it matters less who answered this test
CEILING = 0.97  # one run never proves more
_SHOWN = 12
_EITHER = ("answer_lacks_write", "answer_differs", "weak_relation")  # said of split_state, true of lost_state as well
NAMELESS = ("done_by_every_process", "connection_shared")  # causes for which the list of mechanisms has no word
_ALONE = ("same_process", "one_process")
_TOGETHER = ("same_process", "sibling_same_process_failed")  # a write and a read that met one process
Cause = tuple[VerdictKind, VerdictSide]  # split state on the server's side and between test processes are rivals
CONSISTENT = (VerdictKind.CONSISTENT_FAILURE, VerdictSide.SERVER)
UNKNOWN = (VerdictKind.UNEXPLAINED, VerdictSide.SERVER)
SPLIT = (VerdictKind.SPLIT_STATE, VerdictSide.SERVER)
LOST = (VerdictKind.LOST_STATE, VerdictSide.SERVER)


def diagnose(scene: Scene, court: Court | None = None) -> tuple[Verdict, ...]:
    """One verdict per failed or errored test, in the order of the tests; `court` is the scene's, where there is one."""
    return tuple(_verdict(each) for each in weighed(scene, court))


def court_of(scene: Scene) -> Court:
    """The evidence as verdicts look at it, with what both sides' lines say of a request put together."""
    return Court(complete(scene))


class Weighing(msgspec.Struct, frozen=True):
    """One failing test with all that was found, the likeliest cause, and its share of the softmax."""

    case: Case
    court: Court
    findings: list[Finding]
    cause: Cause
    chance: float


def weighed(scene: Scene, court: Court | None = None) -> Iterator[Weighing]:
    """What is found on each failed or errored test, in the order of the tests, before confidence is calibrated."""
    court = court or court_of(scene)
    paired = (pair(test, court.failure(test), court.exchanges.of(test)) for test in court.failing)
    cases = [court.told_apart(case) for case in paired]
    court.prepare(cases)
    for case in cases:
        findings = [finding for detect in DETECTORS for finding in detect(case, court)]
        yield Weighing(case, court, findings, *_likeliest(findings))


def _scores(findings: list[Finding]) -> dict[Cause, float]:
    total: dict[Cause, float] = defaultdict(float)
    for finding in findings:
        total[finding.of, finding.side] += finding.weight
    scores = {
        (kind, VerdictSide.SERVER): prior + total.get((kind, VerdictSide.SERVER), 0.0) for kind, prior in PRIOR.items()
    }
    between = (VerdictKind.SPLIT_STATE, VerdictSide.TEST)
    scores[between] = PRIOR[VerdictKind.SPLIT_STATE] + total.get(between, 0.0)
    # Where the holder of the state is known to be gone, a switch of processes is its consequence, not a rival.
    if any(finding.kind == "holder_ended" for finding in findings):
        scores[LOST] += sum(finding.weight for finding in findings if finding.kind in _EITHER)
        scores[SPLIT] -= 3.0
    # What every process does by itself is done twice, whichever of them is asked.
    if any(finding.kind == "done_by_every_process" for finding in findings):
        scores[SPLIT] -= sum(finding.weight for finding in findings if finding.kind in _TOGETHER)
    # Where the state is known to be shared, it does not matter which process answered.
    acquitting = sum(f.weight for f in findings if f.contrast and f.weight < 0 and f.kind not in _ALONE)
    unknown = sum(finding.weight for finding in findings if finding.kind == "process_unknown")
    if acquitting < -SETTLED:
        scores[UNKNOWN] -= 0.8 * unknown
    # And where the run shows that each process keeps its own, a 404 is hardly a riddle because one PID is missing.
    elif sum(f.weight for f in findings if f.contrast and f.of is VerdictKind.SPLIT_STATE) > SETTLED:
        scores[UNKNOWN] -= 0.5 * unknown
    return scores


def _probabilities(scores: dict[Cause, float]) -> dict[Cause, float]:
    top = max(scores.values())
    weights = {kind: exp(score - top) for kind, score in scores.items()}
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def _likeliest(findings: list[Finding]) -> tuple[Cause, float]:
    """The cause to name, and its chance; what stays open is unexplained."""
    chances = _probabilities(_scores(findings))
    cause = max(chances, key=lambda each: chances[each])
    least = ACCUSED_FROM if cause[0] in ACCUSING else NAMED_FROM
    if chances[cause] < least or (cause == CONSISTENT and not _supported(findings)):
        rest = [chance for each, chance in chances.items() if each not in (UNKNOWN, CONSISTENT)]
        return UNKNOWN, max(1 - max(rest), NAMED_FROM)
    return cause, chances[cause]


def _verdict(weighing: Weighing) -> Verdict:
    case, court, findings, cause = weighing.case, weighing.court, weighing.findings, weighing.cause
    kind = cause[0]
    confidence = min(calibrated(kind, weighing.chance), CEILING)
    mine = [finding for finding in findings if (finding.of, finding.side) == cause]
    for_it = [finding for finding in mine if finding.weight > 0]
    against = any(finding.weight < -0.3 for finding in mine)
    accusing = kind in ACCUSING
    told_apart = any(finding.contrast for finding in for_it) and not against
    acquitted = cause != CONSISTENT or _acquitted(findings)
    if not acquitted:
        confidence = min(confidence, UNACQUITTED)
    # How often such accusations were right says less of the next one than its own evidence does.
    sure = min(confidence, weighing.chance) if accusing else confidence
    likely = sure >= LIKELY and acquitted and (told_apart or not accusing) and kind is not VerdictKind.UNEXPLAINED
    if accusing and not likely:
        confidence = min(confidence, UNOPPOSED)
    side = cause[1] if accusing else None
    mechanism = _mechanism(cause, case, court, for_it)
    ends = accusing and case.read is not None and case.write is not None
    return Verdict(
        test=case.test.test,
        outcome=case.test.outcome,
        message=case.test.message,
        kind=kind,
        level=Level.LIKELY if likely else Level.SUSPECTED,
        confidence=round(confidence, 3),
        summary=summarise(kind, side, case, court, findings, likely),
        side=side,
        mechanism=mechanism,
        write=_end(case.write, court) if ends else None,
        read=_end(case.read, court) if ends else None,
        evidence=_evidence(cause, findings),
        advice=advise(kind, mechanism),
        confirm=confirm(kind, mechanism, court, case.test.test),
        missing=missing(case, court) if kind is VerdictKind.UNEXPLAINED or not likely else "",
    )


def _supported(findings: list[Finding]) -> bool:
    """Whether anything says that processes do not matter: that nothing says they do is not enough."""
    return any(
        finding.weight > 0
        if finding.of is VerdictKind.CONSISTENT_FAILURE
        else finding.of is VerdictKind.SPLIT_STATE and finding.weight <= -ACQUITS
        for finding in findings
    )


def _acquitted(findings: list[Finding]) -> bool:
    """Whether anything says more than that no write is known."""
    return any(
        (finding.of is VerdictKind.SPLIT_STATE and finding.weight <= -ACQUITS) or finding.kind == "refused_by_rule"
        for finding in findings
    )


def _mechanism(cause: Cause, case: Case, court: Court, findings: list[Finding]) -> Mechanism | None:
    if cause[0] not in ACCUSING:
        return None
    named = max(
        (finding for finding in findings if finding.mechanism is not None), key=lambda each: each.weight, default=None
    )
    if named is not None or cause[0] is VerdictKind.LOST_STATE:
        return named.mechanism if named is not None else None
    if any(finding.kind in NAMELESS for finding in findings):
        return None
    reader, writer = court.process(case.read), court.process(case.write)
    hosts = reader is not None and writer is not None and reader.host != writer.host
    return mechanisms.of_split(case, court.texts(case), hosts)


def _end(exchange: Exchange | None, court: Court) -> End | None:
    if exchange is None:
        return None
    process = court.process(exchange)
    return End(
        method=exchange.method,
        path=exchange.path,
        host=process.host if process is not None else "",
        unit=process.unit if process is not None else "",
        pid=process.pid if process is not None else None,
        at_us=exchange.at,
        step=exchange.step,
        served=exchange.served,
        process=exchange.process,
        line=court.exchanges.line_of(exchange.served) if exchange.served is not None else None,
    )


def _evidence(cause: Cause, findings: list[Finding]) -> tuple[Evidence, ...]:
    """What spoke for and against this verdict: its own findings, and those of its rivals, which speak against it."""
    shown = []
    for finding in findings:
        own = (finding.of, finding.side) == cause or (cause == LOST and finding.kind in _EITHER)
        weight = finding.weight if own else -finding.weight
        if abs(weight) >= 0.05:
            shown.append(Evidence(kind=finding.kind, text=finding.text, weight=round(weight, 2), lines=finding.lines))
    shown.sort(key=lambda evidence: -abs(evidence.weight))
    return tuple(shown[:_SHOWN])
