"""Log text made safe to look at, and fitted into pixels without asking a browser."""

from __future__ import annotations

import re
import unicodedata

from triage.core.findings import PlacedStep, Process
from triage.core.records import Request

JOINERS = "\u200c\u200d"  # needed by several scripts and harmless: they move nothing
NARROW, WIDE = set("fijlrtI.,:;'|!()[]{}/\\ \"`-"), set("mwMW@%—<>=+~#&^✕")
BOLD = 1.09  # how much wider a bold text is
# "[2024-05-23 12:34:06,721] INFO in cars_app: " and the like: what a logger puts before the words
_PREFIX = re.compile(
    r"(?:\[[^\]]{1,60}\]|[-\d:,.TZ+ |]{8,40}|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b|in [\w.]{1,60}:)[ :|-]{0,3}"
)


def visible(text: str) -> str:
    """The text with control, format and bidirectional characters written as escapes that one can see."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_sign(c) if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in text)


def visible_lines(text: str) -> str:
    """The same for a text of several lines, which stay lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _sign(char: str) -> str:
    if char in JOINERS:
        return char
    if char == "\t":
        return "  "
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


def width_of(text: str, size: float = 12.5) -> float:
    """About how wide a sans-serif text is, in pixels; errs to the wide side."""
    total = 0.0
    for c in text:
        if c in NARROW:
            total += 0.40
        elif c in WIDE:
            total += 0.98
        elif unicodedata.east_asian_width(c) in "WF":
            total += 1.05
        else:
            total += 0.72 if c.isupper() else 0.635
    return total * size


def fit(text: str, room: float, size: float = 12.5) -> str:
    """As much of the text as fits `room` pixels, with an ellipsis where something was left out."""
    text = visible(text)
    if len(text) * size <= room or width_of(text, size) <= room:
        return text
    text = text[: int(room / (0.3 * size)) + 1]
    while text and width_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def folded(text: str, room: float, size: float = 12.5, most: int = 3) -> list[str]:
    """The text in lines of `room` pixels, broken at spaces; the last of `most` lines is cut where it must be."""
    lines, words = [""], visible(text).split(" ")
    for n, word in enumerate(words):
        longer = f"{lines[-1]} {word}".lstrip()
        if width_of(longer, size) <= room or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = " ".join([lines[-1], *words[n:]])
            break
    return [fit(line, room, size) for line in lines]


def few_words(message: str, limit: int = 46) -> str:
    """What a log message says, without the logger's own stamps and level, cut at a word."""
    text = visible(message.split("\n", 1)[0][:400]).strip()
    for _ in range(6):
        found = _PREFIX.match(text)
        if not found or found.end() == 0 or found.end() == len(text):
            break
        text = text[found.end() :]
    if len(text) <= limit:
        return text
    head = text[:limit]
    return head[: head.rfind(" ") if head.rfind(" ") > limit // 2 else limit].rstrip(" ,;:{[(") + "…"


def process_name(process: Process) -> str:
    """How a process is called wherever it is named: program and PID."""
    unit = process.unit.removesuffix(".service") or "process"
    return f"{unit} {process.pid}" if process.pid is not None else f"{unit}, no PID"


def request_words(request: Request | None) -> str:
    """`POST /cars/add`, or what of it is known; empty where nothing is."""
    if request is None:
        return ""
    return " ".join(part for part in (request.method, request.path) if part)


def step_words(step: PlacedStep) -> str:
    """What stands in a step's box: its request, else its own words."""
    return request_words(step.request) or few_words(
        step.text.removeprefix("PASS:").removeprefix("FAIL:").strip(" -"), 80
    )


def span_words(us: int) -> str:
    """A length of time in two digits or so: `4 ms`, `1.4 s`, `23 min`, `3 h`, `5 h 30 min`, `2 d`."""
    us = abs(us)
    hours, minutes = divmod(round(us / 60_000_000), 60)
    if 2 <= hours < 48 and minutes:
        return f"{hours} h {minutes} min"  # zones are told apart by their quarters of an hour
    for unit, size in (
        ("d", 86_400_000_000),
        ("h", 3_600_000_000),
        ("min", 60_000_000),
        ("s", 1_000_000),
        ("ms", 1000),
    ):
        if us >= size * (2 if unit in ("d", "h", "min") else 1):
            value = us / size
            return f"{value:.1f} {unit}" if value < 10 and unit == "s" else f"{value:.0f} {unit}"
    return f"{us} µs"
