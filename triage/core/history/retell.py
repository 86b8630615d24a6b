"""A verdict told again with its history: the run's own sentence where it stands, and the figures of all runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from triage.core.advice import advise
from triage.core.findings import Evidence, Level, Verdict, VerdictKind, VerdictSide
from triage.core.history.grounds import Ground, grounds, read_out
from triage.core.history.opinions import counted, mechanism_of
from triage.core.history.period import Period, Seen
from triage.core.history.records import ExperimentKind, Occasion, Pair, Table
from triage.core.history.wording import MADE_WITH, percent, runs, told

_ACCUSING = (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)
_DIFFERENT, _SAME = "where write and read met different processes", "where they met the same"
_ALWAYS_SAME = "where write and read met the same process"
_REPLACED, _KEPT = "where the process that took the write was replaced", "where it was not"
_CALLED = {
    VerdictKind.SPLIT_STATE: "split state",
    VerdictKind.LOST_STATE: "lost state",
    VerdictKind.SERVER_ERROR: "server error",
    VerdictKind.SERVER_UNAVAILABLE: "server unavailable",
    VerdictKind.CONSISTENT_FAILURE: "consistent failure",
    VerdictKind.TEST_ERROR: "test error",
    VerdictKind.UNEXPLAINED: "unexplained",
}


class Weight(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that history says of one failure, before it becomes a verdict."""

    pair: Pair | None
    period: Period  # with the run itself
    processes: Table
    lives: Table
    for_split: float  # log Bayes factors, of the other runs alone; experiments included
    for_lost: float
    by_controls: float  # the part of for_split that experiments gave
    same_failure: tuple[Occasion, ...]  # other runs that failed in this way
    made: tuple[tuple[ExperimentKind, int, int], ...] = ()  # experiments: how many passed, how many failed
    refuting: tuple[Occasion, ...] = ()  # those that failed although processes could not be apart
    side: VerdictSide | None = None


def retell(verdict: Verdict, weight: Weight, kind: VerdictKind, level: Level, confidence: float) -> Verdict:
    """The verdict with its new kind, level and confidence, and with history among its evidence."""
    same = kind is verdict.kind
    mechanism = mechanism_of(verdict, kind, weight.same_failure) if kind in _ACCUSING else None
    side = verdict.side if same else weight.side if kind is VerdictKind.SPLIT_STATE else None
    if kind in _ACCUSING and side is None:
        side = VerdictSide.SERVER
    evidence = (*_history(verdict, weight, kind), *verdict.evidence) if same else tuple(_history(verdict, weight, kind))
    return msgspec.structs.replace(
        verdict,
        kind=kind,
        level=level,
        confidence=round(confidence, 3),
        summary=verdict.summary if same else _summary(verdict, weight, kind),
        side=side if kind in _ACCUSING else None,
        mechanism=mechanism,
        write=verdict.write if kind in _ACCUSING else None,
        read=verdict.read if kind in _ACCUSING else None,
        evidence=evidence,
        advice=verdict.advice if same and mechanism is verdict.mechanism else advise(kind, mechanism),
        missing=verdict.missing if level is Level.SUSPECTED else "",
    )


def reason(before: Verdict, after: Verdict, weight: Weight) -> str:
    """Why history changed a verdict, in one or two sentences."""
    if before.kind is after.kind:
        change = f"It was {before.level.value} from this run alone and is {after.level.value} with its history"
    else:
        change = f"This run alone said {_CALLED[before.kind]}; its history says {_CALLED[after.kind]}"
    why = " ".join(each.text for each in _history(before, weight, after.kind) if each.kind != "run_alone")
    return f"{change}. {why}".strip()


def grounds_of(weight: Weight) -> list[Ground]:
    return list(grounds(weight.period.seen, weight.refuting, weight.same_failure))


def _summary(verdict: Verdict, weight: Weight, kind: VerdictKind) -> str:
    """A sentence of its own where the run's sentence would say what is no longer held."""
    name = f"{weight.pair.write} and {weight.pair.read}" if weight.pair is not None else "the test's requests"
    if kind is VerdictKind.SPLIT_STATE:
        if weight.side is VerdictSide.TEST:
            return "Run after run this fails as tests in several processes disturb each other."
        if weight.by_controls > 0 and not weight.processes.failed_different:
            return "It fails with several server processes, and passes with one."
        return f"Run after run this goes with {name} meeting different processes."
    if kind is VerdictKind.LOST_STATE:
        return f"Run after run this goes with a process being replaced between {name}."
    if kind is VerdictKind.CONSISTENT_FAILURE:
        return f"It does not depend on the process: over its runs it fails whoever answers {name}."
    if kind is VerdictKind.UNEXPLAINED:
        return f"The history does not bear out what this run suggests, that {name} have to meet one process."
    return f"The same failure in other runs was {_CALLED[kind]}; this run's logs alone do not say so."


def _history(verdict: Verdict, weight: Weight, kind: VerdictKind) -> Iterator[Evidence]:
    """What history says, for and against the kind shown; the figures first."""
    sign = {VerdictKind.SPLIT_STATE: 1.0, VerdictKind.LOST_STATE: 0.0}.get(kind, -1.0)
    several = len(weight.period.seen) > 1
    if several and weight.side is not VerdictSide.TEST:
        if sentence := told(weight.processes, _DIFFERENT, _SAME, _ALWAYS_SAME):
            factor = weight.for_split - weight.by_controls
            yield Evidence(kind="history_table", text=sentence, weight=round(sign * factor, 2))
        if _says_nothing(weight.processes) and not weight.made:
            yield Evidence(
                kind="history_silent",
                text="It failed each time and always on different processes, which proves nothing: any cause would "
                "look like that. A pass, or a run with one server process, would tell.",
                weight=0.0,
            )
        if weight.lives.different:
            factor = weight.for_lost if kind is VerdictKind.LOST_STATE else -weight.for_lost
            yield Evidence(kind="history_lives", text=told(weight.lives, _REPLACED, _KEPT), weight=round(factor, 2))
    for made, passed, failed in weight.made:
        yield Evidence(
            kind="history_control",
            text=_control(made, passed, failed, weight.period.seen),
            weight=round(_made(weight, made, kind), 2),
        )
    if kind is VerdictKind.CONSISTENT_FAILURE and (found := grounds_of(weight)):
        yield Evidence(kind="history_runs", text=read_out(found), weight=0.0)
    if weight.same_failure:
        yield Evidence(kind="history_verdicts", text=_verdicts(weight.same_failure), weight=0.0)
    if kind is not verdict.kind:
        text = f"This run alone said {_CALLED[verdict.kind]} ({percent(verdict.confidence)}): {verdict.summary}"
        yield Evidence(kind="run_alone", text=text, weight=0.0)


def _made(weight: Weight, made: ExperimentKind, kind: VerdictKind) -> float:
    if made is ExperimentKind.NO_RECYCLING:
        return 0.0
    return weight.by_controls if kind is VerdictKind.SPLIT_STATE else -weight.by_controls


def _says_nothing(table: Table) -> bool:
    return table.failed_different > 1 and not (table.passed_different or table.same)


def _control(made: ExperimentKind, passed: int, failed: int, seen: Sequence[Seen]) -> str:
    how = MADE_WITH[made]
    if not failed:
        failures = sum(each.occasion.failed for each in seen)
        against = f", where {failures:,} of {runs(len(seen))} without that failed" if failures else ""
        return f"{runs(passed)} {how} passed{against}."
    if not passed:
        return f"{runs(failed)} {how} failed in the same way."
    return f"Of {runs(passed + failed)} {how}, {failed:,} failed in the same way."


def _verdicts(others: tuple[Occasion, ...]) -> str:
    said = ", ".join(f"{_CALLED[kind]} ({number:,})" for kind, number in counted(others))
    alone = f", which by themselves said: {said}" if said else ""
    return f"The same failure came in {runs(len(others), 'more')}{alone}."
