"""What of a scene stands in the window, and at which moments: what the layout works on."""

from __future__ import annotations

import msgspec

from dashboard.timeline import boxes
from dashboard.timeline.lives import Clockwork, clockwork
from dashboard.timeline.scene import Scene
from dashboard.timeline.window import Window, around
from triage.core.findings import PlacedStep, Served
from triage.core.records import Outcome


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    scene: Scene  # only what the window holds
    work: Clockwork
    times: dict[int, int]  # a moment for each step of the scene, on the axis' clock
    whole: Window | None  # of all that there is; None where no times can be told apart
    window: Window | None  # what is looked at; None: all of it
    closes: bool = True  # the end of the test is in sight
    traffic: tuple[int, int] | None = None  # where no step says when it was: from when to when others served


def staged(scene: Scene, *, adjusted: bool, window: Window | None) -> Stage:
    work = clockwork(scene, adjusted=adjusted)
    times = boxes.step_times(scene, work.now)
    traffic = _traffic(scene, work) if not scene.steps else None
    whole = around(_moments(scene, times, work, traffic))
    if whole is None or window is None or window.within(whole).covers(whole):
        return Stage(scene=scene, work=work, times=times, whole=whole, window=None, traffic=traffic)
    window = window.within(whole)
    steps = tuple(s for s in scene.steps if window.holds(times[s.index]))
    tied = {m.served for s in steps for m in s.matches[:1]}
    served = tuple(s for s in scene.served if s.index in tied or _meets(window, s, work))
    crowd = tuple(c for c in scene.crowd if window.meets(c.low_us, c.high_us))
    last = max([*times.values(), scene.ended_us or 0], default=0)
    return Stage(
        scene=msgspec.structs.replace(scene, steps=steps, served=served, crowd=crowd),
        work=work,
        times=times,
        whole=whole,
        window=window,
        closes=window.holds(last),
    )


def _meets(window: Window, one: Served, work: Clockwork) -> bool:
    return window.meets(work.now(one.low_us, one.process), work.now(one.high_us, one.process))


def _traffic(scene: Scene, work: Clockwork) -> tuple[int, int] | None:
    moments = [work.now(us, t.process) for t in scene.traffic for us in (t.low_us, t.high_us)]
    return (min(moments), max(moments)) if moments else None


def _moments(scene: Scene, times: dict[int, int], work: Clockwork, traffic: tuple[int, int] | None) -> list[int]:
    """All that the whole picture has to hold."""
    moments = [times[s.index] for s in scene.steps]
    moments += [work.now(us, s.process) for s in scene.served for us in (s.low_us, s.high_us)]
    moments += [us for s in scene.spans for us in (s.start_us, s.stop_us)]
    moments += scene.reach or ()
    if scene.spans or not moments:  # a whole run: its traffic is part of it
        moments += traffic or ()
    if scene.ended_us is not None and scene.outcome in (Outcome.FAILED, Outcome.ERROR) and moments:
        moments.append(scene.ended_us)
    return moments


def tied(step: PlacedStep) -> int | None:
    """The request that most likely served a step."""
    return step.matches[0].served if step.matches else None
