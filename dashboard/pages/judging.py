"""Person over machine: what people said of a verdict, and the form that asks them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.words import Option
from dashboard.timeline.text import visible, visible_lines
from triage.core.findings import Mechanism, VerdictKind
from triage.models import Run
from triage.store.judgements import REASON, WITH_MECHANISM
from triage.store.text import written

SAYS_THE_SAME = "That is what the verdict says already. Accept it, or choose what it is instead."


KINDS = tuple(Option(kind.value, words.KINDS[kind.value]) for kind in VerdictKind)
MECHANISMS = tuple(Option(one.value, words.MECHANISMS[one.value]) for one in Mechanism)


class JudgementLine(msgspec.Struct, frozen=True, kw_only=True):
    accepted: bool
    said: str
    who: str
    at: datetime
    reason: str
    was: str  # what Lineup had said when it was judged


class JudgingView(msgspec.Struct, frozen=True, kw_only=True):
    action: str
    may: bool
    current: JudgementLine | None
    earlier: tuple[JudgementLine, ...]  # all of them, newest first; empty where there is only the current one
    count: int
    kinds: tuple[Option, ...]
    mechanisms: tuple[Option, ...]
    accept: tuple[tuple[str, str], ...] = (("accepted", "yes"),)  # what the forms send along
    overrule: tuple[tuple[str, str], ...] = (("accepted", "no"),)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A filled-in form, as far as it makes sense."""

    accepted: bool
    kind: str
    mechanism: str
    reason: str
    problem: str  # a sentence where it makes none


def judging_view(run: Run, test: str, rows: Iterable[Any], *, may: bool) -> JudgingView:
    """`rows`: every judgement of this failure, newest first."""
    return _judging(address("judgement", run, test), rows, may)


def group_judging(action: str, item: int, back: str, rows: Iterable[Any], *, may: bool) -> JudgingView:
    """The same for the verdict of a group; `item` is the one that stands for it."""
    along = (("item", str(item)), ("next", back))
    return msgspec.structs.replace(
        _judging(action, rows, may), accept=(("act", "accept"), *along), overrule=(("act", "overrule"), *along)
    )


def _judging(action: str, rows: Iterable[Any], may: bool) -> JudgingView:
    said = tuple(judgement_line(row) for row in rows)
    return JudgingView(
        action=action,
        may=may,
        current=said[0] if said else None,
        earlier=said if len(said) > 1 else (),
        count=len(said),
        kinds=KINDS,
        mechanisms=MECHANISMS,
    )


def judgement_line(row: Any) -> JudgementLine:
    what = named(row.kind, row.mechanism)
    return JudgementLine(
        accepted=row.accepted,
        said=f"Accepted: {what}" if row.accepted else f"Overruled: {what}",
        who=visible(row.who),
        at=row.at,
        reason=visible_lines(row.reason),
        was=f"Lineup had said {verdict_words(row.verdict)}." if row.verdict else "",
    )


def named(kind: str, mechanism: str | None) -> str:
    what = words.KINDS.get(kind, visible(kind))
    return f"{what}, {words.MECHANISMS.get(mechanism, visible(mechanism))}" if mechanism else what


def verdict_words(verdict: dict[str, Any]) -> str:
    """`Split state, likely · 97 %`, from a verdict kept as JSON."""
    kind, level, confidence = (verdict.get(name) for name in ("kind", "level", "confidence"))
    what = words.KINDS.get(str(kind), "nothing")
    if kind == VerdictKind.UNEXPLAINED or not isinstance(confidence, int | float):
        return what
    return f"{what}, {level} · {words.percent(confidence)}"


def read_answer(form: Any, verdict: Any) -> Answer:
    """What a person sent, checked; `verdict` is the row that they saw."""
    reason = written(str(form.get("reason", "")), REASON)
    if form.get("accepted") == "yes":
        return Answer(accepted=True, kind=verdict.kind, mechanism=verdict.mechanism or "", reason=reason, problem="")
    kind, mechanism = str(form.get("kind", "")), str(form.get("mechanism", ""))
    if kind not in WITH_MECHANISM or mechanism not in words.MECHANISMS:
        mechanism = ""
    problem = ""
    if kind not in words.KINDS:
        problem = "Say what it is instead: choose one of the seven verdicts."
    elif not reason:
        problem = "Overruling a verdict needs a reason: how do you know?"
    elif kind == verdict.kind and mechanism == (verdict.mechanism or ""):
        problem = SAYS_THE_SAME
    return Answer(accepted=False, kind=kind, mechanism=mechanism, reason=reason, problem=problem)
