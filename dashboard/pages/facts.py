"""The facts that a sceptic asks for first, in a line under the verdict."""

from __future__ import annotations

import msgspec

from dashboard.pages import words
from dashboard.pages.deciding import Decision
from dashboard.pages.scenes import Loaded
from dashboard.pages.words import counted
from dashboard.rows import clocks_of
from dashboard.timeline.text import visible
from triage.core.findings import Verdict
from triage.models import Run
from triage.querysets.meaning import PROCESS_LIMIT


class Fact(msgspec.Struct, frozen=True):
    label: str
    value: str
    more: str = ""
    href: str = ""


def facts(run: Run, verdict: Verdict | None, loaded: Loaded | None, decided: Decision | None) -> tuple[Fact, ...]:
    found: list[Fact] = []
    if verdict is not None and verdict.mechanism is not None:
        found.append(Fact("Mechanism", words.MECHANISMS[verdict.mechanism.value]))
    if verdict is not None and verdict.side is not None and verdict.side.value == "test":
        found.append(Fact("Split between", "test workers"))
    processes = loaded.scene.processes if loaded is not None else ()
    if processes:
        hosts = sorted({p.host for p in processes if p.host})
        where = f"on {visible(hosts[0])}" if len(hosts) == 1 else f"on {counted(len(hosts), 'host')}" if hosts else ""
        told = sum(p.pid is not None for p in processes)
        over = "over " if len(processes) >= PROCESS_LIMIT else ""  # the page loads no more of them
        many = over + counted(told, "process", "processes") if told else "processes without PID"
        found.append(Fact("Served by", many, where))
    for clock in clocks_of(run)[:1] if processes else ():
        offset, bounds = words.clock_words(clock)
        set_ = "set in mid-run" if clock.jumps else ""
        more = ", ".join(filter(None, (f"({bounds})", words.drift_words(clock), set_)))
        found.append(Fact("Clock", offset, more))
    if decided is not None and decided.history is not None:
        found.append(Fact("Seen in", decided.history.seen, href=decided.history.href))
    if run.experiment:
        found.append(Fact("Control run", words.EXPERIMENTS.get(run.experiment, run.experiment)))
    if run.tests_total:
        failed = run.tests_failed + run.tests_error
        found.append(Fact("Tests", f"{failed:,} failed" if failed else "none failed", f"of {run.tests_total:,}"))
    return tuple(found)
