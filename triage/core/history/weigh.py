"""A single run's verdict in the light of all other runs of the same test: odds times odds.

The run's own log-odds, put together with what other runs say alone of the same failure, plus the logarithms of Bayes
factors: of the table of processes, of that of replaced holders, and of experiments. No run speaks for itself twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from triage.core.findings import Level, Verdict, VerdictKind, VerdictSide
from triage.core.history import period as periods
from triage.core.history.experiments import CONFIRMED, conclusions, controls
from triage.core.history.opinions import Opinion, alone, counted, kind_of, probabilities, side_of, together
from triage.core.history.period import (
    Seen,
    apart,
    fixed_since,
    lives,
    nearest,
    processes,
    see,
    standing,
    with_fix,
    with_p,
)
from triage.core.history.proof import CHANCE, as_often, busy, chance_at_most
from triage.core.history.records import ExperimentKind, Occasion, Pair, Rates, Relation, Weighed
from triage.core.history.relation import Meeting, pair_in
from triage.core.history.retell import Weight, reason, retell
from triage.core.history.segments import Run, log_factor
from triage.core.history.statistics import FAILS_ANYHOW, FAILS_TOGETHER, log_evidence

SPLIT, LOST = VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE
CONSISTENT, UNKNOWN = VerdictKind.CONSISTENT_FAILURE, VerdictKind.UNEXPLAINED
ACCUSED_FROM = 0.55
LIKELY = 0.9  # for a level that history gives; the run alone needs less where it says the same
KEPT = 0.75  # for a level that the run gave to stay
SURE = 0.99  # for a verdict to be confirmed, beside the exact test
CEILING = 0.99
CONTROLS = 2.0  # log-odds, at most, of runs made on purpose that passed: one in seven other faults goes with them too
REFUTES = -6.0  # and those that failed
ASKED = 6  # other failures, the nearest in time, whose own verdicts are heard
ACQUITS = -2.0  # log-odds below which a table says that processes do not matter
_FAILURES = 5  # that met different processes, before a table is proof; and before an experiment is
_FAILURES_TRIED = 3
_CONTRARY = 3  # runs that failed on one process, or passed on several, before they overrule what all runs say alone:
_DOUBTS = -1.5  # write and read may be others than those it is about
_SPEAKS = log(3)  # a Bayes factor below this says nothing
_AGREED = 0.6  # share of the other verdicts that explain a failure which this run alone could not
_SPLIT_BY = (ExperimentKind.ONE_PROCESS, ExperimentKind.STICKY, ExperimentKind.ONE_HOST)


def weigh(verdict: Verdict, own: Occasion, others: Sequence[Occasion]) -> Weighed:
    """The verdict to show, given all other known occasions of the same test in the project, in any order."""
    known = nearest(own, others)
    weight = _weight(verdict, own, known)
    chances = _chances(together(verdict, weight.same_failure[:ASKED]), weight)
    kind, confidence = _kind(verdict, weight, chances)
    if kind is not verdict.kind and verdict.level is Level.LIKELY and not _borne_out(verdict, weight, kind):
        # What other runs are taken for alone does not turn what this one shows itself: that takes tables, or runs made
        # to tell.
        mine, sure = _kind(verdict, weight, _chances(alone(verdict.kind, verdict.confidence), weight))
        if mine is verdict.kind:
            kind, confidence = mine, sure
    proven = _proven(verdict, own, weight, kind, known, chances)
    level = _level(verdict, kind, confidence, weight, proven)
    shown = retell(verdict, weight, kind, level, min(confidence, CEILING))
    changed = (shown.kind, shown.level) != (verdict.kind, verdict.level)
    seen = weight.period.seen
    return Weighed(
        verdict=shown,
        changed=changed,
        reason=reason(verdict, shown, weight) if changed else "",
        processes=weight.processes,
        lives=weight.lives,
        rates=periods.rates(seen) if seen else Rates(),
    )


def _borne_out(verdict: Verdict, weight: Weight, kind: VerdictKind) -> bool:
    """Whether more than other runs' verdicts accuses processes, where this run saw nothing of them."""
    if verdict.kind in (SPLIT, LOST) or kind not in (SPLIT, LOST):
        return False
    return (weight.for_split if kind is SPLIT else weight.for_lost) >= _SPEAKS


def _chances(opinion: Opinion, weight: Weight) -> tuple[float, float, float]:
    return probabilities(opinion.split + weight.for_split, opinion.lost + weight.for_lost)


def _weight(verdict: Verdict, own: Occasion, known: Sequence[Occasion]) -> Weight:
    since = fixed_since(known)
    mended = with_fix(own, since)
    # `known` begins with the nearest in time: what failed in the same way long ago may have had another cause.
    same_failure = tuple(
        each
        for each in known
        if each.failed
        and each.fingerprint == own.fingerprint
        and each.run != own.run
        and with_fix(each, since) is mended
    )
    pair = own.pair or pair_in((*same_failure, own))
    stands = [see(each, pair) for each in standing(known, own.fingerprint, mended=mended)]
    period = periods.period(stands)
    rest = [each for each in period.seen if each.occasion.run != own.run]
    side = side_of(verdict, SPLIT, same_failure)
    tried = [each for each in _about_then(own, known, same_failure) if with_fix(each, since) is mended]
    made = []
    refuting: list[Occasion] = []
    for_split = for_lost = 0.0
    for kind in ExperimentKind:
        found = [] if kind is ExperimentKind.FIX else _nearest_made(kind, tried, own)
        failed = sum(each.failed for each in found if each.run != own.run)
        passed = sum(not each.failed for each in found)
        if not failed + passed:
            continue
        made.append((kind, passed, failed))
        refuting += [each for each in found if each.failed and kind in _SPLIT_BY]
        factor = _of_controls(passed, failed, rest)
        if kind is ExperimentKind.NO_RECYCLING:
            for_lost += factor
        elif (kind is ExperimentKind.NO_XDIST) == (side is VerdictSide.TEST):
            for_split += factor
    by_controls = for_split
    # A run with one process changes nothing but the processes. Where a test never passes otherwise, its failures on
    # one process only show that the pair is not what it is about.
    unrefuted = [kind for kind, _, failed in made if kind in _SPLIT_BY and not failed]
    decided = all(each.occasion.failed for each in period.inner) and _decided(unrefuted, tried, own)
    if side is not VerdictSide.TEST:
        # An accusation that names no write and read, such as work done by every process, is not of those guessed here.
        named = own.pair is not None or any(each.pair is not None for each in same_failure)
        by_processes, by_lives = _of_rows(verdict, own, stands, pair)
        believed = decided or (not named and verdict.kind is SPLIT)
        by_processes = max(by_processes, 0.0) if believed else by_processes
        contrary = sum(apart(each.meeting) is (not each.occasion.failed) for each in period.seen)
        if contrary < _CONTRARY and _unanimous(verdict, same_failure):
            by_processes = max(by_processes, _DOUBTS)
        # A run that is likely the one accusation by itself is not taken for the other, which only other runs show.
        meeting = see(own, pair).meeting
        if verdict.level is Level.LIKELY and verdict.kind is LOST and not apart(meeting):
            by_controls, by_processes = min(by_controls, 0.0), min(by_processes, 0.0)
        if verdict.level is Level.LIKELY and verdict.kind is SPLIT and not meeting.replaced:
            by_lives = min(by_lives, 0.0)
        for_split = by_controls + by_processes
        for_lost += by_lives
    return Weight(
        pair=pair,
        period=period,
        processes=with_p(processes(period.seen)),
        lives=with_p(lives(period.seen)),
        for_split=for_split,
        for_lost=for_lost,
        by_controls=by_controls,
        same_failure=same_failure,
        made=tuple(made),
        refuting=tuple(refuting),
        side=side,
    )


def _unanimous(verdict: Verdict, same_failure: Sequence[Occasion]) -> bool:
    """Whether this run and every other with the same failure say split state by themselves."""
    return verdict.kind is SPLIT and bool(same_failure) and all(kind_of(each) is SPLIT for each in same_failure)


def _of_rows(verdict: Verdict, own: Occasion, stands: Sequence[Seen], pair: Pair | None) -> tuple[float, float]:
    """The log Bayes factors of the runs as they stand: of different processes, and of replaced ones."""
    # An experiment, or a run with a fix, does not stand as the others do; it only has its place among them.
    row = [*(each for each in stands if each.occasion.run != own.run), see(own, pair)]
    row.sort(key=lambda each: (each.occasion.at_us, each.occasion.run))
    row = as_often(row, pair) if pair is not None else row
    place = [each.occasion.run for each in row].index(own.run)
    by_processes = _factor([_run(each, apart(each.meeting)) for each in row], place)
    by_lives = _factor([_run(each, each.meeting.replaced) for each in row], place)
    return by_processes, by_lives


def _about_then(own: Occasion, known: Sequence[Occasion], same_failure: Sequence[Occasion]) -> list[Occasion]:
    """The runs between the nearest failures of this kind: an experiment on an earlier cause says nothing here."""
    reach = 2 * ASKED
    earlier = sorted((each.at_us for each in same_failure if each.at_us < own.at_us), reverse=True)[reach - 1 : reach]
    later = sorted(each.at_us for each in same_failure if each.at_us > own.at_us)[reach - 1 : reach]
    return [
        each for each in known if (not earlier or each.at_us >= earlier[0]) and (not later or each.at_us <= later[0])
    ]


def _nearest_made(kind: ExperimentKind, tried: Sequence[Occasion], own: Occasion) -> list[Occasion]:
    made = controls(kind, tried, own.fingerprint)
    return sorted(made, key=lambda each: abs(each.at_us - own.at_us))[:ASKED]


def _run(each: Seen, which: bool | None) -> Run:
    return Run(each.occasion.failed, which, (busy(each), each.occasion.branch))


def _factor(outcomes: Sequence[Run], place: int) -> float:
    """The log Bayes factor of the row of runs; nothing supports what neither this run nor another failure shows."""
    own = outcomes[place].apart
    shown = own or (own is None and any(each.failed and each.apart for each in outcomes))
    factor = log_factor(outcomes, place)
    return factor if shown else min(factor, 0.0)


def _of_controls(passed: int, failed: int, rest: Sequence[Seen]) -> float:
    """The log Bayes factor of runs in which the two could not be apart, against a test that fails as it did before."""
    failures = sum(each.occasion.failed for each in rest)
    as_before = (FAILS_ANYHOW[0] + failures, FAILS_ANYHOW[1] + len(rest) - failures)
    factor = log_evidence(FAILS_TOGETHER, failed, passed) - log_evidence(as_before, failed, passed)
    return max(min(factor, CONTROLS), REFUTES)


def _kind(verdict: Verdict, weight: Weight, chances: tuple[float, float, float]) -> tuple[VerdictKind, float]:
    """The kind to show and its probability."""
    split, lost, rest = chances
    accused, chance = (SPLIT, split) if split >= lost else (LOST, lost)
    if verdict.kind is accused and chance >= 0.5:
        return accused, chance
    named = weight.side is not None or weight.pair is not None
    if chance >= ACCUSED_FROM and (accused is LOST or named or weight.by_controls >= _SPEAKS):
        return accused, chance
    if verdict.kind in (SPLIT, LOST):
        return (CONSISTENT, rest) if _independent(weight) else (UNKNOWN, max(rest, 0.5))
    if verdict.kind is UNKNOWN:
        return _explained(verdict, weight, rest)
    own = alone(verdict.kind, verdict.confidence)
    left = 1 - sum(probabilities(own.split, own.lost)[:2])  # what this run left for its own kind and the remaining ones
    return verdict.kind, rest * min(verdict.confidence / max(left, 0.01), 1.0)


def _explained(verdict: Verdict, weight: Weight, rest: float) -> tuple[VerdictKind, float]:
    """What a run that explains nothing is taken for: what most others with the same failure say, or what tables say."""
    said = dict(counted(weight.same_failure))
    named = [(kind, number) for kind, number in said.items() if kind not in (SPLIT, LOST, UNKNOWN)]
    if named:
        kind, number = max(named, key=lambda each: (each[1], each[0].value))
        if number >= _AGREED * sum(said.values()):
            sure = [each.confidence for each in weight.same_failure if kind_of(each) is kind]
            return kind, rest * sum(sure) / len(sure)
    if _independent(weight):
        return CONSISTENT, rest
    return UNKNOWN, verdict.confidence


def _independent(weight: Weight) -> bool:
    """Whether history says that the failure does not depend on processes, rather than that nothing is known."""
    if weight.for_split > ACQUITS:
        return False
    refuted = any(failed for kind, _, failed in weight.made if kind in _SPLIT_BY)
    return refuted or weight.processes.failed_same > 0 or weight.for_split <= 1.5 * ACQUITS


def _level(verdict: Verdict, kind: VerdictKind, confidence: float, weight: Weight, proven: bool) -> Level:
    if proven:
        return Level.CONFIRMED
    if kind is UNKNOWN:
        return Level.SUSPECTED
    if kind not in (SPLIT, LOST):
        return Level.LIKELY if confidence >= KEPT else Level.SUSPECTED
    if verdict.kind is kind and verdict.level is Level.LIKELY and confidence >= KEPT:
        return Level.LIKELY
    told_apart = (weight.for_split if kind is SPLIT else weight.for_lost) >= _SPEAKS
    agreed = sum(kind_of(each) is kind for each in weight.same_failure) >= 2
    return Level.LIKELY if confidence >= LIKELY and (told_apart or agreed) else Level.SUSPECTED


def _proven(
    verdict: Verdict,
    own: Occasion,
    weight: Weight,
    kind: VerdictKind,
    known: Sequence[Occasion],
    chances: tuple[float, float, float],
) -> bool:
    """Whether history decides it: chance is excluded, this run says the same, and nothing else would explain it."""
    pair = weight.pair
    if kind not in (SPLIT, LOST) or verdict.kind is not kind or pair is None or weight.side is VerdictSide.TEST:
        return False
    if chances[0 if kind is SPLIT else 1] < SURE or any(failed for _, _, failed in weight.made):
        return False
    meeting = see(own, pair).meeting
    if meeting.relation is not Relation.DIFFERENT or bool(meeting.replaced) is (kind is SPLIT):
        return False
    if kind is SPLIT and _hosts_differ_in_more(verdict):
        return False
    table = weight.processes if kind is SPLIT else weight.lives
    if table.failed_same > (table.failed_different >= 20):  # one step in many may be tied to the wrong process
        return False
    if table.failed_different >= _FAILURES and table.p_value <= CHANCE:
        return chance_at_most(weight.period.seen, pair, apart if kind is SPLIT else _replaced) <= CHANCE
    tried = _SPLIT_BY if kind is SPLIT else (ExperimentKind.NO_RECYCLING,)
    return (
        verdict.level is not Level.SUSPECTED
        and table.failed_different >= _FAILURES_TRIED
        and not table.failed_same
        and _decided(tried, known, own)
    )


def _decided(kinds: Sequence[ExperimentKind], known: Sequence[Occasion], own: Occasion) -> bool:
    """Whether an experiment of one of these kinds is concluded, and says that the failure depends on it."""
    return bool(kinds) and any(each.state == CONFIRMED for each in conclusions(kinds, known, own.fingerprint))


def _replaced(meeting: Meeting) -> bool | None:
    return meeting.replaced


def _hosts_differ_in_more(verdict: Verdict) -> bool:
    """Two hosts may differ in their settings as well, which looks the same; only a refusal tells of lacking state."""
    write, read = verdict.write, verdict.read
    several = write is not None and read is not None and write.host != read.host
    return several and not any(each.kind == "answer_lacks_write" for each in verdict.evidence)
