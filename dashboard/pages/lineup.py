"""The lineup on a page: the picture, its switches, and the same facts as a table."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from django.urls import reverse

from dashboard.pages.scenes import Look
from dashboard.pages.steps import PAGE
from dashboard.pages.windows import written
from dashboard.pages.words import clock_words, counted, drift_words, percent, short_test
from dashboard.pages.zoom import Zoom, zoom
from dashboard.timeline.axis import clock_time
from dashboard.timeline.layout import draw
from dashboard.timeline.picture import Picture
from dashboard.timeline.scene import Scene, client_time
from dashboard.timeline.text import process_name, request_words, span_words, visible
from dashboard.timeline.whole import draw_whole
from dashboard.timeline.window import Window
from triage.core.findings import Clock, PlacedStep, Served
from triage.models import Run

TEXT_CUT = 400
JUMPS = 3  # told of in the caption
ABOUT_US = 250_000  # what is shown on either side of a step that is looked for


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """How the lineup is to be shown; every combination has its own URL."""

    test: str = ""
    raw: bool = False
    whole: bool = False
    table: bool = False
    window: Window | None = None
    first: int = 1  # step that the table begins with

    def query(self, **change: object) -> str:
        """Another clock, span or test has other times: the window stays behind unless one is given."""
        chosen = msgspec.structs.replace(self, **change)
        window = chosen.window if "window" in change or not change.keys() & {"raw", "whole", "test"} else None
        pairs = [("test", chosen.test)] if chosen.test else []
        pairs += [("times", "raw")] if chosen.raw else []
        pairs += [("span", "run")] if chosen.whole else []
        pairs += [("view", "table")] if chosen.table else []
        pairs += [("step", str(chosen.first))] if chosen.table and chosen.first > 1 else []
        pairs += written(window)
        return "?" + urlencode(pairs, safe=":") if pairs else "?"

    @property
    def look(self) -> Look:
        """What has to be loaded for it."""
        from_step = self.first if self.table and not self.whole else None
        return Look(whole=self.whole, adjusted=not self.raw, window=self.window, table_from=from_step)


class TableRow(msgspec.Struct, frozen=True, kw_only=True):
    index: int
    n: int
    at: str
    text: str
    request: str
    served_by: str
    colour: str  # p1 to p8, "" where nobody served it
    server_at: str
    sure: str
    basis: str
    role: str  # write, read, fail or ""
    others: str  # the further candidates
    shown: str  # address of the picture around it; "" where it has no time


class LineupView(msgspec.Struct, frozen=True, kw_only=True):
    picture: Picture | None
    zoom: Zoom | None
    rows: tuple[TableRow, ...]
    more: str  # address of the table's next page
    before: str
    choice: Choice
    base: str  # the run's URL
    lines: str  # the URL of the lines around a step, without its query
    svg: str
    png: str
    here: str  # query of this very view
    plain: str  # the same without a window
    adjusted: str
    raw: str
    test_span: str
    run_span: str
    as_table: str
    as_picture: str
    caption: str
    title: str  # the picture in a sentence, for who cannot see it
    in_view: str
    whole_possible: bool
    two_clocks: bool  # there is something to adjust


def lineup_view(run: Run, scene: Scene, choice: Choice) -> LineupView:
    drawing = draw_whole if choice.whole else draw
    shown = bool(scene.steps or scene.processes or scene.spans)
    picture = drawing(scene, adjusted=not choice.raw, window=choice.window) if shown and not choice.table else None
    if picture is not None and not picture.zoomed:
        choice = msgspec.structs.replace(choice, window=None)
    base, exported = reverse("run", args=[run.pk]), choice.query(table=False)
    return LineupView(
        picture=_linked(picture, choice) if picture is not None else None,
        zoom=zoom(picture, lambda window: base + choice.query(window=window)),
        rows=_rows(scene, choice, base) if choice.table else (),
        more=choice.query(first=choice.first + PAGE) if choice.table and _left(scene) else "",
        before=choice.query(first=max(1, choice.first - PAGE)) if choice.table and choice.first > 1 else "",
        choice=choice,
        base=base,
        lines=reverse("lines", args=[run.pk]),
        svg=reverse("lineup-svg", args=[run.pk]) + exported,
        png=reverse("lineup-png", args=[run.pk]) + exported + ("" if exported == "?" else "&") + "scale=2",
        here=choice.query(),
        plain=choice.query(window=None),
        adjusted=choice.query(raw=False),
        raw=choice.query(raw=True),
        test_span=choice.query(whole=False),
        run_span=choice.query(whole=True, table=False),
        as_table=choice.query(table=True, whole=False, window=choice.window if not choice.whole else None),
        as_picture=choice.query(table=False, first=1),
        caption=_caption(scene, choice),
        title=_title(scene, choice),
        in_view=_in_view(scene, picture, choice) if picture is not None and picture.zoomed else "",
        whole_possible=bool(scene.test),
        two_clocks=bool(scene.processes),
    )


def _linked(picture: Picture, choice: Choice) -> Picture:
    """With an address for every mark that leads closer: there are hundreds, which differ in their windows only."""
    whole, all_of_it = picture.whole, choice.query(window=None)
    start = all_of_it if all_of_it == "?" else f"{all_of_it}&"

    def query(window: Window) -> str:
        return start + urlencode(written(window.within(whole) if whole is not None else window), safe=":")

    return msgspec.structs.replace(
        picture,
        dots=tuple(
            msgspec.structs.replace(d, href=query(d.window)) if d.window is not None else d for d in picture.dots
        ),
        heaps=tuple(
            msgspec.structs.replace(h, href=query(h.window)) if h.window is not None else h for h in picture.heaps
        ),
    )


def _left(scene: Scene) -> bool:
    """True where the table has a further page."""
    own = [s.n for s in scene.steps if s.test == scene.test]  # the verdict may bring steps of other tests with it
    return bool(own) and own[-1] < scene.step_count


def _in_view(scene: Scene, picture: Picture, choice: Choice) -> str:
    if choice.whole:
        return f"{counted(picture.in_view, 'test')} in view"
    return f"{picture.in_view:,} of {counted(scene.step_count, 'step')} in view"


def _title(scene: Scene, choice: Choice) -> str:
    """What the picture shows and what it says, in words."""
    what = "All tests of the run" if choice.whole else f"The steps of {short_test(scene.test)}"
    who = counted(len(scene.processes), "server process", "server processes") if scene.processes else "no server log"
    verdict = scene.verdict
    said = f" {visible(verdict.summary)}" if verdict is not None else ""
    return f"{what} over time, and {who} below, each step tied to the entry that served it.{said}"


def _caption(scene: Scene, choice: Choice) -> str:
    """What was done to the times, because nothing is corrected silently."""
    if not scene.clocks or not scene.processes:
        return ""
    clock = scene.clocks[0]
    offset, bounds = clock_words(clock)
    if choice.raw:
        return "Times as each side's own log wrote them, zones applied and nothing else."
    if not clock.decided:
        return "The clocks of both sides are shown as they are: nothing in these logs tells how far they differ."
    several = f" ({counted(len(scene.clocks), 'host')}, each shifted by its own)" if len(scene.clocks) > 1 else ""
    if abs(clock.offset_us) < 1000 and not clock.jumps and clock.at_us is None:
        return f"The server's clock is {offset}, within {bounds}{several}, so its times stand as logged."
    told = f"{_shift(clock.offset_us)} than logged"
    drift = drift_words(clock)
    if drift and clock.at_us is not None:
        begin = (
            f"The server's clock {drift} against the tests': at {clock_time(clock.at_us)} its times are shown {told}"
        )
    else:
        begin = f"The server's times are shown {told}"
    if clock.jumps:
        return (
            f"A clock was set in mid-run. {begin}{_jumps(clock)}. The offset before that lies within {bounds}{several}."
        )
    return f"{begin}; the offset {'then ' if drift else ''}lies within {bounds}{several}."


def _shift(offset_us: int) -> str:
    return f"{span_words(offset_us)} {'earlier' if offset_us > 0 else 'later'}"


def _jumps(clock: Clock) -> str:
    """How the shift changes at each jump: `, from 10:48:09.523 on 2.5 s later`."""
    told, offset = "", clock.offset_us
    for jump in clock.jumps[:JUMPS]:
        offset += jump.by_us
        told += f", from {clock_time(jump.at_us)} on {_shift(offset)}"
    return told + (", and so on" if len(clock.jumps) > JUMPS else "")


def _rows(scene: Scene, choice: Choice, base: str) -> tuple[TableRow, ...]:
    served = {s.index: s for s in scene.served}
    return tuple(_row(scene, step, choice, served, base) for step in scene.steps)


def _row(scene: Scene, step: PlacedStep, choice: Choice, served: dict[int, Served], base: str) -> TableRow:
    found = [(m, served[m.served]) for m in step.matches if m.served in served]
    verdict = scene.verdict
    ends = {"write": verdict.write, "read": verdict.read} if verdict is not None else {}
    role = next((name for name, end in ends.items() if end is not None and end.step == step.index), "")
    best, others = (found[0] if found else None), found[1:]
    status = step.request.status if step.request is not None else None
    name = server_at = ""
    if best is not None:
        process = scene.processes[best[1].process]
        at = best[1].low_us if choice.raw else client_time(scene.clocks, process.host, best[1].low_us)
        name, server_at = process_name(process), clock_time(at)
        hosts = {p.host for p in scene.processes}
        name = f"{name} on {process.host}" if process.host and len(hosts) > 1 else name
    return TableRow(
        index=step.index,
        n=step.n,
        at=clock_time(step.at_us) if step.at_us is not None else "no time",
        text=visible(step.text[:TEXT_CUT]),
        request=visible(" ".join(str(p) for p in (request_words(step.request), status) if p)),
        served_by=visible(name),
        colour=f"p{best[1].process % 8 + 1}" if best is not None else "",
        server_at=server_at,
        sure=percent(best[0].confidence) if best is not None else "",
        basis=", ".join(best[0].basis) if best is not None else "",
        role=role or ("fail" if step.mark == "fail" else ""),
        shown=base + choice.query(table=False, first=1, window=about(step.at_us)) if step.at_us is not None else "",
        others=", ".join(f"{process_name(scene.processes[s.process])} ({percent(m.confidence)})" for m, s in others),
    )


def about(us: int) -> Window:
    """A moment with its neighbours, whatever the test's length."""
    return Window(us - ABOUT_US, us + ABOUT_US)
