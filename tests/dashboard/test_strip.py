"""The strip of a test's last runs, as numbers."""

from __future__ import annotations

from dashboard.timeline.strip import LINE, PLACES, WIDTH, Fate, Ran, strip


def ran(fate: Fate, *, control: bool = False) -> Ran:
    return Ran(fate=fate, label="nightly", control=control)


def test_failures_stand_on_the_line_and_passes_hang_from_it():
    failed, passed = strip([ran(Fate.FAILED_DIFFERENT), ran(Fate.PASSED_SAME)]).bars
    assert failed.y + failed.height < LINE < passed.y
    assert failed.x < passed.x
    assert failed.title == "nightly: failed on different processes"


def test_a_full_strip_fits_its_width_and_keeps_the_newest():
    runs = [ran(Fate.PASSED_SAME)] * 50 + [ran(Fate.FAILED_UNKNOWN)] * PLACES
    drawn = strip(runs)
    assert len(drawn.bars) == PLACES
    assert {bar.fate for bar in drawn.bars} == {"failed-unknown"}
    assert drawn.width == WIDTH
    assert all(a.x + a.width <= b.x for a, b in zip(drawn.bars, drawn.bars[1:], strict=False))
    assert drawn.bars[-1].x + drawn.bars[-1].width <= WIDTH


def test_the_whole_strip_is_a_sentence_too():
    drawn = strip([ran(Fate.PASSED_SAME), ran(Fate.FAILED_DIFFERENT), ran(Fate.FAILED_DIFFERENT, control=True)])
    assert drawn.summary == (
        "The last 3 runs, oldest first: 2 failed on different processes; 1 passed on the same process."
    )
    assert drawn.controls
    assert [bar.mark_x is not None for bar in drawn.bars] == [False, False, True]
    assert [key.fate for key in drawn.keys] == ["failed-different", "passed-same"]


def test_a_strip_of_nothing_is_empty():
    assert strip([]).bars == ()
    assert strip([ran(Fate.PASSED_UNKNOWN)]).summary == "The last run: 1 passed, processes unknown."
