"""The lines behind one mark, in passing: what the tests' file said of it, and what the server's file said."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.pages.lines import raw_lines
from dashboard.pages.words import Piece, clock_words, percent, pieces
from dashboard.rows import clocks_of
from dashboard.timeline.axis import clock_time
from dashboard.timeline.scene import client_time
from dashboard.timeline.text import visible
from triage.core.clock_scale import clock_of
from triage.models import Entry, Match, Run, Served, Step

CUT = 600  # characters of a line that is only looked at in passing
SMALL = 300_000  # compressed bytes of a tests part that is unfolded for a line in passing


class PeekSide(msgspec.Struct, frozen=True, kw_only=True):
    title: str  # Step 3, or gunicorn 51463 on web-1
    where: str  # its file, and the line in it
    text: tuple[Piece, ...]
    at: str  # on the tests' clock
    logged: str = ""  # as its own log wrote it
    bounds: str = ""  # of the offset between the two
    colour: str = ""


class Peek(msgspec.Struct, frozen=True, kw_only=True):
    sides: tuple[PeekSide, ...]
    tie: str  # how surely they belong together


def peek(run: Run, marks: Sequence[tuple[str, int]]) -> Peek | None:
    """`marks`: ("step", position) or ("served", position), at most two. None where the run has no such mark."""
    found = [(_of_step if kind == "step" else _of_served)(run, position) for kind, position in marks[:2]]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return Peek(sides=tuple(side for one in known for side in one.sides), tie=known[0].tie if len(known) == 1 else "")


def _of_step(run: Run, position: int) -> Peek | None:
    step = Step.objects.at_positions(run, [position]).first()
    if step is None:
        return None
    match = Match.objects.of_steps([step.pk]).first()
    served = Served.objects.at_positions(run, [match.served.position]).first() if match is not None else None
    sides = (_step_side(step), *([_served_side(run, served)] if served is not None else []))
    return Peek(sides=sides, tie=_tie(match) if match is not None else "No entry of a server log belongs to it.")


def _of_served(run: Run, position: int) -> Peek | None:
    served = Served.objects.at_positions(run, [position]).first()
    if served is None:
        return None
    match = Match.objects.steps_of(served).first()
    step = Step.objects.at_positions(run, [match.step.position]).first() if match is not None else None
    sides = (*([_step_side(step)] if step is not None else []), _served_side(run, served))
    return Peek(sides=sides, tie=_tie(match) if match is not None else "No step of these tests asked for it.")


def _tie(match: Match) -> str:
    basis = f", by {', '.join(match.basis)}" if match.basis else ""
    return f"They belong together with {percent(match.confidence)}{basis}."


def _step_side(step: Step) -> PeekSide:
    text = raw_lines(step.part, SMALL).get(step.line, step.text)
    return PeekSide(
        title=f"Step {step.n}",
        where=f"{visible(step.part.name)}, line {step.line:,}",
        text=(Piece(_short(text)),),
        at=clock_time(step.at_us) if step.at_us is not None else "no time",
    )


def _served_side(run: Run, served: Served) -> PeekSide:
    part, clocks, process = served.part, clocks_of(run), served.process
    part.run = run  # its day names the partition
    row = Entry.objects.at_lines(part, [served.line]).first()
    clock = clock_of(clocks, process.host)
    gone = "Retention has dropped this line." if run.lines_gone_at else "This line was not kept."
    name = (
        f"{process.unit.removesuffix('.service') or 'process'} {process.pid if process.pid is not None else '(no PID)'}"
    )
    return PeekSide(
        title=visible(name + (f" on {process.host}" if process.host else ""))[:200],
        where=f"{visible(part.name)}, line {served.line:,}",
        text=pieces(_short(row.raw), [f"[{row.pid}]"] if row.pid else []) if row is not None else (Piece(gone),),
        at=clock_time(client_time(clocks, process.host, served.low_us)),
        logged=clock_time(row.stamp_us) if row is not None and row.stamp_us is not None else "",
        bounds=clock_words(clock)[1] if clock is not None and clock.decided else "",
        colour=f"p{process.position % 8 + 1}",
    )


def _short(text: str) -> str:
    text = text.rstrip("\n")
    return visible(text[:CUT]) + (f" … {len(text) - CUT:,} more characters" if len(text) > CUT else "")
