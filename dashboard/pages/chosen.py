"""Which test of a run is looked at, and its lineup alone: what a fragment, an export and a meeting need of a run."""

from __future__ import annotations

import msgspec

from dashboard.pages.lineup import Choice, LineupView, lineup_view
from dashboard.pages.scenes import Loaded, load
from dashboard.timeline.scene import Scene
from triage.core.findings import Verdict
from triage.models import Part, Run, Test
from triage.models import Verdict as VerdictRow
from triage.store.recall import shown_verdict


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The lineup of one test, or of a run that has none to show."""

    loaded: Loaded
    lineup: LineupView
    test: str  # "" for a whole run without one
    verdict: Verdict | None


def pick(run: Run, nodeid: str) -> tuple[Test | None, VerdictRow | None]:
    """The named test, or the failing test that weighs most. Raises Test.DoesNotExist where the run has no such test."""
    if not nodeid:
        row = VerdictRow.objects.weightiest_first(run).first()
        return (row.test, row) if row is not None else (None, None)
    test = Test.objects.named(run.pk, nodeid)
    if test is None and run.analysed_revision:
        raise Test.DoesNotExist
    return test, (VerdictRow.objects.weightiest_first(run).of_test(test).first() if test is not None else None)


def settled(run: Run, choice: Choice, test: Test | None) -> Choice:
    """A run without a test to show is shown whole."""
    return msgspec.structs.replace(choice, whole=choice.whole or (test is None and run.status == Run.Status.READY))


def shown(run: Run, choice: Choice) -> Shown | None:
    """None where there is nothing to draw. Raises Test.DoesNotExist where the chosen test is not in the run."""
    test, row = pick(run, choice.test)
    if not run.analysed_revision:
        return None
    verdict = shown_verdict(row) if row is not None else None
    choice = settled(run, choice, test)
    loaded = load(run, list(Part.objects.in_order(run)), test, verdict, choice.look)
    if not worth(loaded.scene):
        return None
    lineup = lineup_view(run, loaded.scene, choice)
    return Shown(loaded=loaded, lineup=lineup, test=test.nodeid if test is not None else "", verdict=verdict)


def worth(scene: Scene) -> bool:
    return bool(scene.steps or scene.processes or scene.spans)
