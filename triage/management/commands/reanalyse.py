"""`manage.py reanalyse`: shows what today's analysis would make of old runs, and with --apply makes it so."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from triage.core.analyse import CORE_VERSION
from triage.models import Project, Reanalysis
from triage.reanalysis import Change, Done, go_on
from triage.store import reanalysis

EVERY_S = 1.0  # between two lines of progress
SENTENCES = {
    "lines_gone": "skipped, because retention took their lines: their verdicts stay as they are",
    "busy": "skipped, because they are in work already, which ends in today's analysis",
    "to_be_read_again": "whose files have to be read again first",
    "failed": "could not be decided on, for a reason that the log above tells: their verdicts stay as they are",
}


class Command(BaseCommand):
    help = (
        "Decides again on runs that an older version of the analysis decided on. Without --apply nothing changes: it "
        "shows which verdicts would. A command that was stopped or killed goes on with --continue."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", help="only this project, by its slug")
        parser.add_argument("--since", type=date.fromisoformat, help="only runs received on that day or later")
        parser.add_argument("--limit", type=int, help="at most so many runs, the oldest first")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="show what would change; this is the default")
        how.add_argument("--apply", action="store_true", help="change it; each old verdict stays on record")
        parser.add_argument(
            "--continue", action="store_true", dest="going_on", help="go on with the newest one that was not finished"
        )

    def handle(self, **given: Any) -> None:
        state = _unfinished(given) if given["going_on"] else _new(given)
        left = reanalysis.how_many(state)
        self.stdout.write(
            f"{'Deciding again on' if state.applies else 'Looking at'} {left:,} runs, core version {state.core_version}"
            f"{'' if state.applies else '; nothing is changed without --apply'}."
        )
        try:
            with reanalysis.alone(state) as alone:
                if not alone:
                    raise CommandError("Another command goes on with this one at the moment.")
                self._go_on(state, left)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing is lost: go on with --continue.") from None
        self._sum_up(state)

    def _go_on(self, state: Reanalysis, left: int) -> None:
        told, changed = time.monotonic(), 0
        for number, done in enumerate(go_on(state), 1):
            self._tell(done)
            changed += len(done.changes)
            if time.monotonic() - told >= EVERY_S:
                told = time.monotonic()
                self.stderr.write(f"{number:,} of {left:,} runs, {changed:,} verdicts differ")

    def _tell(self, done: Done) -> None:
        for change in done.changes:
            self.stdout.write(f"{_said(change)}  {change.test}  {settings.BASE_URL}/runs/{change.run_id}")

    def _sum_up(self, state: Reanalysis) -> None:
        decided = state.counts.get("decided", 0)
        self.stdout.write(f"\n{decided:,} runs decided again{'' if state.applies else ', without keeping it'}.")
        for ended, sentence in SENTENCES.items():
            if state.counts.get(ended):
                self.stdout.write(f"{state.counts[ended]:,} runs {sentence}.")
        total = sum(state.changes.values())
        self.stdout.write(f"{total:,} verdicts {'changed' if state.applies else 'would change'}{':' if total else '.'}")
        for name, count in sorted(state.changes.items(), key=lambda item: (-item[1], item[0])):
            self.stdout.write(f"{count:>8,}  {name}")
        if total and not state.applies:
            self.stdout.write("Once they are applied, history is weighed anew: it may change more, or take some back.")


def _said(change: Change) -> str:
    old, new = change.before, change.after
    return f"{old['kind']} ({old['level']}) → {new['kind']} ({new['level']})"


def _new(given: dict[str, Any]) -> Reanalysis:
    project = None
    if given["project"] is not None:
        project = Project.objects.named(given["project"])
        if project is None:
            raise CommandError(f"There is no project {given['project']!r}.")
    if given["limit"] is not None and given["limit"] < 1:
        raise CommandError("--limit is a number of runs, at least 1.")
    return reanalysis.begin(project, given["since"], given["limit"], given["apply"], CORE_VERSION)


def _unfinished(given: dict[str, Any]) -> Reanalysis:
    """The one to go on with. What it was begun with stays: nothing else may be said beside --continue."""
    if any(given[name] for name in ("project", "since", "limit", "apply", "dry_run")):
        raise CommandError("--continue goes on as it was begun: leave the other options out.")
    state: Reanalysis | None = Reanalysis.objects.unfinished()
    if state is None:
        raise CommandError("There is none that was not finished.")
    if state.core_version != CORE_VERSION:
        raise CommandError(
            f"The newest one was begun with core version {state.core_version}; this is {CORE_VERSION}. Begin a new one."
        )
    return state
