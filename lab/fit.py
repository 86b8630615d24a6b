"""`python -m lab fit`: calibrates the confidence of verdicts on one half of the scenarios, and measures it on both."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

from lab.corpus import unpacked
from lab.evidence import gathered
from lab.score import half, name_of
from lab.verdict_score import PASSED, Bin, ece
from triage.core import weights
from triage.core.diagnose import CEILING, weighed
from triage.core.findings import VerdictKind
from triage.core.lineup import line_up
from triage.core.sessions import told_apart
from triage.core.weights import calibrated, log_odds

SPREAD = 1.0  # of the normal prior around slope 1 and bias 0: a few right verdicts do not make a kind infallible
SWEEPS = 200
STEP = 1.0  # no parameter moves farther at once
BINS = 10
MADE = re.compile(r"(?s)(# made by `python -m lab fit --write`\n).*?(# end of what it makes\n)")


@dataclass(frozen=True, slots=True)
class Sample:
    """One verdict before calibration, and whether its kind was right."""

    kind: VerdictKind
    chance: float
    right: bool


@dataclass(slots=True)
class Fit:
    """The parameters of the logistic function."""

    slope: float
    bias: dict[VerdictKind, float]

    def confidence(self, sample: Sample) -> float:
        return _logistic(self.bias[sample.kind] + self.slope * log_odds(sample.chance))


def fit(samples: Sequence[Sample], spread: float = SPREAD) -> Fit:
    """Maximum a posteriori, by Newton's method for one parameter after the other; the problem is convex."""
    found = Fit(1.0, dict.fromkeys(VerdictKind, 0.0))
    by_kind: dict[VerdictKind, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_kind[sample.kind].append(sample)
    for _ in range(SWEEPS):
        before = found.slope, *found.bias.values()
        found.slope += _newton(found, samples, lambda each: log_odds(each.chance), found.slope - 1, spread)
        for kind, mine in by_kind.items():
            found.bias[kind] += _newton(found, mine, lambda _: 1.0, found.bias[kind], spread)
        if max(abs(one - other) for one, other in zip(before, (found.slope, *found.bias.values()), strict=True)) < 1e-6:
            break
    return found


def _newton(
    found: Fit, samples: Sequence[Sample], feature: Callable[[Sample], float], off: float, spread: float
) -> float:
    gradient, curvature = -off / spread**2, 1 / spread**2
    for sample in samples:
        x, p = feature(sample), found.confidence(sample)
        gradient += x * (sample.right - p)
        curvature += x * x * p * (1 - p)
    return min(max(gradient / curvature, -STEP), STEP)


def _logistic(score: float) -> float:
    return 1 / (1 + exp(-score))


def samples_of(folder: Path) -> Iterator[tuple[str, Sample]]:
    """Half and sample of every verdict on the recorded runs of a folder; “cannot tell” is right where nobody could."""
    with unpacked(folder) as runs:
        for run in runs:
            truth = json.loads((run / "truth.json").read_text())
            expected = {name_of(failure["test"]): failure for failure in truth["failures"]}
            for each in weighed(line_up(told_apart(gathered(run).evidence))):
                true = expected.get(name_of(each.case.test.test), {"kind": PASSED})
                kind = each.cause[0]
                right = kind.value == true["kind"] or kind.value in true.get("honest", ())
                yield half(truth["scenario"]), Sample(kind, each.chance, right)


def fit_folder(folder: Path, *, write: bool) -> int:
    """Prints the fit, and the calibration error before it and after it; `write` puts it into triage/core/weights.py."""
    halves: dict[str, list[Sample]] = defaultdict(list)
    for name, sample in samples_of(folder):
        halves[name].append(sample)
    if not halves["tune"]:
        print(f"no recorded runs to fit on under {folder}")
        return 2
    found = fit(halves["tune"])
    made = constants(found)
    print(made)
    ways: Mapping[str, Callable[[Sample], float]] = {
        "softmax": lambda each: each.chance,
        "as it stands": lambda each: calibrated(each.kind, each.chance),
        "refitted": found.confidence,
    }
    for name in sorted(halves, reverse=True):
        errors = ", ".join(f"{way} {error(halves[name], stated):.4f}" for way, stated in ways.items())
        print(f"calibration error, {name} ({len(halves[name])} verdicts): {errors}")
    if write:
        path = Path(weights.__file__)
        path.write_text(MADE.sub(lambda match: match[1] + made + match[2], path.read_text()))
        print(f"written into {path.name}")
    return 0


def error(samples: Iterable[Sample], stated: Callable[[Sample], float]) -> float:
    """Expected calibration error of a way to state confidence, below the ceiling that all verdicts have."""
    bins = [Bin() for _ in range(BINS)]
    for sample in samples:
        said = min(stated(sample), CEILING)
        place = bins[min(int(said * BINS), BINS - 1)]
        place.count, place.stated, place.right = place.count + 1, place.stated + said, place.right + sample.right
    return ece(bins) or 0.0


def constants(found: Fit) -> str:
    """The lines that weights.py holds."""
    lines = [f"SLOPE = {found.slope:.3f}", "BIAS: dict[Kind, float] = {"]
    lines += [f"    Kind.{kind.name}: {found.bias[kind]:.3f}," for kind in VerdictKind]
    return "\n".join([*lines, "}", ""])
