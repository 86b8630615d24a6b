"""What the runs of one failure say alone, put together: the same failure of the same test has mostly the same cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import exp, log

import msgspec

from triage.core.findings import Mechanism, Verdict, VerdictKind, VerdictSide
from triage.core.history.records import Occasion

OWN = 1.5  # how many of the others a run's own word on itself is worth
# What a verdict of another kind leaves for state that is split or lost, of the share that it does not claim itself.
_LEFT_FOR = {
    VerdictKind.SPLIT_STATE: {"lost": 0.1},
    VerdictKind.LOST_STATE: {"split": 0.3},
    VerdictKind.CONSISTENT_FAILURE: {"split": 0.6, "lost": 0.1},
    VerdictKind.SERVER_ERROR: {"split": 0.1, "lost": 0.05},
    VerdictKind.SERVER_UNAVAILABLE: {"split": 0.02, "lost": 0.1},
    VerdictKind.TEST_ERROR: {"split": 0.02, "lost": 0.02},
}
# Of failures that logs do not explain: what they may be all the same.
_UNTOLD = {"split": 0.25, "lost": 0.05}
_KINDS = {kind.value: kind for kind in VerdictKind}
_MECHANISMS = {mechanism.value: mechanism for mechanism in Mechanism}
_SIDES = frozenset(side.value for side in VerdictSide)
_NAMED_BY = 0.6  # share of the verdicts that a mechanism has to have to stand for all


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds of the two accusations against everything else, before any table is looked at."""

    split: float
    lost: float
    others: int = 0  # verdicts of other runs that were asked


def alone(kind: VerdictKind, confidence: float) -> Opinion:
    """What a verdict by itself says of both accusations."""
    chance = min(max(confidence, 0.02), 0.98)
    if kind is VerdictKind.UNEXPLAINED:
        shares = dict(_UNTOLD)
    else:
        shares = {name: part * (1 - chance) for name, part in _LEFT_FOR[kind].items()}
    if kind is VerdictKind.SPLIT_STATE:
        shares["split"] = chance
    elif kind is VerdictKind.LOST_STATE:
        shares["lost"] = chance
    rest = 1 - shares.get("split", 0.0) - shares.get("lost", 0.0)
    return Opinion(split=_odds(shares.get("split", 0.0), rest), lost=_odds(shares.get("lost", 0.0), rest))


def together(verdict: Verdict, others: Sequence[Occasion]) -> Opinion:
    """The mean of what this run and the others with the same failure say; who explains nothing has no say.

    A mean, not a sum: they look at the same test in the same way, and would all err together.
    """
    own = alone(verdict.kind, verdict.confidence)
    asked = [
        alone(kind, each.confidence)
        for each in others
        if (kind := kind_of(each)) is not None and kind is not VerdictKind.UNEXPLAINED
    ]
    if not asked:
        return own
    weight = 0.0 if verdict.kind is VerdictKind.UNEXPLAINED else OWN
    total = weight + len(asked)
    return Opinion(
        split=(weight * own.split + sum(each.split for each in asked)) / total,
        lost=(weight * own.lost + sum(each.lost for each in asked)) / total,
        others=len(asked),
    )


def kind_of(occasion: Occasion) -> VerdictKind | None:
    return _KINDS.get(occasion.verdict)


def counted(others: Sequence[Occasion]) -> tuple[tuple[VerdictKind, int], ...]:
    """How often the other runs alone said what, the most frequent first."""
    found = Counter(kind for each in others if (kind := kind_of(each)) is not None)
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0].value)))


def mechanism_of(verdict: Verdict, kind: VerdictKind, others: Sequence[Occasion]) -> Mechanism | None:
    """The mechanism that most verdicts of this kind name, this one's own among them."""
    named: dict[Mechanism, float] = defaultdict(float)
    if verdict.kind is kind and verdict.mechanism is not None:
        named[verdict.mechanism] += OWN * verdict.confidence
    for each in others:
        if each.verdict == kind.value and each.mechanism in _MECHANISMS:
            named[_MECHANISMS[each.mechanism]] += each.confidence
    if not named:
        return None
    best = max(named, key=lambda mechanism: (named[mechanism], mechanism.value))
    own = verdict.mechanism if verdict.kind is kind else None
    return best if named[best] >= _NAMED_BY * sum(named.values()) else own


def side_of(verdict: Verdict, kind: VerdictKind, others: Sequence[Occasion]) -> VerdictSide | None:
    """Between which processes: as this run says, else as the others do."""
    if verdict.kind is kind and verdict.side is not None:
        return verdict.side
    said = Counter(each.side for each in others if each.verdict == kind.value and each.side in _SIDES)
    return VerdictSide(said.most_common(1)[0][0]) if said else None


def probabilities(split: float, lost: float) -> tuple[float, float, float]:
    """The chances of split, lost and everything else, from log-odds against everything else."""
    top = max(split, lost, 0.0)
    weights = [exp(split - top), exp(lost - top), exp(-top)]
    total = sum(weights)
    return weights[0] / total, weights[1] / total, weights[2] / total


def _odds(share: float, rest: float) -> float:
    return log(max(share, 0.001) / max(rest, 0.001))
