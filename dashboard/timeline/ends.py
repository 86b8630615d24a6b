"""The verdict's two ends: the crossing where both are in sight, else where the line leads to the one that is not."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.timeline import lanes
from dashboard.timeline.axis import Axis
from dashboard.timeline.crossing import LABEL_SIZE, Box, crossing
from dashboard.timeline.picture import Away, Crossing, ServedBox, StepBox
from dashboard.timeline.stage import Stage
from dashboard.timeline.text import fit, process_name, span_words, visible
from dashboard.timeline.window import Window
from triage.core.findings import End, Verdict

CROSSING = ("split_state", "lost_state")


def drawn_crossing(
    stage: Stage,
    steps: Sequence[StepBox],
    served: Sequence[ServedBox],
    places: Sequence[lanes.Place],
    axis: Axis,
    left: float,
) -> tuple[Crossing | None, tuple[Away, ...]]:
    """Only where the verdict names two ends, and only for state that got lost between them."""
    verdict = stage.scene.verdict
    if verdict is None or verdict.write is None or verdict.read is None or verdict.kind.value not in CROSSING:
        return None, ()
    write, read = (_box(end, steps, served) for end in (verdict.write, verdict.read))
    if write is not None and read is not None:
        return _whole(stage, verdict.write, verdict.read, write, read, served, axis, left), ()
    if stage.window is None:
        return None, ()
    return None, _away(stage, verdict, write, read, places, axis)


def _box(end: End, steps: Sequence[StepBox], served: Sequence[ServedBox]) -> Box | None:
    box = next((s for s in served if s.index == end.served), None) if end.served is not None else None
    step = next((s for s in steps if s.index == end.step), None) if end.step is not None else None
    return box or step


def _whole(
    stage: Stage, write: End, read: End, begin: Box, end: Box, served: Sequence[ServedBox], axis: Axis, left: float
) -> Crossing:
    scene = stage.scene
    return crossing(
        begin,
        end,
        written="written here" + (f": {scene.written}" if scene.written else ""),
        seen="read here" + (f": {scene.read}" if scene.read else ""),
        failure=scene.failure,
        left=left,
        right=axis.right,
        others=served,
        title=visible(
            f"Written by {write.unit} {write.pid} ({request_words_of(write.method, write.path)}), "
            f"read from {read.unit} {read.pid} ({request_words_of(read.method, read.path)}), which did not have it"
        ),
        places=(named(begin), named(end)),
    )


def named(box: Box) -> tuple[str, int]:
    """What an end is looked up by."""
    return ("served" if isinstance(box, ServedBox) else "step", box.index or 0)


def request_words_of(method: str | None, path: str | None) -> str:
    return " ".join(part for part in (method, path) if part) or "request not named"


def moment_of(stage: Stage, end: End) -> int | None:
    """When an end took place, on the axis' clock."""
    if end.process is not None and end.process < len(stage.scene.processes):
        return stage.work.now(end.at_us, end.process)
    if end.step is not None:
        return stage.times.get(end.step)
    return None


def both(stage: Stage) -> Window | None:
    """What to look at to see the write and the read."""
    verdict = stage.scene.verdict
    ends = [e for e in (verdict.write, verdict.read) if e is not None] if verdict is not None else []
    moments = [us for e in ends if (us := moment_of(stage, e)) is not None]
    if len(moments) < 2 or stage.whole is None:
        return None
    more = max(1000, (max(moments) - min(moments)) // 3)
    return Window(min(moments) - more, max(moments) + more).within(stage.whole)


def _away(
    stage: Stage,
    verdict: Verdict,
    write: Box | None,
    read: Box | None,
    places: Sequence[lanes.Place],
    axis: Axis,
) -> tuple[Away, ...]:
    """For each end out of sight a word at the edge of its lane, with the line that leads there."""
    where, window = lanes.lane_of(places), stage.window
    done = []
    for word, end, box, other in (("written", verdict.write, write, read), ("read", verdict.read, read, write)):
        at = moment_of(stage, end) if end is not None else None
        if end is None or box is not None or at is None or window is None or end.process not in where:
            continue
        y, before = where[end.process].y, at < window.low
        how_far = span_words(window.low - at if before else at - window.high)
        who = process_name(stage.scene.processes[end.process])
        text = f"◂ {word} {how_far} earlier on {who}" if before else f"{word} {how_far} later on {who} ▸"
        edge = axis.left + 4 if before else axis.right - 4
        done.append(
            Away(
                path=_stub(other, edge, y) if other is not None else "",
                dotted=word == "read",
                x=round(edge, 1),
                y=y - 18,
                anchor="start" if before else "end",
                text=fit(text, 420.0, LABEL_SIZE),
            )
        )
    return tuple(done)


def _stub(box: Box, edge: float, y: float) -> str:
    """From the end in sight to where the other lies, out of the picture."""
    x, begin = (box.x, box.y + box.height / 2) if edge < box.x else (box.x + box.width, box.y + box.height / 2)
    middle = (x + edge) / 2
    return f"M{x:.1f} {begin:.1f}C{middle:.1f} {begin:.1f} {middle:.1f} {y:.1f} {edge:.1f} {y:.1f}"
