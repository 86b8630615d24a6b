"""The lineup of one test in numbers: its steps on top, one lane per process, and who served what."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.timeline import boxes, lanes
from dashboard.timeline.axis import Axis, Item, breaks, clock_time, spread, ticks
from dashboard.timeline.crossing import crossing
from dashboard.timeline.lives import Clockwork, life_items, marks
from dashboard.timeline.picture import Crossing, Dot, Picture, Row, ServedBox, StepBox, Tie
from dashboard.timeline.scene import Scene
from dashboard.timeline.text import BOLD, fit, visible, width_of
from triage.core.findings import PlacedStep, Served
from triage.core.records import Outcome

WIDTH = 1180.0
LEFT, RIGHT = 204.0, 24.0
FIRST_ROW, ROW_PITCH = 56.0, 42.0
LANES_BELOW = 62.0  # from the last row's foot to the first lane
SURE = 0.8  # a tie below this is drawn dashed
ALSO = 0.2  # another candidate above this is drawn too


def draw(scene: Scene, *, adjusted: bool = True) -> Picture:
    """The picture of one test. Raw times put each side where its own clock says it was."""
    work = Clockwork(processes=scene.processes, clocks=scene.clocks, adjusted=adjusted)
    times = boxes.step_times(scene, work.now)
    wanted, rest = boxes.split_steps(scene, times)
    over = _columns(scene, wanted, work)
    drawn = _drawn(scene, wanted)
    rows = _rows(scene, wanted)
    top = FIRST_ROW + len(rows) * ROW_PITCH - (ROW_PITCH - boxes.BOX_HEIGHT) + LANES_BELOW
    places = lanes.places(scene, top)
    axis = spread(_items(scene, wanted, over, drawn, places, work, times), LEFT, WIDTH - RIGHT)
    step_boxes = _step_boxes(scene, wanted, rows, axis)
    served_boxes = _served_boxes(scene, drawn, over, places, axis)
    finished = tuple(lanes.lane(scene, place, axis, work.now) for place in places)
    return Picture(
        width=round(axis.right + RIGHT, 1),
        height=_foot(top, places) + 22,
        left=LEFT,
        floor=_foot(top, places),
        ticks=ticks(axis) if _timed(scene) else (),
        breaks=breaks(axis),
        rows=tuple(rows.values()),
        steps=step_boxes,
        dots=_dots(rest, times, axis),
        lanes=finished,
        marks=marks(scene, places, axis, work),
        served=served_boxes,
        ties=_ties(scene, step_boxes, served_boxes),
        crossing=_crossing(scene, step_boxes, served_boxes, axis),
        background=sum(t.count for t in scene.traffic),
        notes=_notes(scene, rest),
    )


def _foot(top: float, places: Sequence[lanes.Place]) -> float:
    """Where the picture's lines end: below the last lane, or below the steps where there is none."""
    return places[-1].y + 26 if places else top - LANES_BELOW + 14


def _timed(scene: Scene) -> bool:
    return bool(scene.served) or any(s.at_us is not None for s in scene.steps)


def _columns(scene: Scene, wanted: Sequence[boxes.Wanted], work: Clockwork) -> dict[int, int]:
    """Served index to the step that stands over it; the first step that it fits."""
    served = {s.index: s for s in scene.served}
    over: dict[int, int] = {}
    taken: set[int] = set()
    for want in wanted:
        for match in want.step.matches[:1]:
            one = served.get(match.served)
            if one is None or one.index in over or want.step.index in taken:
                continue
            reach = work.now(one.low_us, one.process), work.now(one.high_us, one.process)
            if boxes.stands_over(want.step, reach, work.slack(one.low_us, one.process)):
                over[one.index] = want.step.index
                taken.add(want.step.index)
    return over


def _drawn(scene: Scene, wanted: Sequence[boxes.Wanted]) -> tuple[Served, ...]:
    """Served requests that get a box: the best of every boxed step, serious rivals, and the verdict's two ends."""
    keep = {m.served for w in wanted for rank, m in enumerate(w.step.matches[:3]) if rank == 0 or m.confidence >= ALSO}
    if scene.verdict is not None:
        keep |= {e.served for e in (scene.verdict.write, scene.verdict.read) if e is not None and e.served is not None}
    return tuple(s for s in scene.served if s.index in keep)


def _rows(scene: Scene, wanted: Sequence[boxes.Wanted]) -> dict[str, Row]:
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


def _items(
    scene: Scene,
    wanted: Sequence[boxes.Wanted],
    over: dict[int, int],
    drawn: Sequence[Served],
    places: Sequence[lanes.Place],
    work: Clockwork,
    times: dict[int, int],
) -> list[Item]:
    where = lanes.lane_of(places)
    under = {step: served for served, step in over.items()}
    by_index = {s.index: s for s in drawn}
    items = []
    for want in wanted:
        half = want.width / 2
        reach = [("steps", half)]
        if want.step.index in under and under[want.step.index] in by_index:
            one = by_index[under[want.step.index]]
            inner = boxes.served_width(boxes.served_label(scene, one)) / 2
            reach = [("steps", max(half, inner)), ("served", inner), (lanes.line(where, one.process), inner)]
        items.append(Item(key=f"step{want.step.index}", at=want.at, reach=tuple(reach)))
    if _closing(scene) is not None:
        label, at = _closing(scene) or "", max([*times.values(), scene.ended_us or 0])
        items.append(Item(key="end", at=at, reach=(("steps", _closing_width(label) / 2),)))
    for one in drawn:
        if one.index not in over:
            half = boxes.served_width(boxes.served_label(scene, one)) / 2
            at = work.now(one.low_us, one.process)
            items.append(
                Item(key=f"served{one.index}", at=at, reach=(("served", half), (lanes.line(where, one.process), half)))
            )
    low, high = _window(items)
    return [*items, *life_items(scene, where, work, low, high)]


def _window(items: Sequence[Item]) -> tuple[int, int]:
    return min((i.at for i in items), default=0), max((i.at for i in items), default=0)


def _closing(scene: Scene) -> str | None:
    """The outcome as the last box, where no step says it itself."""
    if scene.outcome not in (Outcome.FAILED, Outcome.ERROR) or any(s.mark == "fail" for s in scene.steps):
        return None
    return fit("✕ " + (scene.failure or scene.outcome.value), 200.0)


def _closing_width(label: str) -> float:
    return round(width_of(label) * BOLD + 22)


def _step_boxes(scene: Scene, wanted: Sequence[boxes.Wanted], rows: dict[str, Row], axis: Axis) -> tuple[StepBox, ...]:
    served = {s.index: s for s in scene.served}
    done = [
        StepBox(
            x=round(axis.places[f"step{w.step.index}"] - w.width / 2, 1),
            y=rows[w.step.worker].y,
            width=w.width,
            height=boxes.BOX_HEIGHT,
            label=w.label,
            title=boxes.step_title(w.step, served, scene.processes),
            index=w.step.index,
            role=w.role,
        )
        for w in wanted
    ]
    closing = _closing(scene)
    if closing is not None:
        width = _closing_width(closing)
        x, y = round(axis.places["end"] - width / 2, 1), (done[-1].y if done else FIRST_ROW)
        title = visible(f"{scene.outcome.value}: {scene.failure[:600]}")
        done.append(
            StepBox(
                x=x,
                y=y,
                width=width,
                height=boxes.BOX_HEIGHT,
                label=closing,
                title=title,
                index=None,
                role="fail",
            )
        )
    return tuple(done)


def _served_boxes(
    scene: Scene, drawn: Sequence[Served], over: dict[int, int], places: Sequence[lanes.Place], axis: Axis
) -> tuple[ServedBox, ...]:
    where = lanes.lane_of(places)
    done = []
    for one in drawn:
        if one.process not in where:
            continue
        label = boxes.served_label(scene, one)
        width = boxes.served_width(label)
        key = f"step{over[one.index]}" if one.index in over else f"served{one.index}"
        done.append(
            ServedBox(
                x=round(axis.places[key] - width / 2, 1),
                y=where[one.process].y - 14,
                width=width,
                height=28,
                label=label,
                title=boxes.served_title(one, scene.processes),
                index=one.index,
                colour="rest" if where[one.process].rest else lanes.colour(one.process),
                role=boxes.served_role(scene, one),
            )
        )
    return tuple(done)


def _ties(scene: Scene, steps: Sequence[StepBox], served: Sequence[ServedBox]) -> tuple[Tie, ...]:
    below = {s.index: s for s in served}
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


def _crossing(scene: Scene, steps: Sequence[StepBox], served: Sequence[ServedBox], axis: Axis) -> Crossing | None:
    """Only where the verdict names two ends that are drawn, and only for state that got lost between them."""
    verdict = scene.verdict
    if verdict is None or verdict.write is None or verdict.read is None:
        return None
    if verdict.kind.value not in ("split_state", "lost_state"):
        return None
    ends: list[ServedBox | StepBox] = []
    for end in (verdict.write, verdict.read):
        box = next((s for s in served if s.index == end.served), None) if end.served is not None else None
        step = next((s for s in steps if s.index == end.step), None) if end.step is not None else None
        found = box or step
        if found is None:
            return None
        ends.append(found)
    write, read = verdict.write, verdict.read
    return crossing(
        ends[0],
        ends[1],
        written="written here" + (f": {scene.written}" if scene.written else ""),
        seen="read here" + (f": {scene.read}" if scene.read else ""),
        failure=scene.failure,
        left=LEFT,
        right=axis.right,
        others=served,
        title=visible(
            f"Written by {write.unit} {write.pid} ({request_words_of(write.method, write.path)}), "
            f"read from {read.unit} {read.pid} ({request_words_of(read.method, read.path)}), which did not have it"
        ),
    )


def request_words_of(method: str | None, path: str | None) -> str:
    return " ".join(part for part in (method, path) if part) or "request not named"


def _dots(rest: Sequence[PlacedStep], times: dict[int, int], axis: Axis) -> tuple[Dot, ...]:
    """Steps without a box on a rail above the boxes, those that would touch counted together."""
    groups: list[tuple[float, list[PlacedStep]]] = []
    for step in rest:
        x = axis.x(times[step.index])
        if groups and x - groups[-1][0] < 10:
            groups[-1][1].append(step)
        else:
            groups.append((x, [step]))
    return tuple(
        Dot(
            x=round(x, 1),
            y=FIRST_ROW - 10,
            count=len(steps),
            index=steps[0].index,
            title=visible(
                f"{len(steps)} more steps from {clock_time(times[steps[0].index])}: {steps[0].text[:200]}"
                if len(steps) > 1
                else f"step {steps[0].n}: {steps[0].text[:400]}"
            ),
        )
        for x, steps in groups
    )


def _notes(scene: Scene, rest: Sequence[PlacedStep]) -> tuple[str, ...]:
    notes = []
    if scene.steps and all(s.at_us is None for s in scene.steps):
        notes.append("The test log carries no times: its steps stand in order, beside the entries that served them.")
    if len(rest) > 1:
        notes.append(f"{len(rest)} steps that matter less are dots; the table names them all.")
    if not scene.processes:
        notes.append("No server log came with this run, so there are no lanes.")
    elif scene.steps and not any(s.matches for s in scene.steps):
        notes.append("No entry of the server log belongs to a step of this test.")
    return tuple(notes)
