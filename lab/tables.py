"""The score as text: tables by half with the targets beside them, and a line a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lab.lineup_score import BINS, Count, LineupTally

# What the lineup must reach: name, at least (or at most), figure of a tally.
TARGETS: tuple[tuple[str, str, float], ...] = (
    ("tied", "requests that the logs determine, tied to the right process", 0.995),
    ("modest", "requests that they do not determine: unknown, or confidence < 0.9", 0.98),
    ("sure", "matches with confidence ≥ 0.9 that are right", 0.999),
    ("clock_inside", "true offset inside the stated bounds", 0.97),
    ("clock_fine", "offset within 50 ms, stamps finer than a second", 0.97),
    ("clock_coarse", "offset within 0.6 s, one-second stamps", 0.97),
    ("background", "percentage points lost to background traffic, at most", 1.0),
)
LOST = "background"


def figures(tally: LineupTally) -> dict[str, Any]:
    """Everything that is measured, as plain numbers."""
    counts = {
        "tied": tally.tied,
        "modest": tally.modest,
        "sure": tally.sure,
        "clock_inside": tally.clock_inside,
        "clock_fine": tally.clock_near["fine"],
        "clock_coarse": tally.clock_near["coarse"],
        "tied_at_all": tally.tied_at_all,
        "steps_tied": tally.steps_tied,
        "unserved": tally.unserved,
        "skews": tally.skews,
        "jumps": tally.jumps,
    }
    return {
        **{name: {"hits": count.hits, "total": count.total, "share": count.share} for name, count in counts.items()},
        "requests": tally.requests,
        "told": tally.told,
        "bold": dict(tally.bold),
        "ece": tally.ece(),
        "clock_undecided": tally.clock_undecided,
        "false_skews": tally.false_skews,
        "false_jumps": tally.false_jumps,
        "reliability": [
            {"from": n / BINS, "stated": stated / count if count else None, "right": right, "count": count}
            for n, (stated, right, count) in enumerate(zip(tally.stated, tally.right, tally.count, strict=True))
        ],
    }


def lost_to_background(by_scenario: Mapping[str, LineupTally]) -> tuple[float, int] | None:
    """Percentage points of tied requests that busy scenarios lose against their quiet twins, and how many pairs."""
    quiet, busy = Count(), Count()
    pairs = [slug for slug in by_scenario if f"{slug}-quiet" in by_scenario]
    for slug in pairs:
        for tally, sums in ((by_scenario[slug], busy), (by_scenario[f"{slug}-quiet"], quiet)):
            sums.hits, sums.total = sums.hits + tally.tied.hits, sums.total + tally.tied.total
    if quiet.share is None or busy.share is None:
        return None
    return 100 * (quiet.share - busy.share), len(pairs)


def print_lineup(halves: Mapping[str, LineupTally], by_half: Mapping[str, Mapping[str, LineupTally]]) -> None:
    """The lineup's figures beside their targets, a column a half."""
    names = sorted(halves, reverse=True)
    print(f"\n{'The lineup':66}" + "".join(f"{name:>24}" for name in names) + "   target")
    table = {name: figures(halves[name]) for name in names}
    for key, title, target in TARGETS:
        if key == LOST:
            cells = [_lost(by_half[name], target) for name in names]
            print(f"  {title:64}" + "".join(f"{cell:>24}" for cell in cells) + f"   {target:.1f}")
            continue
        cells = [_cell(table[name][key], target) for name in names]
        print(f"  {title:64}" + "".join(f"{cell:>24}" for cell in cells) + f"   {100 * target:.1f} %")
    for key, title in (
        ("tied_at_all", "determined requests tied rightly at any confidence"),
        ("steps_tied", "lines on determined requests tied to the right process"),
        ("unserved", "requests that no process took: not given as sure"),
        ("skews", "drift of a clock found, within 40 ppm"),
        ("jumps", "jumps of a clock found"),
    ):
        print(f"  {title:64}" + "".join(f"{_cell(table[name][key], None):>24}" for name in names))
    for key, title in (
        ("clock_undecided", "clocks left undecided"),
        ("false_skews", "drifts stated that were none"),
        ("false_jumps", "jumps stated that were none"),
        ("requests", "requests that a process took"),
        ("told", "of which the tests' logs have a line"),
    ):
        print(f"  {title:64}" + "".join(f"{table[name][key]:>24}" for name in names))
    bold = ["{} right, {} wrong".format(*(halves[name].bold[key] for key in ("right", "wrong"))) for name in names]
    print(f"  {'sure of a request that is not determined':64}" + "".join(f"{cell:>24}" for cell in bold))
    print_reliability(halves, names)


def _cell(count: dict[str, Any], target: float | None) -> str:
    if count["share"] is None:
        return "-"
    missed = " MISSED" if target is not None and count["share"] < target else ""
    return f"{count['hits']}/{count['total']} = {100 * count['share']:.2f} %{missed}"


def _lost(by_scenario: Mapping[str, LineupTally], target: float) -> str:
    lost = lost_to_background(by_scenario)
    if lost is None:
        return "-"
    return f"{lost[0]:+.2f} ({lost[1]} pairs){' MISSED' if lost[0] > target else ''}"


def print_reliability(halves: Mapping[str, LineupTally], names: Iterable[str]) -> None:
    """Ten bins of stated confidence: what was stated on average, and what was right."""
    for name in names:
        tally = halves[name]
        ece = tally.ece()
        print(f"\nConfidence of matches, {name}: expected calibration error {ece:.4f}" if ece is not None else "")
        for n, (stated, right, count) in enumerate(zip(tally.stated, tally.right, tally.count, strict=True)):
            if count:
                said, was = 100 * stated / count, 100 * right / count
                print(f"  {n / BINS:.1f}-{(n + 1) / BINS:.1f}  stated {said:5.1f} %  right {was:5.1f} %  of {count}")


def print_determined(by_scenario: Mapping[str, LineupTally], halves: Mapping[str, str]) -> None:
    """A line a scenario: how much its logs determine, and what became of it."""
    columns = f"{'served':>6} {'told':>5} {'determined':>10} {'tied':>8} {'modest':>9} {'sure':>11}"
    print(f"\n{'scenario':34} {'half':9} {columns}")
    for slug, tally in sorted(by_scenario.items()):
        tied, modest, sure = (
            f"{count.hits}/{count.total}" if count.total else "-" for count in (tally.tied, tally.modest, tally.sure)
        )
        counts = f"{tally.requests:6} {tally.told:5} {tally.tied.total:10} {tied:>8} {modest:>9} {sure:>11}"
        print(f"{slug:34} {halves[slug]:9} {counts}")
