"""The heavy line from the write to the read that did not see it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.timeline.picture import Crossing, EndLabel, ServedBox, StepBox
from dashboard.timeline.text import fit, width_of

GAP = 11.0  # between the cross and the two lines
LABEL_SIZE = 12.5
LANE_GAP = 31.0  # from a lane to the middle of the free space beside it
TURN = 20.0
Box = ServedBox | StepBox


def crossing(
    write: Box,
    read: Box,
    *,
    written: str,
    seen: str,
    failure: str,
    right: float,
    left: float,
    title: str,
    others: Sequence[ServedBox] = (),
    places: tuple[tuple[str, int], ...] = (),
) -> Crossing:
    """Leaves the write at its right edge, meets the read at its left one, breaks half-way.

    `others`: boxes that it must not run through; where some stand in its way, it keeps to the free space beside the
    read's lane.
    """
    x1, y1 = write.x + write.width, write.y + write.height / 2
    x2, y2 = read.x, read.y + read.height / 2
    down = 1.0 if y2 >= y1 else -1.0
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if y1 != y2 and _in_the_way(others, write, read):
        found = _beside(
            write, read, down=down, label=_labels(write, read, written, seen, failure, down, left, right), title=title
        )
        return msgspec.structs.replace(found, places=places)
    if y1 == y2:
        solid, dotted = f"M{x1:.1f} {y1:.1f}H{x - GAP:.1f}", f"M{x + GAP:.1f} {y:.1f}H{x2 - 3:.1f}"
    else:
        bend = max(26.0, (x2 - x1) / 2)
        steep = abs(y2 - y1) / 4
        solid = (
            f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x:.1f} {y - down * (GAP + steep):.1f}"
            f" {x:.1f} {y - down * GAP:.1f}"
        )
        dotted = (
            f"M{x:.1f} {y + down * GAP:.1f}C{x:.1f} {y + down * (GAP + steep):.1f}"
            f" {x2 - bend:.1f} {y2:.1f} {x2 - 3:.1f} {y2:.1f}"
        )
    return Crossing(
        solid=solid,
        dotted=dotted,
        x=round(x, 1),
        y=round(y, 1),
        write=_labels(write, read, written, seen, failure, down, left, right)[0],
        read=_labels(write, read, written, seen, failure, down, left, right)[1],
        title=title,
        places=places,
    )


def _labels(
    write: Box, read: Box, written: str, seen: str, failure: str, down: float, left: float, right: float
) -> tuple[EndLabel, EndLabel]:
    return (
        _label(write, written, "", above=down > 0, left=left, right=right),
        _label(read, seen, failure, above=down < 0, left=left, right=right),
    )


def _in_the_way(others: Sequence[ServedBox], write: Box, read: Box) -> bool:
    low, high = sorted((write.y, read.y))
    return any(
        low <= box.y <= high and box.x < read.x and box.x + box.width > write.x + write.width
        for box in others
        if box is not write and box is not read
    )


def _beside(write: Box, read: Box, *, down: float, label: tuple[EndLabel, EndLabel], title: str) -> Crossing:
    """Down at once behind the write, along the free space before the read's lane, and in at the end."""
    x1, y1 = write.x + write.width, write.y + write.height / 2
    x2, y2 = read.x, read.y + read.height / 2
    y = y2 - down * LANE_GAP
    x = (x1 + x2) / 2
    turn = min(TURN, (x2 - x1) / 4)
    solid = f"M{x1:.1f} {y1:.1f}C{x1 + turn:.1f} {y1:.1f} {x1:.1f} {y:.1f} {x1 + 2 * turn:.1f} {y:.1f}H{x - GAP:.1f}"
    dotted = (
        f"M{x + GAP:.1f} {y:.1f}H{x2 - 2 * turn:.1f}C{x2 - turn / 2:.1f} {y:.1f} {x2 - turn:.1f} {y2:.1f}"
        f" {x2 - 3:.1f} {y2:.1f}"
    )
    return Crossing(
        solid=solid, dotted=dotted, x=round(x, 1), y=round(y, 1), write=label[0], read=label[1], title=title
    )


def _label(box: Box, text: str, more: str, *, above: bool, left: float, right: float) -> EndLabel:
    """Beside its box, on the side that the crossing leaves free, and inside the picture."""
    room = right - left
    text, more = fit(text, room, LABEL_SIZE), fit(more, min(room, 460.0), LABEL_SIZE)
    need = max(width_of(text, LABEL_SIZE) * 1.06, width_of(more, LABEL_SIZE))
    x, anchor = box.x + box.width / 2 + 9, "start"
    if not above:
        x = box.x
    if x + need > right:
        edge = box.x + box.width / 2 - 9 if above else box.x + box.width  # above, the box's own tie comes down
        x, anchor = max(left + need, min(right, edge)), "end"
    y = box.y - (24 if more else 9) if above else box.y + box.height + 16
    close = above and not more
    return EndLabel(
        x=round(x, 1), y=round(y, 1), anchor=anchor, text=text, more=more, more_y=round(y + 16, 1), close=close
    )
