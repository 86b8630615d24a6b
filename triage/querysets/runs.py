"""Reads of runs and their parts."""

from __future__ import annotations

from triage.querysets.answers import PartAnswers, RunAnswers
from triage.querysets.history import RunHistory, RunReanalysis
from triage.querysets.pages import PartPages, RunPages
from triage.querysets.search import PartSearch, RunSearch
from triage.querysets.settings import PartRedactions
from triage.querysets.work import PartWork, RunWork


class RunQuerySet(RunAnswers, RunHistory, RunPages, RunReanalysis, RunSearch, RunWork):  # type: ignore[type-arg]
    pass


class PartQuerySet(PartAnswers, PartPages, PartRedactions, PartSearch, PartWork):  # type: ignore[type-arg]
    pass
