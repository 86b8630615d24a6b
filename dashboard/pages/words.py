"""The words of the pages: what verdicts, mechanisms and ages are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from dashboard.timeline.text import span_words, visible
from triage.core.called import KINDS as KINDS
from triage.core.called import STATUSES as STATUSES
from triage.core.findings import Clock, End


class Option(msgspec.Struct, frozen=True):
    """One line of a list that a form offers."""

    value: str
    label: str


MECHANISMS = {
    "in_memory": "state kept in one process's memory",
    "session_key": "session key drawn per worker",
    "local_cache": "cache kept per process",
    "id_counter": "ids counted per process",
    "rate_limit": "rate limit counted per process",
    "job_registry": "jobs known to one process only",
    "broadcast": "subscribers known to one process only",
    "in_memory_database": "database in one process's memory",
    "feature_flag": "flag or setting changed in one process only",
    "replica": "replica or host with its own storage",
    "worker_recycled": "worker recycled in between",
    "worker_killed": "worker killed in between",
    "redeploy": "service redeployed in between",
    "xdist": "test workers that share what they should not",
}
LEVELS = {
    "suspected": "the order of events in this run fits",
    "likely": "this run or its history also speaks against the rival explanations",
    "confirmed": "history or an experiment decides it",
}
EXPERIMENTS = {
    "one_process": "one server process",
    "sticky": "sticky sessions",
    "no_recycling": "no worker recycled",
    "one_host": "one host",
    "no_xdist": "one test process, no xdist",
    "fix": "a fix",
}
NARROW_US = 300_000  # bounds closer than this need more places to be told apart
MINUS = "\N{MINUS SIGN}"
TELLING_DIGITS = 3  # a shorter PID standing alone may be any number
STAGES = {
    "unpacking": "taking logs out of archives",
    "parsing": "reading the files",
    "lining up": "lining up steps and entries",
    "deciding": "deciding",
}


class Piece(msgspec.Struct, frozen=True):
    """A stretch of text; marked where it is the word that decides."""

    text: str
    marked: bool = False


def pieces(text: str, words: Iterable[str]) -> tuple[Piece, ...]:
    """The text in stretches, every occurrence of a word marked; longer words are looked for first."""
    wanted = sorted({word for word in words if word}, key=len, reverse=True)[:40]
    text = visible(text)
    if not wanted:
        return (Piece(text),)
    pattern = re.compile("|".join(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])" for word in wanted))
    done: list[Piece] = []
    at = 0
    for found in pattern.finditer(text):
        if found.start() > at:
            done.append(Piece(text[at : found.start()]))
        done.append(Piece(found.group(), True))
        at = found.end()
    if at < len(text):
        done.append(Piece(text[at:]))
    return tuple(done)


def names_of(ends: Iterable[End | None]) -> list[str]:
    """The ways in which a sentence may name the processes of a verdict's two ends."""
    named: list[str] = []
    known = [end for end in ends if end is not None]
    for end in known:
        if end.pid is not None:
            pid, unit = str(end.pid), end.unit.removesuffix(".service")
            named += [f"{unit}[{pid}]", f"{unit} {pid}", f"worker {pid}", f"process {pid}", f"PID {pid}", f"pid {pid}"]
            named += [pid] if len(pid) >= TELLING_DIGITS else []
    hosts = {end.host for end in known if end.host}
    return [*named, *hosts] if len(hosts) > 1 else named


def percent(confidence: float) -> str:
    """A probability as a person would say it: never 100 %, because nothing here is certain."""
    if confidence >= 0.995:
        return "over 99 %"
    if confidence < 0.01:
        return "under 1 %"
    return f"{100 * confidence:.0f} %"


def sureness(kind: str, level: str, confidence: float) -> str:
    """`likely · 97 %`; empty for a verdict that says it cannot tell."""
    if kind in ("", "unexplained"):
        return ""
    return f"{level} · {percent(confidence)}" if level else percent(confidence)


def weight(value: float) -> str:
    """Log-odds with a sign: `+2.6`, `0`, or a minus sign and a number."""
    if abs(value) < 0.05:
        return "0"
    return f"{'+' if value > 0 else MINUS}{abs(value):.1f}"


def signed_seconds(us: int, places: int | None = None) -> str:
    """`+1,378.7`, `±0.0`, `-0.012` with a real minus; small numbers get three places where none are asked for."""
    sign = "+" if us > 0 else MINUS if us < 0 else "±"
    value = abs(us) / 1_000_000
    if places is None:
        places = 1 if value >= 0.095 or us == 0 else 3
    return f"{sign}{value:,.{places}f}"


def clock_words(clock: Clock) -> tuple[str, str]:
    """The offset and its bounds: `server +0.4 s` and `+0.1 … +0.9 s`, in as many places as the bounds are narrow."""
    if not clock.decided:
        return "not decided", "nothing in these logs fixes it"
    width = clock.high_us - clock.low_us
    places = 3 if width < NARROW_US else 1
    bounds = f"{signed_seconds(clock.low_us, places)} … {signed_seconds(clock.high_us, places)} s"
    # An offset far inside its bounds is none that these logs show.
    if abs(clock.offset_us) < max(1000, width // 20):
        return "in step with the tests", bounds
    return f"server {signed_seconds(clock.offset_us, places)} s", bounds


def drift_words(clock: Clock) -> str:
    """`loses 723 ms an hour`; empty for a clock that neither gains nor loses."""
    gained = round(clock.skew_ppm * 3_600)  # microseconds in an hour
    if clock.at_us is None or not gained:
        return ""
    return f"{'gains' if gained > 0 else 'loses'} {span_words(gained)} an hour"


def age(at: datetime | None, now: datetime) -> str:
    """How long ago: `just now`, `40 s ago`, `12 min ago`, `3 h ago`, `5 days ago`, then the date."""
    if at is None:
        return "never"
    seconds = int((now - at).total_seconds())
    if seconds < 5:
        return "just now"
    if seconds < 90:
        return f"{seconds} s ago"
    if seconds < 5400:
        return f"{round(seconds / 60)} min ago"
    if seconds < 129_600:
        return f"{round(seconds / 3600)} h ago"
    if seconds < 45 * 86_400:
        return f"{round(seconds / 86_400)} days ago"
    return f"{at.day} {at:%b %Y}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 run`, `3 runs`, `4,100 runs`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def short_test(nodeid: str) -> str:
    """A node id's last name, for where the whole does not fit."""
    return visible(nodeid.rsplit("::", 1)[-1])


def middle(text: str, limit: int) -> str:
    """A text too long for its place, cut in its middle: both ends tell it from its like."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 3 // 5
    return f"{text[:head].rstrip()}…{text[head + 1 - limit :].lstrip()}"
