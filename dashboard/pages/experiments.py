"""Experiments on a page: what would decide a verdict, which runs were made for it, and what they say so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.history import once_in
from dashboard.pages.words import Option, counted
from dashboard.rows import rates_of
from dashboard.timeline.text import visible
from triage.core.findings import VerdictKind
from triage.core.history.experiments import CERTAINTY, OPEN, Conclusion
from triage.core.history.records import ExperimentKind
from triage.core.history.statistics import chance_of, runs_that_decide
from triage.models import FailureGroup, Run

STATES = {
    "open": "open",
    "confirmed": "confirmed",
    "refuted": "refuted",
    "verified": "fix verified",
    "failed": "fix failed",
}
_UNDECIDED = (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE, VerdictKind.UNEXPLAINED)
MOST_RUNS = 30  # where more would be needed, nobody will make them


CHOICES = tuple(Option(kind.value, words.EXPERIMENTS[kind.value]) for kind in ExperimentKind)


class ConclusionView(msgspec.Struct, frozen=True, kw_only=True):
    kind_words: str
    state: str
    state_words: str
    sentence: str
    done: int
    wanted: int  # runs in and still wanted; 0 where no number decides
    progress: str  # for who cannot see the bar


class MarkView(msgspec.Struct, frozen=True, kw_only=True):
    """This run as an experiment: what it is marked as, and the form that says so."""

    action: str
    kind: str  # "" where the run is an ordinary one
    kind_words: str
    note: str
    may: bool
    choices: tuple[Option, ...]


def conclusion_views(conclusions: Iterable[Conclusion]) -> tuple[ConclusionView, ...]:
    """Those that have begun: what others would take, the plan says."""
    return tuple(_conclusion(one) for one in conclusions if begun(one))


def begun(one: Conclusion) -> bool:
    return one.passed + one.failed > 0 or one.state != OPEN


def _conclusion(one: Conclusion) -> ConclusionView:
    done = one.passed + one.failed
    wanted = done + one.needed if one.needed is not None else 0
    return ConclusionView(
        kind_words=words.EXPERIMENTS.get(one.kind.value, one.kind.value),
        state=one.state,
        state_words=STATES.get(one.state, one.state),
        sentence=visible(one.sentence[:1].upper() + one.sentence[1:]) or f"{counted(done, 'control run')} so far.",
        done=min(done, wanted),
        wanted=wanted,
        progress=f"{done} of {wanted} runs are in" if wanted else f"{counted(done, 'run')} so far",
    )


def mark_view(run: Run, test: str, *, may: bool) -> MarkView:
    """`test` is the one that the page shows, to come back to."""
    kind = run.experiment
    return MarkView(
        action=address("experiment", run, test),
        kind=kind,
        kind_words=words.EXPERIMENTS.get(kind, kind),
        note=visible(run.experiment_note),
        may=may,
        choices=CHOICES,
    )


def plan(group: FailureGroup, conclusions: Iterable[Conclusion], kind: str) -> str:
    """How many control runs would decide, where none has begun and a verdict of this kind leaves something open."""
    if kind not in _UNDECIDED or any(map(begun, conclusions)):
        return ""
    rates = rates_of(group)
    return plan_words(round((rates.observed or 0) * rates.runs), rates.runs)


def plan_words(failed: int, total: int) -> str:
    """The sentence; empty where the failure has no rate yet."""
    needed = runs_that_decide(failed, total, CERTAINTY)
    if needed is None or needed < 1:
        return ""
    if needed > MOST_RUNS:
        return (
            f"With {failed:,} of {total:,} runs failed so far, no handful of passing control runs excludes chance."
            " Two that fail in the same way refute it."
        )
    odds = once_in(chance_of(needed, failed, total))
    runs = "One control run decides" if needed == 1 else f"{needed} control runs in a row decide"
    passes = "a pass" if needed == 1 else f"{needed} passes"
    return (
        f"{runs} at {100 * CERTAINTY:.0f} %: with {failed:,} of {total:,} runs failed so far,"
        f" {passes} would come by chance {odds}. Two that fail in the same way refute it."
    )


def commands(text: str) -> tuple[str, ...]:
    """What stands between backticks in an advice: the commands that a person would copy."""
    return tuple(part for part in text.split("`")[1::2] if " " in part)


def read_kind(form: Any) -> tuple[str, str]:
    """The experiment that a form names ("": none any more), and a sentence where it makes no sense."""
    kind = str(form.get("kind", ""))
    if kind and kind not in words.EXPERIMENTS:
        return "", "Say what was changed for this run: choose one of the list."
    if kind == ExperimentKind.FIX and not str(form.get("note", "")).strip():
        return "", "A fix needs its name, so that people know what was verified."
    return kind, ""
