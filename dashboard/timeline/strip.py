"""The last runs of one test as a strip of bars: failures stand on the line, passes hang from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

import msgspec

WIDTH, HEIGHT = 720.0, 58.0
LINE = 36.0  # what failed stands above it, what passed hangs below
TALL, SHORT = 28.0, 14.0
PLACES = 60
WIDEST = 13.0  # a strip of few runs is no wall of wide blocks


class Fate(StrEnum):
    """What became of one run of a test, and whether its write and its read met the same process."""

    FAILED_DIFFERENT = "failed-different"
    FAILED_SAME = "failed-same"
    FAILED_REPLACED = "failed-replaced"  # the holder of the state was replaced between write and read
    FAILED_UNKNOWN = "failed-unknown"
    FAILED_OTHERWISE = "failed-otherwise"  # another failure of the same test, which says nothing of this one
    PASSED_DIFFERENT = "passed-different"
    PASSED_SAME = "passed-same"
    PASSED_REPLACED = "passed-replaced"
    PASSED_UNKNOWN = "passed-unknown"


FATE_WORDS = {
    Fate.FAILED_DIFFERENT: "failed on different processes",
    Fate.FAILED_SAME: "failed on the same process",
    Fate.FAILED_REPLACED: "failed after the holder was replaced",
    Fate.FAILED_UNKNOWN: "failed, processes unknown",
    Fate.FAILED_OTHERWISE: "failed in another way, not counted here",
    Fate.PASSED_DIFFERENT: "passed on different processes",
    Fate.PASSED_SAME: "passed on the same process",
    Fate.PASSED_REPLACED: "passed after the holder was replaced",
    Fate.PASSED_UNKNOWN: "passed, processes unknown",
}


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the test, as far as the strip needs it."""

    fate: Fate
    label: str  # which run, and when
    control: bool = False  # an experiment: told apart by a mark of its own


class StripBar(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    x: float
    y: float
    width: float
    height: float
    fate: str
    title: str
    mark_x: float | None  # centre of the mark of a control run


class StripKey(msgspec.Struct, frozen=True, gc=False):
    fate: str
    label: str


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    width: float = 0.0
    height: float = HEIGHT
    line: float = LINE
    bars: tuple[StripBar, ...] = ()
    keys: tuple[StripKey, ...] = ()  # of the fates that occur
    controls: bool = False
    summary: str = ""  # the whole strip in a sentence, for who cannot see it


def strip(runs: Sequence[Ran]) -> Strip:
    """`runs` oldest first; the newest PLACES of them are drawn, the newest on the right."""
    runs = runs[-PLACES:]
    if not runs:
        return Strip()
    pitch = min(WIDEST, WIDTH / len(runs))
    return Strip(
        width=round(pitch * len(runs), 1),
        bars=tuple(_bar(ran, i * pitch, pitch) for i, ran in enumerate(runs)),
        keys=tuple(
            StripKey(fate.value, label) for fate, label in FATE_WORDS.items() if any(r.fate is fate for r in runs)
        ),
        controls=any(ran.control for ran in runs),
        summary=_summary(runs),
    )


def _bar(ran: Ran, x: float, pitch: float) -> StripBar:
    failed = ran.fate.value.startswith("failed")
    height = TALL if failed else SHORT
    gap = min(3.0, pitch * 0.25)
    return StripBar(
        x=round(x + gap / 2, 1),
        y=round(LINE - height - 1 if failed else LINE + 1, 1),
        width=round(pitch - gap, 1),
        height=height,
        fate=ran.fate.value,
        title=f"{ran.label}: {FATE_WORDS[ran.fate]}{', control run' if ran.control else ''}",
        mark_x=round(x + pitch / 2, 1) if ran.control else None,
    )


def _summary(runs: Sequence[Ran]) -> str:
    counts = Counter(ran.fate for ran in runs)
    told = [f"{counts[fate]} {label}" for fate, label in FATE_WORDS.items() if counts[fate]]
    many = "The last run" if len(runs) == 1 else f"The last {len(runs)} runs, oldest first"
    return f"{many}: {'; '.join(told)}."
