"""A part of the picture as numbers: what a window shows, what it counts, and how one gets from one to the next."""

from __future__ import annotations

import pytest

from dashboard.timeline.layout import RIGHT, WIDTH, draw
from dashboard.timeline.picture import Picture
from dashboard.timeline.scene import Crowd, Scene, Span, scene_of
from dashboard.timeline.whole import draw_whole
from dashboard.timeline.window import LEAST_US, Window, around, near
from tests.dashboard.build import NOON, Build, original
from tests.dashboard.many import many_steps
from tests.dashboard.states import STATES
from triage.core.records import SECOND, Outcome


def scene(b: Build) -> Scene:
    report = b.report()
    test = report.verdicts[0].test if report.verdicts else report.lineup.tests[0].test
    return scene_of(report, test, written="successfully added figo", read="Processing /GET request")


def window(low: float, high: float) -> Window:
    return Window(NOON + int(low * SECOND), NOON + int(high * SECOND))


def elements(picture: Picture) -> int:
    """About how many elements the template makes of it."""
    links = len(picture.steps) + len(picture.served) + len(picture.dots) + len(picture.heaps) + len(picture.spans)
    return 4 * links + 2 * len(picture.ties) + 4 * len(picture.marks) + 9 * len(picture.lanes) + 2 * len(picture.ticks)


def test_a_window_shows_its_own_steps_from_edge_to_edge():
    picture = draw(scene(STATES["busy"](300)), window=window(18, 24))
    assert picture.shown == window(18, 24)
    assert picture.zoomed
    assert picture.in_view == 13
    assert len(picture.steps) + sum(d.count for d in picture.dots) == 13
    assert picture.knots[0] == (picture.left, window(18, 24).low)
    assert picture.knots[-1][1] == window(18, 24).high
    assert picture.width <= WIDTH


@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize("name", [*STATES])
def test_every_state_can_be_looked_at_closely(name: str, adjusted: bool):
    whole = draw(scene(STATES[name]() if name != "busy" else STATES[name](300)), adjusted=adjusted)
    if whole.whole is None or whole.shown is None:  # one moment only
        return
    for part in (whole.whole.zoomed(2), whole.whole.zoomed(40).moved(3), Window(0, 1), Window(whole.whole.low, 2**62)):
        picture = draw(scene(STATES[name]() if name != "busy" else STATES[name](300)), adjusted=adjusted, window=part)
        assert picture.shown is not None
        assert whole.whole.covers(picture.shown) or not picture.zoomed
        assert [lane.name for lane in picture.lanes] == [lane.name for lane in whole.lanes]
        for box in (*picture.steps, *picture.served):
            assert picture.left - 1 <= box.x
            assert box.x + box.width <= picture.width


def test_a_window_as_wide_as_the_whole_is_the_whole():
    picture = draw(scene(original()), window=window(-500, 500))
    assert not picture.zoomed
    assert picture == draw(scene(original()))


def test_places_become_moments_and_moments_places_again():
    picture = draw(scene(STATES["busy"](300)))
    xs, times = zip(*picture.knots, strict=True)
    assert list(xs) == sorted(set(xs))
    assert list(times) == sorted(set(times))
    assert xs[0] == picture.left
    assert xs[-1] == pytest.approx(picture.width - RIGHT)


def test_an_end_of_the_crossing_that_is_out_of_sight_is_pointed_at():
    picture = draw(scene(STATES["busy"](300)), window=window(19, 20.5))
    assert picture.crossing is None
    (away,) = picture.away
    assert away.text == "read 1.0 s later on gunicorn 2003 ▸"
    assert away.dotted
    assert away.path
    both = draw(scene(STATES["busy"](300)), window=window(30, 40))
    assert [a.path for a in both.away] == ["", ""]
    assert both.ends is not None
    assert draw(scene(STATES["busy"](300)), window=both.ends).crossing is not None


def test_the_closing_box_is_only_there_where_the_test_ends():
    assert not any(s.index is None for s in draw(scene(STATES["busy"](300)), window=window(10, 20)).steps)
    assert any(s.index is None for s in draw(scene(STATES["busy"](300)), window=window(50, 62)).steps)


@pytest.mark.parametrize("requests", [500, 10_000])
def test_the_number_of_elements_does_not_grow_with_the_requests(requests: int):
    picture = draw(scene(STATES["busy"](requests)))
    assert elements(picture) <= 1500
    assert elements(draw_whole(scene(STATES["busy"](requests)))) <= 1500
    assert sum(h.count for h in picture.heaps) == requests
    assert picture.background == requests


def test_heaps_say_what_they_hold_and_lead_closer():
    picture = draw(scene(STATES["busy"](2000)))
    heap = max(picture.heaps, key=lambda h: h.count)
    assert heap.title.startswith(f"{heap.count:,} requests on gunicorn 20")
    assert heap.window is not None
    closer = draw(scene(STATES["busy"](2000)), window=heap.window)
    assert len([h for h in closer.heaps if h.served is not None]) >= 2
    assert all(h.count == 1 for h in closer.heaps if h.served is not None)


def test_steps_that_are_counted_are_dots_with_their_number():
    b = many_steps(40)
    crowd = tuple(
        Crowd(first=100 + i, low_us=NOON + i * SECOND, high_us=NOON + i * SECOND + 900_000, count=50) for i in range(20)
    )
    from_report = scene(b)
    made = Scene(**{n: getattr(from_report, n) for n in from_report.__struct_fields__} | {
        "crowd": crowd, "step_count": 1040, "reach": (NOON, NOON + 20 * SECOND),
    })  # fmt: skip
    picture = draw(made)
    assert sum(dot.count for dot in picture.dots) + len(picture.steps) == 1040 + 1
    assert any("50 more steps" in dot.title and dot.window is not None for dot in picture.dots)


def test_steps_without_a_box_are_tied_to_their_lanes():
    picture = draw(scene(STATES["busy"](300)))
    assert all(lane.own for lane in picture.lanes)
    assert all(lane.ties.count("M") <= 60 for lane in picture.lanes)


def test_a_thousand_tests_are_heaps_and_the_failed_ones_bars():
    b = original()
    for i in range(1000):
        at = NOON + i * SECOND // 20
        b.test(Outcome.PASSED, test=f"tests/test_x.py::test_{i}", started_us=at, stopped_us=at + SECOND // 25)
    report = b.report()
    made = scene_of(report, report.verdicts[0].test)
    spans = tuple(
        _span(i, case.test, case.outcome, case.started_us or 0, case.stopped_us or 0)
        for i, case in enumerate(report.lineup.tests)
    )
    made = Scene(**{n: getattr(made, n) for n in made.__struct_fields__} | {"spans": spans, "tests": len(spans)})
    picture = draw_whole(made)
    assert [bar.role for bar in picture.spans] == ["here"]
    assert sum(h.count for h in picture.heaps if h.tests) == 1000
    assert elements(picture) <= 1500
    closer = draw_whole(made, window=window(10, 12))
    assert len(closer.spans) > 30
    assert not any(h.tests for h in closer.heaps)


def _span(position: int, test: str, outcome: Outcome, start: int, stop: int) -> Span:
    return Span(position=position, test=test, outcome=outcome, start_us=start, stop_us=stop)


def test_windows_stay_inside_the_whole_and_keep_their_width():
    whole = Window(0, 1000)
    assert Window(-500, 100).within(whole) == Window(0, 600)
    assert Window(900, 1200).within(whole) == Window(700, 1000)
    assert Window(-10, 5000).within(whole) == whole
    assert Window(5, 5).within(whole).span == LEAST_US
    assert Window(100, 200).zoomed(2) == Window(125, 175)
    assert Window(100, 200).moved(-0.5) == Window(50, 150)
    assert near(500, 510, whole).span >= LEAST_US
    assert around([5, 5]) is None
    assert around([]) is None
