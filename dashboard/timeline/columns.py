"""Steps over the requests that served them: which are drawn, where they stand on the axis, and the lines between."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.timeline import boxes, lanes
from dashboard.timeline.axis import Axis, Item
from dashboard.timeline.picture import Row, ServedBox, StepBox, Tie
from dashboard.timeline.stage import Stage
from dashboard.timeline.text import BOLD, fit, visible, width_of
from triage.core.findings import PlacedStep, Served
from triage.core.records import Outcome

FIRST_ROW, ROW_PITCH = 56.0, 42.0
SURE = 0.8  # a tie below this is drawn dashed
ALSO = 0.2  # another candidate above this is drawn too


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What gets a box."""

    wanted: tuple[boxes.Wanted, ...]
    rest: tuple[PlacedStep, ...]  # steps that are dots
    over: dict[int, int]  # served index to the step that stands over it
    drawn: tuple[Served, ...]


def columns(stage: Stage, most: int) -> Columns:
    """At most so many steps with a box, and every request that belongs to these."""
    wanted, rest = boxes.split_steps(stage.scene, stage.times, most)
    over = _over(stage, wanted)
    return Columns(wanted=wanted, rest=rest, over=over, drawn=_drawn(stage, wanted, over))


def _over(stage: Stage, wanted: Sequence[boxes.Wanted]) -> dict[int, int]:
    """The first step that each request fits under."""
    served = {s.index: s for s in stage.scene.served}
    over: dict[int, int] = {}
    taken: set[int] = set()
    for want in wanted:
        for match in want.step.matches[:1]:
            one = served.get(match.served)
            if one is None or one.index in over or want.step.index in taken:
                continue
            reach = stage.work.now(one.low_us, one.process), stage.work.now(one.high_us, one.process)
            if boxes.stands_over(want.step, reach, stage.work.slack(one.low_us, one.process)):
                over[one.index] = want.step.index
                taken.add(want.step.index)
    return over


def _drawn(stage: Stage, wanted: Sequence[boxes.Wanted], over: dict[int, int]) -> tuple[Served, ...]:
    """Requests that get a box: the best of every boxed step, serious rivals, and the verdict's two ends."""
    scene = stage.scene
    keep = {m.served for w in wanted for rank, m in enumerate(w.step.matches[:3]) if rank == 0 or m.confidence >= ALSO}
    if scene.verdict is not None:
        keep |= {e.served for e in (scene.verdict.write, scene.verdict.read) if e is not None and e.served is not None}
    return tuple(s for s in scene.served if s.index in keep and (s.index in over or _in_sight(stage, s)))


def _in_sight(stage: Stage, one: Served) -> bool:
    if stage.window is None:
        return True
    return stage.window.holds(stage.work.now(one.low_us, one.process))


def rows(stage: Stage, wanted: Sequence[boxes.Wanted]) -> dict[str, Row]:
    """One line of steps, or one a test worker."""
    scene = stage.scene
    workers = list(dict.fromkeys(w.step.worker for w in wanted)) or [""]
    tests = {w.step.worker: w.step.test for w in reversed(wanted) if w.step.test} | {"": scene.test}
    return {
        worker: Row(
            y=FIRST_ROW + i * ROW_PITCH,
            name=f"test, {visible(worker)[:16]}" if worker else "test",
            detail=fit(tests.get(worker, scene.test).rsplit("::", 1)[-1], lanes.DETAIL_ROOM, 12),
            title=visible(tests.get(worker, scene.test)[:600]),
        )
        for i, worker in enumerate(workers)
    }


def items(stage: Stage, cols: Columns, places: Sequence[lanes.Place]) -> list[Item]:
    """Everything with a box, with the room that it needs on its lines."""
    scene, where = stage.scene, lanes.lane_of(places)
    under = {step: served for served, step in cols.over.items()}
    by_index = {s.index: s for s in cols.drawn}
    found = []
    for want in cols.wanted:
        half = want.width / 2
        reach = [("steps", half)]
        if want.step.index in under and under[want.step.index] in by_index:
            one = by_index[under[want.step.index]]
            inner = boxes.served_width(boxes.served_label(scene, one)) / 2
            reach = [("steps", max(half, inner)), ("served", inner), (lanes.line(where, one.process), inner)]
        found.append(Item(key=f"step{want.step.index}", at=want.at, reach=tuple(reach)))
    label = closing(stage)
    if label is not None:
        at = max([*stage.times.values(), scene.ended_us or 0])
        found.append(Item(key="end", at=at, reach=(("steps", _closing_width(label) / 2),)))
    for one in cols.drawn:
        if one.index not in cols.over:
            half = boxes.served_width(boxes.served_label(scene, one)) / 2
            at = stage.work.now(one.low_us, one.process)
            reach = [("served", half), (lanes.line(where, one.process), half)]
            found.append(Item(key=f"served{one.index}", at=at, reach=tuple(reach)))
    return found


def closing(stage: Stage) -> str | None:
    """The outcome as the last box, where no step says it itself."""
    scene = stage.scene
    failed = scene.outcome in (Outcome.FAILED, Outcome.ERROR)
    if not failed or not stage.closes or any(s.mark == "fail" for s in scene.steps):
        return None
    return fit("✕ " + (scene.failure or scene.outcome.value), 200.0)


def _closing_width(label: str) -> float:
    return round(width_of(label) * BOLD + 22)


def step_boxes(stage: Stage, cols: Columns, lines: dict[str, Row], axis: Axis) -> tuple[StepBox, ...]:
    scene = stage.scene
    served = {s.index: s for s in scene.served}
    drawn = {s.index for s in cols.drawn}
    done = [
        StepBox(
            x=round(axis.places[f"step{w.step.index}"] - w.width / 2, 1),
            y=lines[w.step.worker].y,
            width=w.width,
            height=boxes.BOX_HEIGHT,
            label=w.label,
            title=boxes.step_title(w.step, served, scene.processes),
            index=w.step.index,
            role=w.role,
            served=w.step.matches[0].served if w.step.matches and w.step.matches[0].served in drawn else None,
        )
        for w in cols.wanted
    ]
    label = closing(stage)
    if label is not None:
        width = _closing_width(label)
        x, y = round(axis.places["end"] - width / 2, 1), (done[-1].y if done else FIRST_ROW)
        title = visible(f"{scene.outcome.value}: {scene.failure[:600]}")
        done.append(
            StepBox(x=x, y=y, width=width, height=boxes.BOX_HEIGHT, label=label, title=title, index=None, role="fail")
        )
    return tuple(done)


def served_boxes(stage: Stage, cols: Columns, places: Sequence[lanes.Place], axis: Axis) -> tuple[ServedBox, ...]:
    scene, where = stage.scene, lanes.lane_of(places)
    first = {w.step.matches[0].served: w.step.index for w in reversed(cols.wanted) if w.step.matches}
    done = []
    for one in cols.drawn:
        if one.process not in where:
            continue
        key = f"step{cols.over[one.index]}" if one.index in cols.over else f"served{one.index}"
        colour = "rest" if where[one.process].rest else lanes.colour(one.process)
        x, y = axis.places[key], where[one.process].y
        done.append(boxes.served_box(scene, one, x, y, colour, first.get(one.index)))
    return tuple(done)


def ties(stage: Stage, steps: Sequence[StepBox], served: Sequence[ServedBox]) -> tuple[Tie, ...]:
    scene, below = stage.scene, {s.index: s for s in served}
    by_index = {s.index: s for s in scene.served}
    matches = {s.index: s.matches for s in scene.steps}
    done = []
    for box in steps:
        for rank, match in enumerate(matches.get(box.index, ())[:3] if box.index is not None else ()):
            if match.served not in below or (rank and match.confidence < ALSO):
                continue
            end = below[match.served]
            done.append(
                Tie(
                    x1=round(box.x + box.width / 2, 1),
                    y1=box.y + box.height,
                    x2=round(end.x + end.width / 2, 1),
                    y2=end.y,
                    sure=rank == 0 and match.confidence >= SURE,
                    title=visible(boxes.tie_title(match, by_index[match.served], scene.processes)),
                )
            )
    return tuple(done)
