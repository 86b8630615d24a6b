"""The lineup as numbers: what stands where, and that nothing stands on anything else."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from dashboard.timeline.axis import half_of
from dashboard.timeline.layout import WIDTH, draw
from dashboard.timeline.picture import Picture, ServedBox, StepBox
from dashboard.timeline.scene import Scene, scene_of
from dashboard.timeline.whole import draw_whole
from tests.dashboard.build import GET, POST, Build, original
from tests.dashboard.states import STATES
from triage.core.findings import VerdictKind
from triage.core.records import Outcome


def scene(b: Build) -> Scene:
    report = b.report()
    test = report.verdicts[0].test if report.verdicts else report.lineup.tests[0].test
    return scene_of(report, test, written="successfully added figo", read="Processing /GET request")


def apart(boxes: list[tuple[float, float]]) -> bool:
    return all(a[1] <= b[0] + 0.2 for a, b in itertools.pairwise(sorted(boxes)))


def sides(box: StepBox | ServedBox) -> tuple[float, float]:
    return box.x, box.x + box.width


@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize("name", STATES)
def test_no_mark_stands_on_another(name: str, adjusted: bool):
    picture = draw(scene(STATES[name]()), adjusted=adjusted)
    lines = defaultdict(list)
    for box in picture.steps:
        lines["steps"].append(sides(box))
    for box in picture.served:
        lines[box.y + 14].append(sides(box))
    for mark in picture.marks:
        lines[mark.y].append((mark.x - mark.half, mark.x + mark.half))
    for line in lines.values():
        assert apart(line), line
    assert apart([(label.x - half_of(label), label.x + half_of(label)) for label in (*picture.ticks, *picture.breaks)])


@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize("name", STATES)
def test_everything_lies_inside_the_picture(name: str, adjusted: bool):
    picture = draw(scene(STATES[name]()), adjusted=adjusted)
    for box in (*picture.steps, *picture.served):
        assert picture.left - 1 <= box.x
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
    for lane in picture.lanes:
        assert picture.left <= lane.start <= lane.end <= picture.width


@pytest.mark.parametrize("name", STATES)
def test_steps_keep_their_order(name: str):
    picture = draw(scene(STATES[name]()))
    places = [box.x for box in picture.steps]
    assert places == sorted(places)


def test_the_crossing_runs_from_the_write_to_the_read():
    picture = draw(scene(original()))
    write = next(s for s in picture.served if s.role == "write")
    read = next(s for s in picture.served if s.role == "read")
    crossing = picture.crossing
    assert crossing is not None
    assert crossing.solid.startswith(f"M{write.x + write.width:.1f} {write.y + 14:.1f}")
    assert crossing.dotted.endswith(f"{read.x - 3:.1f} {read.y + 14:.1f}")
    assert write.x < crossing.x < read.x
    assert write.y < crossing.y < read.y + 28
    assert crossing.write.text == "written here: successfully added figo"
    assert crossing.read.text == "read here: Processing /GET request"


@pytest.mark.parametrize(
    "name", ["server_error", "server_unavailable", "consistent_failure", "test_error", "unexplained", "passed"]
)
def test_only_state_that_got_lost_between_processes_is_drawn_as_a_crossing(name: str):
    assert draw(scene(STATES[name]())).crossing is None


def test_a_step_stands_over_the_request_that_served_it():
    picture = draw(scene(original()))
    assert len(picture.ties) == 3
    assert all(tie.x1 == tie.x2 for tie in picture.ties)


def test_the_crossing_keeps_clear_of_other_requests():
    b = Build()
    one, two = b.process(1), b.process(2)
    w, r = b.serve(one, 0.0, POST), b.serve(two, 2.0, GET)
    ws = b.step("add", 0.0, served=w, request=POST)
    between = b.serve(two, 1.0, GET)
    b.step("look", 1.0, served=between, request=GET)
    rs = b.step("list", 2.0, served=r, request=GET)
    b.test(Outcome.FAILED, "assert 4 == 5")
    b.verdict(VerdictKind.SPLIT_STATE, "…", write=b.end(served=w, step=ws), read=b.end(served=r, step=rs))
    picture = draw(scene(b))
    other = next(s for s in picture.served if s.role == "")
    crossing = picture.crossing
    assert crossing is not None
    assert crossing.y + 10 < other.y
    assert f"H{crossing.x - 11:.1f}" in crossing.solid


def test_steps_that_only_tell_of_a_request_stand_back_behind_it():
    b = original()
    for text in ("Starting new connection", "Resetting", "closing"):
        b.step(text, 2.0)
    again = b.steps[1].matches[0].served
    b.step("created", 2.0, served=again, request=None)
    b.tests.clear()
    b.test(Outcome.FAILED, "assert 4 == 5")
    picture = draw(scene(b))
    assert [box.role for box in picture.steps] == ["", "write", "read", "fail", ""]
    assert sum(dot.count for dot in picture.dots) == 3


def test_raw_times_show_how_far_the_clocks_are_apart():
    picture = draw(scene(original(offset_s=-1378.7)), adjusted=False)
    assert [b.label for b in picture.breaks] == ["23 min"]
    assert max(s.x for s in picture.served) < min(s.x for s in picture.steps)


def test_an_uncertain_match_is_tied_by_a_broken_line():
    assert [tie.sure for tie in draw(scene(STATES["unexplained"]())).ties] == [False]


def test_many_processes_share_a_lane_unless_they_served_the_test():
    picture = draw(scene(STATES["forty_processes"]()))
    assert [lane.name for lane in picture.lanes] == ["gunicorn 1017", "gunicorn 1031", "38 other processes"]


def test_a_busy_run_is_drawn_with_a_bounded_number_of_marks():
    picture = draw(scene(STATES["busy"]()))
    whole = draw_whole(scene(STATES["busy"]()))
    assert len(picture.steps) <= 19
    assert picture.width <= WIDTH
    assert len(picture.steps) + sum(dot.count for dot in picture.dots) == 120 + 1
    assert len(picture.dots) < 60
    assert picture.background == 5000
    assert sum(len(lane.traffic) for lane in (*picture.lanes, *whole.lanes)) < 60_000


def test_the_verdicts_own_steps_always_have_a_box():
    picture = draw(scene(STATES["busy"]()))
    assert {box.role for box in picture.steps} >= {"write", "read"}


def test_labels_are_cut_and_titles_hold_the_whole():
    picture = draw(scene(STATES["long_names"]()))
    for box in picture.steps:
        assert len(box.label) < 40
        assert "x" * 290 in box.title


def test_nothing_in_a_picture_can_move_the_cursor_or_turn_the_line_around():
    picture = draw(scene(STATES["hostile"]()))
    for text in words(picture):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\x00" not in text


def words(picture: Picture) -> list[str]:
    found = [w for box in (*picture.steps, *picture.served) for w in (box.label, box.title)]
    found += [w for lane in picture.lanes for w in (lane.name, lane.detail, lane.title)]
    crossing = picture.crossing
    if crossing is not None:
        found += [crossing.title, crossing.write.text, crossing.read.text, crossing.read.more]
    return found


def test_the_end_of_a_process_is_marked_on_its_lane():
    picture = draw(scene(STATES["lost_state"]()))
    assert {(mark.kind, mark.label) for mark in picture.marks} == {("end", "SIGKILL"), ("boot", "boot")}
    old, new = picture.lanes
    end, boot = sorted(picture.marks, key=lambda m: m.x)
    assert old.end == end.x
    assert new.start == boot.x


def test_steps_without_times_stand_in_order_and_the_page_says_so():
    picture = draw(scene(STATES["nothing_stamped"]()))
    assert picture.ticks == ()
    assert any("no times" in note for note in picture.notes)


def test_each_test_worker_has_its_own_row():
    picture = draw(scene(STATES["xdist"]()))
    assert [(row.name, row.detail) for row in picture.rows] == [
        ("test, gw0", "test_a"),
        ("test, gw1", "test_api_example"),
    ]
    assert picture.crossing is not None


@pytest.mark.parametrize("name", STATES)
def test_a_whole_run_can_be_drawn_in_every_state(name: str):
    picture = draw_whole(scene(STATES[name]()))
    assert picture.width <= 1300
    assert len(picture.lanes) <= 13
    ends = sorted(sides(box) for box in picture.served)
    assert apart(ends)
