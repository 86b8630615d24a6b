"""The score of histories as text: the targets by half, one run beside all of them, and what history changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from pathlib import Path

from lab.history_score import Concluded, Rate, Seen, Told, conclusions, judged, look, rates, succeeded
from lab.score import half as half_of
from lab.verdict_score import AFTER, AT_MOST, PASSED, TARGETS, Measured, measure, print_verdicts, ruling
from triage.core.findings import Level, Verdict, VerdictKind

HALVES = ("tune", "held out")
COLUMNS = (*(kind.value for kind in VerdictKind), "")


def score_histories(folder: Path, *, wrong: bool = False) -> int:
    """Prints the tables for all runs below `folder`, or packed in it; exit status 2 where there is none."""
    seen = look(folder)
    if not seen:
        print(f"no recorded histories under {folder}: python -m lab history SCENARIO")
        return 2
    told = list(judged(seen))
    print_scenarios(seen, told)
    print_targets(told)
    for half in HALVES:
        print_matrix(half, [each for each in told if each.half == half])
    print_rates(rates(seen, told))
    print_successions(succeeded(seen))
    print_conclusions(conclusions(seen))
    print_confirmed(told)
    print_changes(told, wrong=wrong)
    return 0


def alone(each: Told) -> Verdict | None:
    return each.alone


def after(each: Told) -> Verdict | None:
    return each.after


VIEWS: tuple[tuple[str, Callable[[Told], Verdict | None]], ...] = (("one run", alone), ("history", after))


def measured(told: Iterable[Told]) -> dict[tuple[str, str], Measured]:
    """(half, "one run" or "history") → its figures; “cannot tell” is right where nobody could."""
    told = list(told)
    return {
        (half, view): measure((each.expected, of(each)) for each in told if each.half == half)
        for half in HALVES
        for view, of in VIEWS
    }


def print_targets(told: Sequence[Told]) -> None:
    table = measured(told)
    columns = "".join(f"{f'{half}, {view}':>25}" for half in HALVES for view, _ in VIEWS)
    print(f"\n{'The same failures, by one run and by all':60}{columns}   targets")
    for key, title, *targets in TARGETS:
        cells = ""
        for half in HALVES:
            for (view, _), target in zip(VIEWS, targets, strict=True):
                cells += f"{_cell(key, table[half, view], target):>25}"
        said = ", ".join("-" if target is None else f"{target:g}" for target in targets)
        print(f"  {title:58}{cells}   {said}")
    print_verdicts(
        {half: [ruling(e.expected, e.after) for e in told if e.half == half] for half in HALVES}, AFTER, "After"
    )


def _cell(key: str, found: Measured, target: float | None) -> str:
    value, count = found.value(key), found.shares[key]
    if value is None:
        return "-"
    missed = target is not None and (value > target if key in AT_MOST else value < target)
    return f"{f'{count.hits}/{count.total} = ' if count.total else ''}{value:.3f}{' MISSED' if missed else ''}"


def print_scenarios(seen: Sequence[Seen], told: Sequence[Told]) -> None:
    print(f"{'scenario':34} {'half':9} runs controls  failures  right alone  right after  confirmed")
    for slug in sorted({each.scenario for each in seen}):
        runs = {each.run: each.occasion.experiment for each in seen if each.scenario == slug}
        mine = [each for each in told if each.seen.scenario == slug]
        controls = sum(experiment is not None for experiment in runs.values())
        sure = [each for each in mine if each.after and each.after.level is Level.CONFIRMED]
        counts = f"{len(mine):9}" + "".join(f"{sum(right(each, of(each)) for each in mine):13}" for _, of in VIEWS)
        print(f"{slug:34} {half_of(slug):9} {len(runs) - controls:4} {controls:8} {counts} {len(sure):10}")


def print_successions(told: Sequence[Told]) -> None:
    """Of projects in which one cause followed the other, as if both scenarios were one."""
    print("\nOne cause after the other in one project")
    for half in HALVES:
        mine = [each for each in told if each.half == half]
        counts = ", ".join(f"{sum(right(each, of(each)) for each in mine)} right by {view}" for view, of in VIEWS)
        sure = [each for each in mine if each.after and each.after.level is Level.CONFIRMED]
        wrong = [each for each in sure if not right(each, each.after)]
        print(f"  {half}: {len(mine)} failures, {counts}; {len(sure)} confirmed, {len(wrong)} of them wrong")
        worse = [each for each in mine if right(each, each.alone) and not right(each, each.after)]
        for each in (*wrong, *(each for each in worse if each not in wrong)) if half == HALVES[0] else ():
            print(f"    {'WRONG' if each in wrong else 'worse'} {_story(each)}")


def right(each: Told, verdict: Verdict | None) -> bool:
    """Whether the kind is the true one, or as good where these logs cannot tell it."""
    return verdict is not None and verdict.kind.value in (each.expected["kind"], *each.expected.get("honest", ()))


def print_matrix(half: str, told: Sequence[Told]) -> None:
    for view, of in VIEWS:
        counts = Counter((each.expected["kind"], _said(of(each))) for each in told)
        print(f"\n== {half}, {view}: {len(told)} failures")
        print(f"{'truth ↓   verdict →':22}" + "".join(f"{column[:10] or 'none':>12}" for column in COLUMNS))
        for row in (*COLUMNS[:-1], PASSED):
            if any(counts[row, column] for column in COLUMNS):
                print(f"{row:22}" + "".join(f"{counts[row, column] or '·':>12}" for column in COLUMNS))


def _said(verdict: Verdict | None) -> str:
    return verdict.kind.value if verdict else ""


def print_rates(found: Sequence[Rate]) -> None:
    """Whether 1 - sum of p squared is what real servers do: of one write and one read, and of failures."""
    print(
        "\nTests of split state: how often write and read part by the workers' shares, truly, and how often they failed"
    )
    print(f"  {'scenario':30} {'test':44} true shares  logs' shares  parted  failed  runs")
    for rate in found:
        told, parted = ("-" if share is None else f"{share:.2f}" for share in (rate.told, rate.parted))
        shares = f"{rate.true:11.2f} {told:>12} {parted:>7} {rate.observed:7.2f}"
        print(f"  {rate.scenario:30} {rate.test:44} {shares} {rate.runs:5}")
    for what, in_turns in (("on one host", False), ("of hosts taken in turns", True)):
        single = [rate for rate in found if rate.parted is not None and rate.in_turns == in_turns]
        _print_gap(
            f"parted minus expected, one write and one read {what}", [(r.parted or 0.0) - r.true for r in single]
        )
        _print_gap(f"failed minus expected, one write and one read {what}", [r.observed - r.true for r in single])
    _print_gap("failed minus expected, all of them", [rate.observed - rate.true for rate in found])
    _print_gap("shares of the logs minus true ones", [rate.told - rate.true for rate in found if rate.told is not None])


def _print_gap(what: str, gaps: Sequence[float]) -> None:
    if gaps:
        mean, apart = sum(gaps) / len(gaps), sum(map(abs, gaps)) / len(gaps)
        print(f"  {what}: {mean:+.3f} on average, {apart:.3f} apart, {len(gaps)} tests")


def print_conclusions(found: Sequence[Concluded]) -> None:
    """How many experiments came to an end, and whether rightly."""
    print("\nExperiments: what they conclude of each test's commonest failure")
    for half in HALVES:
        mine = [each for each in found if half_of(each.scenario) == half]
        counts = Counter((each.conclusion.kind.value, each.conclusion.state) for each in mine)
        said = ", ".join(f"{kind} {state} {count}" for (kind, state), count in sorted(counts.items()))
        print(f"  {half}: {said or 'none'}; wrong {sum(each.wrong for each in mine)}")
        for each in mine if half == HALVES[0] else ():
            if each.wrong:
                print(f"    WRONG {each.scenario} {each.test.rpartition('::')[2]}: {each.conclusion.sentence}")


def print_confirmed(told: Sequence[Told]) -> None:
    print("\nConfirmed")
    for half in HALVES:
        sure = [each for each in told if each.half == half and each.after and each.after.level is Level.CONFIRMED]
        print(f"  {half}: {len(sure)}, wrong {sum(not right(each, each.after) for each in sure)}")
        for _, several in groupby(sure if half == HALVES[0] else (), key=_failure):
            first, *more = several
            also = f" and {len(more)} runs more" if more else ""
            said = "right" if all(right(each, each.after) for each in (first, *more)) else "WRONG"
            print(
                f"    {said} {first.name}{also}: {_said(first.after)}: {first.weighed.reason if first.weighed else ''}"
            )


def _failure(each: Told) -> tuple[str, str, str]:
    return each.seen.scenario, each.seen.test, f"{_said(each.after)} {right(each, each.after)}"


def print_changes(told: Sequence[Told], *, wrong: bool) -> None:
    print("\nWhat history changed")
    for half in HALVES:
        mine = [each for each in told if each.half == half]
        better = [each for each in mine if right(each, each.after) and not right(each, each.alone)]
        worse = [each for each in mine if right(each, each.alone) and not right(each, each.after)]
        print(f"  {half}: {len(better)} verdicts for the better, {len(worse)} for the worse")
        if half == HALVES[0]:
            _print_stories("better", better)
            _print_stories("worse", worse)
    if wrong:
        print("\nWrong after the history (of the half to tune on)")
        missed = [each for each in told if each.half == HALVES[0] and not right(each, each.after)]
        _print_stories("missed", missed)


def _print_stories(title: str, several: Sequence[Told]) -> None:
    """One of each failure, and how many more there are: the other runs of it say the same."""
    for _, same in groupby(several, key=_failure):
        first, *more = same
        print(f"    {title}: {_story(first)}{f' (and {len(more)} runs more)' if more else ''}")


def _story(each: Told) -> str:
    said = f"{_said(each.alone) or 'nothing'} → {_said(each.after) or 'nothing'}"
    reason = f": {each.weighed.reason}" if each.weighed and each.weighed.reason else ""
    return f"{each.name} is {each.expected['kind']}, {said}{reason}"
