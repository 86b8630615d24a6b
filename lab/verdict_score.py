"""How good verdicts are, measure by measure, beside what is promised of a single run and after a scenario's history."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.lineup_score import Count
from triage.core.findings import Level, Verdict, VerdictKind

PASSED = "(passed)"  # the truth of a test that did not fail
KINDS = tuple(kind.value for kind in VerdictKind)
BINS = 10
SURE = (Level.LIKELY, Level.CONFIRMED)
SPLIT, LOST, UNEXPLAINED = VerdictKind.SPLIT_STATE.value, VerdictKind.LOST_STATE.value, VerdictKind.UNEXPLAINED.value
AT_MOST = frozenset({"ece"})  # all other measures have a least value

# What must be reached: name, what it measures, of a single run, after the scenario's history.
TARGETS: tuple[tuple[str, str, float | None, float | None], ...] = (
    ("split_precision", "split_state: precision at likely or above", 0.98, 0.995),
    ("split_recall", "split_state: recall at any level", 0.85, 0.97),
    ("confirmed", "confirmed: right", None, 1.0),
    ("lost_recall", "lost_state: recall", 0.85, 0.95),
    ("lost_precision", "lost_state: precision", 0.95, 0.98),
    ("macro_f1", "macro-F1 over the kinds that there are", 0.85, 0.93),
    ("mechanism", "mechanism right, where one is named", 0.85, 0.9),
    ("ece", "calibration error of the given kind's confidence, at most", 0.07, 0.05),
)
SINGLE, AFTER = 2, 3  # which column of TARGETS


@dataclass(frozen=True, slots=True)
class Ruling:
    """One verdict beside the truth."""

    true: str  # kind, or PASSED
    given: str  # kind; "" where nothing was said
    level: str = ""
    confidence: float = 0.0
    mechanism: str = ""  # that the verdict names
    really: str = ""  # the true mechanism
    honest: bool = False  # these logs cannot tell the true kind, and the verdict says what they can

    @property
    def right(self) -> bool:
        return self.true == self.given

    def allowed(self) -> Ruling:
        """The same, counted as right where the logs tell no more: as being of the kind that was said."""
        return Ruling(self.given, self.given, self.level, self.confidence) if self.honest else self


def ruling(expected: Mapping[str, Any], verdict: Verdict | None) -> Ruling:
    """`expected`: one record of truth["failures"]; {"kind": "(passed)"} of a test that passed."""
    if verdict is None:
        return Ruling(expected["kind"], "", really=expected.get("mechanism") or "")
    return Ruling(
        true=expected["kind"],
        given=verdict.kind.value,
        level=verdict.level.value,
        confidence=verdict.confidence,
        mechanism=verdict.mechanism.value if verdict.mechanism is not None else "",
        really=expected.get("mechanism") or "",
        honest=verdict.kind.value in expected.get("honest", ()),
    )


@dataclass(slots=True)
class Bin:
    """Verdicts whose stated confidence is alike."""

    count: int = 0
    stated: float = 0.0  # the sum of their confidences
    right: int = 0

    def add(self, ruled: Ruling) -> None:
        self.count += 1
        self.stated += ruled.confidence
        self.right += ruled.right


def ece(bins: Iterable[Bin]) -> float | None:
    """Expected calibration error: how far stated confidence is from what was right, on average over verdicts."""
    several = tuple(bins)
    total = sum(each.count for each in several)
    return sum(abs(each.stated - each.right) for each in several) / total if total else None


@dataclass(slots=True)
class Measured:
    """All measures over some rulings."""

    shares: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))  # those of TARGETS that are shares
    f1: dict[str, float] = field(default_factory=dict)  # by kind
    absent: tuple[str, ...] = ()  # kinds that the truth does not have here
    bins: list[Bin] = field(default_factory=lambda: [Bin() for _ in range(BINS)])
    by_kind: dict[str, list[Bin]] = field(default_factory=dict)
    levels: Counter[tuple[str, bool]] = field(default_factory=Counter)  # level, whether right
    total: int = 0

    @property
    def macro_f1(self) -> float | None:
        return sum(self.f1.values()) / len(self.f1) if self.f1 else None

    @property
    def ece(self) -> float | None:
        return ece(self.bins)

    def value(self, name: str) -> float | None:
        """A measure by its name in TARGETS; None where there is nothing to measure."""
        if name == "macro_f1":
            return self.macro_f1
        return self.ece if name == "ece" else self.shares[name].share

    def as_numbers(self) -> dict[str, Any]:
        return {
            "total": self.total,
            **{
                name: {"value": self.value(name), "hits": self.shares[name].hits, "total": self.shares[name].total}
                for name, *_ in TARGETS
            },
            "f1": self.f1,
            "absent": list(self.absent),
            "levels": [
                {"level": level, "right": right, "count": count}
                for (level, right), count in sorted(self.levels.items())
            ],
            "reliability": [
                {"from": n / BINS, "stated": each.stated / each.count, "right": each.right, "count": each.count}
                for n, each in enumerate(self.bins)
                if each.count
            ],
        }


def measure(pairs: Iterable[tuple[Mapping[str, Any], Verdict | None]], *, honest: bool = True) -> Measured:
    """Measures of verdicts beside what was expected of each; `honest`: “cannot tell” is right where nobody could."""
    return measure_rulings((ruling(expected, verdict) for expected, verdict in pairs), honest=honest)


def measure_rulings(rulings: Iterable[Ruling], *, honest: bool = True) -> Measured:
    counted = [each.allowed() if honest else each for each in rulings]
    found = Measured(total=len(counted))
    shares = found.shares
    for each in counted:
        if each.given == SPLIT and each.level in SURE:
            shares["split_precision"].add(each.right)
        if each.true == SPLIT:
            shares["split_recall"].add(each.right)
        if each.level == Level.CONFIRMED:
            shares["confirmed"].add(each.right)
        if each.true == LOST:
            shares["lost_recall"].add(each.right)
        if each.given == LOST:
            shares["lost_precision"].add(each.right)
        if each.mechanism and not (honest and each.right and not each.really):
            shares["mechanism"].add(each.right and each.mechanism == each.really)
        if each.given:
            place = min(int(each.confidence * BINS), BINS - 1)
            found.bins[place].add(each)
            found.by_kind.setdefault(each.given, [Bin() for _ in range(BINS)])[place].add(each)
            found.levels[each.level, each.right] += 1
    true, given = Counter(each.true for each in counted), Counter(each.given for each in counted)
    hits = Counter(each.true for each in counted if each.right)
    found.f1 = {kind: 2 * hits[kind] / (true[kind] + given[kind]) for kind in KINDS if true[kind]}
    found.absent = tuple(kind for kind in KINDS if not true[kind])
    return found


def print_verdicts(
    rulings: Mapping[str, Iterable[Ruling]], column: int = SINGLE, title: str = "The single run"
) -> None:
    """Every measure with its target, twice a half: the unknowable counted as right, and as the error that it is."""
    names = sorted(rulings, reverse=True)
    ways = {True: "", False: ", strict"}
    table = {
        f"{name}{said}": measure_rulings(rulings[name], honest=honest)
        for name in names
        for honest, said in ways.items()
    }
    print(f"\n{title:62}" + "".join(f"{name:>25}" for name in table) + "   target")
    for name, meaning, *targets in TARGETS:
        target = targets[column - SINGLE]
        if target is None and not any(each.shares[name].total for each in table.values()):
            continue
        cells = "".join(f"{_cell(name, each, target):>25}" for each in table.values())
        print(f"  {meaning:60}{cells}" + (f"   {target:.3f}" if target is not None else ""))
    for kind in KINDS:
        cells = "".join(f"{_share(each.f1.get(kind)):>25}" for each in table.values())
        print(f"  {'  F1 of ' + kind:60}{cells}")
    for level in Level:
        cells = "".join(f"{_level(each, level):>25}" for each in table.values())
        print(f"  {'verdicts that are ' + level.value:60}{cells}")
    print("  strict: a failure whose logs cannot tell its kind counts as an error, too, and so does a mechanism where")
    print("  the kind is right and the truth names none")
    for name in names:
        absent = ", ".join(table[name].absent)
        print(f"\nConfidence of verdicts, {name}" + (f" (no failure is really: {absent})" if absent else ""))
        print_reliability(table[name])


def print_reliability(found: Measured) -> None:
    """What was stated on average in each tenth, and what was right."""
    for n, each in enumerate(found.bins):
        if each.count:
            stated, right = 100 * each.stated / each.count, 100 * each.right / each.count
            kinds = ", ".join(
                f"{kind} {bins[n].right}/{bins[n].count}"
                for kind, bins in sorted(found.by_kind.items())
                if bins[n].count
            )
            span = f"{n / BINS:.1f}-{(n + 1) / BINS:.1f}"
            print(f"  {span}  stated {stated:5.1f} %  right {right:5.1f} %  of {each.count:<5} {kinds}")


def _cell(name: str, found: Measured, target: float | None) -> str:
    value = found.value(name)
    if value is None:
        return "-"
    missed: Callable[[float, float], bool] = float.__gt__ if name in AT_MOST else float.__lt__
    mark = " MISSED" if target is not None and missed(value, target) else ""
    count = found.shares[name]
    counted = f"{count.hits}/{count.total} = " if count.total else ""
    return f"{counted}{value:.3f}{mark}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _level(found: Measured, level: Level) -> str:
    right, wrong = found.levels[level.value, True], found.levels[level.value, False]
    return f"{right} right, {wrong} wrong" if right or wrong else "-"
