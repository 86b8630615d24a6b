"""Every read, by name. A file a subject; views and tasks call these and spell no filter of their own."""

from triage.querysets.evidence import EntryQuerySet, ReadingQuerySet, StepQuerySet, TestQuerySet
from triage.querysets.history import (
    FailureGroupQuerySet,
    JudgementQuerySet,
    OccasionQuerySet,
    ReanalysisQuerySet,
    VerdictChangeQuerySet,
)
from triage.querysets.meaning import MatchQuerySet, ProcessQuerySet, ServedQuerySet, VerdictQuerySet
from triage.querysets.projects import ProjectQuerySet, TokenQuerySet
from triage.querysets.runs import PartQuerySet, RunQuerySet
from triage.querysets.settings import LineFormatQuerySet, RedactionPatternQuerySet

__all__ = [
    "EntryQuerySet",
    "FailureGroupQuerySet",
    "JudgementQuerySet",
    "LineFormatQuerySet",
    "MatchQuerySet",
    "OccasionQuerySet",
    "PartQuerySet",
    "ProcessQuerySet",
    "ProjectQuerySet",
    "ReadingQuerySet",
    "ReanalysisQuerySet",
    "RedactionPatternQuerySet",
    "RunQuerySet",
    "ServedQuerySet",
    "StepQuerySet",
    "TestQuerySet",
    "TokenQuerySet",
    "VerdictChangeQuerySet",
    "VerdictQuerySet",
]
