"""The lineup for a terminal: one row a step, one column a process, the crossing drawn so that the eye finds it.

Time runs down the page. Log text is shown with its control characters made visible, so that nothing in a log can
move the cursor or change colours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dashboard.timeline.axis import clock_time
from triage.core.called import KINDS
from triage.core.findings import (
    Clock,
    Gap,
    LineRef,
    Lineup,
    Mechanism,
    PlacedStep,
    Process,
    Report,
    Verdict,
    VerdictKind,
)
from triage.core.fix_cards import FixCard, card_for
from triage.core.records import SECOND, Entry, RunEvidence, Step, instant
from triage.core.totals import totals_of

MAX_COLUMNS = 6  # processes side by side; the others served nothing that this test did
WHOLE = 600  # characters of a log line; nearly every line is shown whole
JUMPS = 3  # of one clock
MAX_STEPS = 60  # rows of one test; the middle of a longer one is left out and counted


class Ink(msgspec.Struct, frozen=True):
    """The escape sequences in use; empty strings where the output is no terminal."""

    strong: str = ""
    quiet: str = ""
    split: str = ""
    good: str = ""
    end: str = ""


PLAIN = Ink()
COLOUR = Ink(strong="\x1b[1m", quiet="\x1b[2m", split="\x1b[1;38;5;202m", good="\x1b[32m", end="\x1b[0m")


def visible(text: str) -> str:
    """The text with every control, format and line-breaking character replaced by a visible sign."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] not in "C" and c not in "\u2028\u2029" else _sign(c) for c in text)


def _sign(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return "  "
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def cut(text: str, width: int) -> str:
    """At most `width` characters, the last an ellipsis where something was left out."""
    text = visible(text)
    return text if len(text) <= width else text[: max(0, width - 1)] + "…"


def draw(report: Report, evidence: RunEvidence, *, width: int = 100, ink: Ink = PLAIN) -> Iterator[str]:
    """The lines of the whole answer, without line ends, at most about `width` characters wide.

    `evidence` is what the report was made from: it holds the log lines that the report only refers to.
    """
    lineup = report.lineup
    raw = _raw_lines(report, evidence)
    yield from _heading(lineup, width, ink)
    told: set[tuple[VerdictKind, Mechanism | None]] = set()
    for verdict in report.verdicts:
        yield ""
        yield from _failure(verdict, lineup, raw, width, ink)
        cause = verdict.kind, verdict.mechanism
        if cause not in told:  # what many tests have in common is said once
            told.add(cause)
            yield from _card(card_for(*cause, verdict), width, ink)
    if report.gaps or lineup.remarks:
        yield ""
        yield f"{ink.strong}What these logs cannot prove{ink.end}"
        for number, gap in enumerate(report.gaps):
            if number:
                yield ""
            yield from _gap(gap, raw, width, ink)
        for remark in lineup.remarks:
            yield from _wrapped(remark, width, "  ")


def _card(card: FixCard, width: int, ink: Ink) -> Iterator[str]:
    """What the verdict's own words leave out of the fix card. Code is never broken: it is there to be copied."""
    if card.instead_of:
        yield ""
        yield from _labelled("not", card.instead_of, width, ink)
    if card.look or card.snippets:
        yield ""
    for number, question in enumerate(card.look):
        yield from _labelled("" if number else "look", question, width, ink)
    if card.grep:
        yield f"  {'':8}  {visible(card.grep)}"
    for snippet in card.snippets:
        yield from _code(snippet.framework, "- ", snippet.before, ink)
        yield from _code("", "+ ", snippet.after, ink)


def _code(label: str, sign: str, text: str, ink: Ink) -> Iterator[str]:
    for number, line in enumerate(text.split("\n")):
        yield f"  {ink.quiet}{'' if number else label:>8}{ink.end}  {sign}{visible(line)}"


def _gap(gap: Gap, raw: Mapping[LineRef, str], width: int, ink: Ink) -> Iterator[str]:
    hurts = f" {_count(gap.hurts, 'failing test')} could be surer." if gap.hurts else ""
    yield from _wrapped(gap.text + hurts, width, "  ")
    for line in filter(None, (raw.get(ref, "").split("\n")[0] for ref in gap.lines[:1])):
        yield from _labelled("such as", cut(line, width - 12), width, ink)
    if gap.fix:
        yield from _labelled("add to", gap.where, width, ink)
        yield from _code("", "", gap.fix, ink)


def _heading(lineup: Lineup, width: int, ink: Ink) -> Iterator[str]:
    totals = totals_of(lineup)
    total, failed = totals.total, totals.failed + totals.error
    real = [p for p in lineup.processes if p.pid is not None]
    hosts = sorted({p.host for p in lineup.processes if p.host})
    counted = f"{_count(total, 'test')}, {failed} failed"
    where = f" on {', '.join(map(visible, hosts))}" if hosts else ""
    yield f"{ink.strong}{counted}{ink.end} · {_count(len(real), 'process', 'processes')}{where}"
    for clock in lineup.clocks:
        yield from (f"{ink.quiet}{line}{ink.end}" for line in _wrapped(_clock(clock), width, ""))
        for remark in clock.remarks:
            yield from (f"{ink.quiet}{line}{ink.end}" for line in _wrapped(remark, width, "  "))
    if not failed:
        yield "Nothing failed: there is nothing to explain." if total else "No test was found in these files."


def _clock(clock: Clock) -> str:
    host = visible(clock.host) or "server"
    if not clock.decided:
        return f"Clock of {host}: cannot tell; shown as logged"
    low, high = clock.low_us / SECOND, clock.high_us / SECOND
    offset = f"{clock.offset_us / SECOND:+.1f} s ({low:+.1f} … {high:+.1f})"
    drift = f", {clock.skew_ppm:+.0f} ppm from {clock_time(clock.at_us)} on" if clock.at_us is not None else ""
    jumps = "".join(f", {jump.by_us / SECOND:+.1f} s at {clock_time(jump.at_us)}" for jump in clock.jumps[:JUMPS])
    more = ", and so on" if len(clock.jumps) > JUMPS else ""
    return f"Clock of {host} against the tests: {offset}{drift}{jumps}{more}, {clock.basis}"


def _failure(verdict: Verdict, lineup: Lineup, raw: Mapping[LineRef, str], width: int, ink: Ink) -> Iterator[str]:
    yield f"{ink.strong}{visible(verdict.test)}{ink.end}  {verdict.outcome.value}"
    if verdict.message:
        yield from _wrapped(verdict.message, width, "  ")
    yield ""
    tone = ink.split if verdict.kind is VerdictKind.SPLIT_STATE else ink.strong
    unknown = verdict.kind is VerdictKind.UNEXPLAINED
    sure = "" if unknown else f" · {verdict.level.value}, {verdict.confidence:.0%}"
    yield f"  {tone}{KINDS[verdict.kind]}{ink.end}{sure}"
    yield from _wrapped(verdict.summary, width, "  ")
    yield ""
    yield from _picture(verdict, lineup, width, ink)
    for label, end in (("written", verdict.write), ("read", verdict.read)):
        if end and end.line and end.line in raw:
            yield from _labelled(label, cut(raw[end.line], WHOLE), width, ink)
    if verdict.evidence:
        yield ""
        for item in sorted(verdict.evidence, key=lambda e: -e.weight):
            shade = ink.split if item.weight > 0 else ink.good
            yield from _labelled(f"{item.weight:+.1f}", item.text, width, ink, shade)
    for label, text in (("change", verdict.advice), ("confirm", verdict.confirm), ("missing", verdict.missing)):
        if text:
            yield ""
            yield from _labelled(label, text, width, ink)


def _labelled(label: str, text: str, width: int, ink: Ink, shade: str = "") -> Iterator[str]:
    """A narrow column with the label, a wide one with the text."""
    first, *rest = list(_wrapped(text, width - 12, "")) or [""]
    yield f"  {shade or ink.quiet}{label:>8}{ink.end}  {first}"
    for more in rest:
        yield f"            {more}"


def _picture(verdict: Verdict, lineup: Lineup, width: int, ink: Ink) -> Iterator[str]:
    steps = [s for s in lineup.steps if s.test == verdict.test]
    if not steps:
        return
    columns = _columns(verdict, steps, lineup)
    cell = max(16, min(26, (width - 44) // max(1, len(columns))))
    head = "".join(cut(_name(lineup.processes[p]), cell - 2).ljust(cell) for p in columns)
    if head:
        yield f"  {'':42}{ink.strong}{head.rstrip()}{ink.end}"
    write = verdict.write.step if verdict.write else None
    read = verdict.read.step if verdict.read else None
    for step in _shortened(steps):
        if step is None:
            yield f"  {ink.quiet}{'⋮':>10} {len(steps) - MAX_STEPS} more steps{ink.end}"
            continue
        yield _row(step, columns, lineup, cell, ink, written=step.index == write, looked_up=step.index == read)
    yield ""


def _row(
    step: PlacedStep, columns: Sequence[int], lineup: Lineup, cell: int, ink: Ink, *, written: bool, looked_up: bool
) -> str:
    at = f"{instant(step.at_us):%H:%M:%S}" if step.at_us is not None else ""
    text = ("✕ " if step.mark == "fail" else "") + step.text
    left = f"  {ink.quiet}{at:8}{ink.end}  {cut(text, 30):30}"
    if not step.matches:
        return left.rstrip()
    best = step.matches[0]
    served = lineup.served[best.served]
    if served.process not in columns:
        return left.rstrip()
    column = columns.index(served.process)
    sign = "◆" if written else "◇" if looked_up else "●"
    note = " written" if written else " read" if looked_up else ""
    label = _label(served.request.method if served.request else None, served.request.status if served.request else None)
    sure = "" if best.confidence >= 0.9 else f" {best.confidence:.0%}"
    tone = ink.split if written or looked_up else ""
    line = "─" * (1 + column * cell)
    return f"{left} {ink.quiet}{line}{ink.end}{tone}{sign} {label}{note}{ink.end if tone else ''}{sure}".rstrip()


def _label(method: str | None, status: int | None) -> str:
    return " ".join(str(v) for v in (method, status) if v is not None) or "request"


def _columns(verdict: Verdict, steps: Sequence[PlacedStep], lineup: Lineup) -> list[int]:
    """Processes that served this test, the verdict's own first, in order of appearance."""
    own = [end.process for end in (verdict.write, verdict.read) if end and end.process is not None]
    seen = [lineup.served[s.matches[0].served].process for s in steps if s.matches]
    return sorted(list(dict.fromkeys([*own, *seen]))[:MAX_COLUMNS])


def _shortened(steps: Sequence[PlacedStep]) -> list[PlacedStep | None]:
    if len(steps) <= MAX_STEPS:
        return list(steps)
    half = MAX_STEPS // 2
    return [*steps[:half], None, *steps[-half:]]


def _name(process: Process) -> str:
    unit = process.unit or process.host or "process"
    return f"{unit} {process.pid}" if process.pid is not None else f"{unit} (no PID)"


def _raw_lines(report: Report, evidence: RunEvidence) -> dict[LineRef, str]:
    wanted = {
        end.line for verdict in report.verdicts for end in (verdict.write, verdict.read) if end and end.line is not None
    }
    wanted |= {ref for gap in report.gaps for ref in gap.lines}
    found: dict[LineRef, str] = {}
    for number, part in enumerate(evidence.parts):
        lines = {ref.line for ref in wanted if ref.part == number}
        if lines:
            records: tuple[Entry | Step, ...] = (*part.entries, *part.steps)
            found.update({LineRef(number, each.line): each.raw for each in records if each.line in lines})
    return found


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    """Words of the text in lines of at most `width`; a longer word is cut."""
    line = indent
    for word in visible(text).split():
        word = cut(word, max(20, width - len(indent)))
        if len(line) + len(word) + 1 > width and line.strip():
            yield line
            line = indent
        line += word if line == indent else " " + word
    if line.strip():
        yield line


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
