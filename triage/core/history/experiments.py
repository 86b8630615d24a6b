"""What a run made on purpose decides: how many of them it takes, and what they say once they are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, inf

import msgspec

from triage.core.findings import Holder, Trace
from triage.core.history.period import Seen, fixed_since, period, see, standing, with_fix
from triage.core.history.records import ExperimentKind, Occasion, Relation
from triage.core.history.relation import meet, pair_in
from triage.core.history.statistics import FAILS_TOGETHER, chance_of, log_evidence, runs_that_decide
from triage.core.history.wording import MADE_WITH, chance, percent, runs

CERTAINTY = 0.99
_HARDLY = 0.05  # share of a run's requests up to which a process is not counted as serving it
_PATIENCE = 20  # further failures that are thought of
OPEN, CONFIRMED, REFUTED, VERIFIED, FAILED = "open", "confirmed", "refuted", "verified", "failed"
_PROVES = {
    ExperimentKind.ONE_PROCESS: "it depends on there being several server processes",
    ExperimentKind.STICKY: "it depends on clients changing between processes",
    ExperimentKind.NO_RECYCLING: "it depends on processes being replaced",
    ExperimentKind.ONE_HOST: "it depends on there being several hosts",
    ExperimentKind.NO_XDIST: "it depends on tests running in several processes",
}


class Conclusion(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs of one experiment say so far."""

    kind: ExperimentKind
    state: str = OPEN  # open, confirmed, refuted, verified or failed
    passed: int = 0
    failed: int = 0
    needed: int | None = None  # further passing runs until it decides; None where passing runs cannot
    certainty: float = CERTAINTY
    chance: float = 1.0  # that as many runs pass by chance alone
    sentence: str = ""


def conclude(kind: ExperimentKind, occasions: Sequence[Occasion], fingerprint: str) -> Conclusion:
    """What the runs marked as `kind` say of the failure with this fingerprint; `occasions` are all runs of the test."""
    (found,) = conclusions((kind,), occasions, fingerprint)
    return found


def conclusions(
    kinds: Iterable[ExperimentKind], occasions: Sequence[Occasion], fingerprint: str
) -> tuple[Conclusion, ...]:
    """The same for several kinds, which are all held against the same runs as the project stands."""
    occasions = sorted(occasions, key=lambda each: (each.at_us, each.run))
    as_it_stands = period([see(each, None) for each in standing(occasions, fingerprint)]).seen
    return tuple(
        _of_fix(occasions, as_it_stands, fingerprint)
        if kind is ExperimentKind.FIX
        else _of_control(kind, occasions, as_it_stands, fingerprint)
        for kind in kinds
    )


def controls(kind: ExperimentKind, occasions: Sequence[Occasion], fingerprint: str) -> list[Occasion]:
    """The runs marked as `kind` that were what they are marked as, and that passed or failed in this way."""
    pair = pair_in(each for each in occasions if each.fingerprint == fingerprint)
    return [
        each
        for each in occasions
        if each.experiment is kind
        and (not each.failed or each.fingerprint == fingerprint)
        and _is_one(kind, each.trace)
        and not (kind is ExperimentKind.STICKY and pair and meet(each.trace, pair).relation is Relation.DIFFERENT)
        and not (kind is ExperimentKind.NO_RECYCLING and pair and meet(each.trace, pair).replaced)
    ]


def _is_one(kind: ExperimentKind, trace: Trace | None) -> bool:
    """Whether the logs do not contradict what a run is marked as."""
    if trace is None or kind not in (ExperimentKind.ONE_PROCESS, ExperimentKind.ONE_HOST):
        return True
    met = {visit.process for visit in trace.visits if visit.process is not None and visit.process < len(trace.holders)}
    if kind is ExperimentKind.ONE_HOST:
        return len({_host(trace.holders[place]) for place in met} | {_host(each) for each in _busy(trace)}) <= 1
    return len(met) <= 1 and at_once(trace) <= 1


def at_once(trace: Trace) -> int:
    """How many processes served the run side by side, as far as their lives are told; one after another is one."""
    ends: list[float] = []
    for holder in sorted(_busy(trace), key=lambda each: _or(each.born_us, -inf)):
        ended = _or(holder.died_us, inf)
        free = next((place for place, end in enumerate(ends) if end <= _or(holder.born_us, -inf)), None)
        if free is None:
            ends.append(ended)
        else:
            ends[free] = ended
    return len(ends)


def _busy(trace: Trace) -> list[Holder]:
    """Without those that served hardly anything: a health check of another service, one line taken for a request."""
    least = max(1.0, _HARDLY * sum(holder.requests for holder in trace.holders))
    return [holder for holder in trace.holders if holder.requests > least]


def _or(us: int | None, otherwise: float) -> float:
    return otherwise if us is None else us


def _host(holder: Holder) -> str:
    return holder.name.rpartition("[")[0]


def _left_out(kind: ExperimentKind, occasions: Sequence[Occasion]) -> str:
    """What is said of runs that are marked as `kind`, and whose logs show that they were not."""
    several = [
        at_once(each.trace)
        for each in occasions
        if each.experiment is kind and each.trace is not None and not _is_one(kind, each.trace)
    ]
    if not several:
        return ""
    show = f"{max(several):,} processes" if kind is ExperimentKind.ONE_PROCESS and max(several) > 1 else "several"
    verb = "is left out: its logs show" if len(several) == 1 else "are left out: their logs show"
    return f" {runs(len(several))} marked so {verb} {show}."


def _of_control(
    kind: ExperimentKind, occasions: Sequence[Occasion], seen: Sequence[Seen], fingerprint: str
) -> Conclusion:
    made = controls(kind, occasions, fingerprint)
    passed, failed = sum(not each.failed for each in made), sum(each.failed for each in made)
    failures = [each.occasion for each in seen if each.occasion.failed]
    by_chance = chance_of(passed, len(failures), len(seen)) if passed and not failed else 1.0
    needed = runs_that_decide(len(failures), len(seen), CERTAINTY)
    blank = Conclusion(kind=kind, passed=passed, failed=failed, chance=by_chance)

    left_out = _left_out(kind, occasions)

    def told(state: str, sentence: str, further: int | None = None) -> Conclusion:
        return msgspec.structs.replace(blank, state=state, sentence=f"{sentence}{left_out}", needed=further)

    how = MADE_WITH[kind]
    before = f"{len(failures):,} of {runs(len(seen))} without that failed"
    if failed:
        # Were this the cause, a failure here would be a mistake of some other kind; that happens, but hardly ever.
        if _refuted(failed, passed):
            return told(
                REFUTED,
                f"It fails {how} as well, in {failed:,} of {runs(failed + passed)}: that is not what it depends on.",
            )
        return told(
            OPEN,
            f"It failed {how} as well, in {failed:,} of {runs(failed + passed)}. {_still_to_fail(failed, passed)}",
        )
    if not failures:
        return told(OPEN, f"It has not failed without that yet, so runs {how} cannot decide anything.")
    if needed is None:
        return told(OPEN, f"{before}: so rarely that no bearable number of passing runs {how} would decide.")
    if passed < needed:
        return told(
            OPEN,
            (f"{runs(passed)} {how} passed; " if passed else "")
            + f"{_more(needed - passed, passed)} {how} that pass would decide at {percent(CERTAINTY)}, as {before}.",
            needed - passed,
        )
    first = min(each.at_us for each in made if not each.failed)
    if not any(each.at_us > first for each in failures):
        return told(
            OPEN,
            f"{runs(passed)} {how} passed, but none without it has failed since: a change of the code would "
            "explain that as well. Run it once more as before.",
            0,
        )
    return told(
        CONFIRMED,
        f"{runs(passed)} {how} passed, and {before}: {_PROVES[kind]}. Were it not so, the chance of "
        f"that would be {chance(by_chance)}.",
        0,
    )


def _of_fix(occasions: Sequence[Occasion], seen: Sequence[Seen], fingerprint: str) -> Conclusion:
    since = fixed_since(occasions)
    mended = [each for each in occasions if with_fix(each, since) and each.experiment in (None, ExperimentKind.FIX)]
    mine = [each for each in mended if not each.failed or each.fingerprint == fingerprint]
    last = max((place for place, each in enumerate(mine) if each.failed), default=-1)
    passed, failed = len(mine) - last - 1, sum(each.failed for each in mine)
    failures = sum(each.occasion.failed for each in seen)
    needed = runs_that_decide(failures, len(seen), CERTAINTY)
    by_chance = chance_of(passed, failures, len(seen)) if passed else 1.0
    blank = Conclusion(kind=ExperimentKind.FIX, passed=passed, failed=failed, chance=by_chance)

    def told(state: str, sentence: str, further: int | None = None) -> Conclusion:
        return msgspec.structs.replace(blank, state=state, sentence=sentence, needed=further)

    before = f"{failures:,} of {runs(len(seen))} before it failed"
    if failed and (needed is None or passed < needed):
        came = f"The same failure came back in {failed:,} of {runs(len(mine))} with the fix"
        after = f"; {runs(passed)} after that passed" if passed else ""
        return told(FAILED, f"{came}{after}.")
    if not mine:
        left = f"{runs(needed)} that pass would verify it at {percent(CERTAINTY)}, as {before}." if needed else ""
        return told(OPEN, f"No run with the fix yet. {left}" if left else "No run with the fix yet.", needed)
    if not failures:
        return told(OPEN, f"{runs(passed)} with the fix passed, but the failure is not known from before it.")
    if needed is None:
        return told(OPEN, f"{runs(passed)} with the fix passed, but {before}: so rarely that passes prove little.")
    if passed < needed:
        return told(
            OPEN,
            f"{runs(passed)} with the fix passed; {_more(needed - passed, passed)} that pass would verify it at "
            f"{percent(CERTAINTY)}, as {before}.",
            needed - passed,
        )
    again = " since the failure last came back with it" if failed else ""
    return told(
        VERIFIED,
        f"{runs(passed)} with the fix passed{again}, and {before}: were nothing mended, the chance of that would be "
        f"{chance(by_chance)}.",
        0,
    )


def _refuted(failed: int, passed: int) -> bool:
    return _fewer_than(failed, failed + passed) >= CERTAINTY


def _still_to_fail(failed: int, passed: int) -> str:
    """How many more failures refute."""
    more = next((more for more in range(1, _PATIENCE) if _refuted(failed + more, passed)), None)
    if more is None:
        return "So many passed beside it that failures alone will not decide."
    return f"{'1 more failure' if more == 1 else f'{more} more failures'} like it would refute it."


def _fewer_than(failed: int, total: int) -> float:
    """The chance of fewer failures than that where the two meet one process, if only processes apart make it fail."""
    odds, ways = 0.0, 1
    for count in range(failed):
        odds += ways * exp(log_evidence(FAILS_TOGETHER, count, total - count))
        ways = ways * (total - count) // (count + 1)
    return min(odds, 1.0)


def _more(number: int, passed: int) -> str:
    return f"{number:,} more" if passed else runs(number)
