"""Steps on top and served requests below: how wide, where, and which step stands over which request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from dashboard.timeline.axis import GAP, clock_time
from dashboard.timeline.picture import ServedBox
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import BOLD, fit, process_name, request_words, step_words, visible, width_of
from triage.core.findings import Match, PlacedStep, Process, Served

BOXES = 18  # steps of a test that get a box; the others become dots
BOX_HEIGHT = 28.0
QUIET = 4  # rank of steps that only get a box where there is room to spare
ROOMS = (190.0, 150.0, 124.0, 104.0)  # for a label: the widest with which all boxes fit the picture
ENOUGH = 800.0  # of the axis, so that times can still be told apart


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A step that gets a box, before its place is known."""

    step: PlacedStep
    at: int
    role: str
    label: str
    width: float


def split_steps(
    scene: Scene, times: dict[int, int], most: int = BOXES
) -> tuple[tuple[Wanted, ...], tuple[PlacedStep, ...]]:
    """Which steps get a box, at most so many, and which become dots: what matters to the verdict comes first."""
    ranked = sorted(scene.steps, key=lambda s: (_rank(scene, s), _far(scene, s), s.index))
    telling = [s for s in ranked if _rank(scene, s) < QUIET]
    few = len(telling) < 3 or len(ranked) <= 5
    boxed = sorted((s for s in (ranked if few else telling)[:most] if step_words(s)), key=lambda s: s.index)
    shown = {s.index for s in boxed}
    for room in ROOMS:
        wanted = _wanted(scene, boxed, times, room)
        if sum(w.width + GAP for w in wanted) <= ENOUGH:
            break
    return wanted, tuple(s for s in scene.steps if s.index not in shown)


def _wanted(scene: Scene, boxed: Sequence[PlacedStep], times: dict[int, int], room: float) -> tuple[Wanted, ...]:
    wanted = []
    for step in boxed:
        role = _role(scene, step)
        bold = BOLD if role in ("write", "read", "fail") else 1.0
        label = fit(("✕ " if role == "fail" else "") + step_words(step), room / bold)
        width = max(52.0, round(width_of(label) * bold + 22))
        wanted.append(Wanted(step=step, at=times[step.index], role=role, label=label, width=width))
    return tuple(wanted)


def _far(scene: Scene, step: PlacedStep) -> int:
    """How many steps lie between this one and the verdict's nearest end."""
    verdict = scene.verdict
    ends = [e.step for e in (verdict.write, verdict.read) if e is not None and e.step is not None] if verdict else []
    return min((abs(step.index - end) for end in ends), default=0)


def _rank(scene: Scene, step: PlacedStep) -> int:
    role = _role(scene, step)
    if role in ("write", "read"):
        return 0
    if role == "fail":
        return 1
    if step.request is not None:
        return 2
    return 3 if step.matches and not _repeats(scene, step) else QUIET


def _repeats(scene: Scene, step: PlacedStep) -> bool:
    """True where a request of the test has the same best match: then this step only tells of it."""
    best = step.matches[0].served
    return any(s.request is not None and s.matches and s.matches[0].served == best for s in scene.steps)


def _role(scene: Scene, step: PlacedStep) -> str:
    verdict = scene.verdict
    if verdict is not None:
        if verdict.write is not None and verdict.write.step == step.index:
            return "write"
        if verdict.read is not None and verdict.read.step == step.index:
            return "read"
    if step.mark == "fail":
        return "fail"
    return "" if step.matches or step.request else "quiet"


def step_times(scene: Scene, now: Callable[[int, int], int]) -> dict[int, int]:
    """A place in time for every step, also for those that carry no stamp: beside who served them, else in order.

    `now(us, process)` tells a server time on the axis' clock.
    """
    served = {s.index: s for s in scene.served}
    times: dict[int, int] = {}
    last: int | None = None
    for step in scene.steps:
        at = step.at_us
        if at is None and step.matches and step.matches[0].served in served:
            match = served[step.matches[0].served]
            at = now(match.low_us, match.process)
        if at is not None:
            last = at
        elif last is not None:
            at = last
        times[step.index] = at if at is not None else -1
    known = [t for t in times.values() if t != -1]
    first = known[0] if known else _first_served(scene, now)
    return {index: first if at == -1 else at for index, at in times.items()}


def _first_served(scene: Scene, now: Callable[[int, int], int]) -> int:
    return min((now(s.low_us, s.process) for s in scene.served), default=scene.ended_us or 0)


def stands_over(step: PlacedStep, reach: tuple[int, int], slack: int) -> bool:
    """True where the two times agree within `slack`, so that one column can hold both; `reach` is the request's."""
    if step.at_us is None:
        return True
    until = step.until_us if step.until_us is not None else step.at_us
    return reach[0] <= until + slack and reach[1] >= step.at_us - slack


def served_label(scene: Scene, served: Served) -> str:
    request = served.request
    words = [str(part) for part in (request.method, request.status) if part is not None] if request else []
    if words:
        return visible(" ".join(words))[:14]
    verdict = scene.verdict
    if verdict is not None and verdict.write is not None and verdict.write.served == served.index:
        return "write"
    if verdict is not None and verdict.read is not None and verdict.read.served == served.index:
        return "read"
    return "request" if request else "entry"


def served_role(scene: Scene, served: Served) -> str:
    verdict = scene.verdict
    if verdict is not None and verdict.write is not None and verdict.write.served == served.index:
        return "write"
    if verdict is not None and verdict.read is not None and verdict.read.served == served.index:
        return "read"
    return "error" if served.error else ""


def served_box(scene: Scene, served: Served, x: float, y: float, colour: str, step: int | None = None) -> ServedBox:
    """A served request around (x, y)."""
    label = served_label(scene, served)
    width = served_width(label)
    return ServedBox(
        x=round(x - width / 2, 1),
        y=y - BOX_HEIGHT / 2,
        width=width,
        height=BOX_HEIGHT,
        label=label,
        title=served_title(served, scene.processes),
        index=served.index,
        colour=colour,
        role=served_role(scene, served),
        step=step,
    )


def served_width(label: str) -> float:
    return max(46.0, round(7.4 * len(label) + 20))


def step_title(step: PlacedStep, served: dict[int, Served], processes: Sequence[Process]) -> str:
    at = f"{clock_time(step.at_us)} · " if step.at_us is not None else "no time · "
    text = f"{at}step {step.n} · {step.text[:600]}"
    best = step.matches[0] if step.matches else None
    if best is not None and best.served in served:
        return visible(f"{text} · {tie_title(best, served[best.served], processes)}")
    return visible(f"{text} · {'no server entry belongs to it'}" if step.request else text)


def served_title(served: Served, processes: Sequence[Process]) -> str:
    words = [process_name(processes[served.process]), clock_time(served.low_us)]
    if served.request is not None:
        words += [request_words(served.request), str(served.request.status or "")]
    return visible(" · ".join(word for word in words if word)[:600])


def tie_title(match: Match, served: Served, processes: Sequence[Process]) -> str:
    sure = f"{100 * min(match.confidence, 0.999):.3g} %"
    basis = f", by {', '.join(match.basis)}" if match.basis else ""
    return f"served by {process_name(processes[served.process])} ({sure}{basis})"
