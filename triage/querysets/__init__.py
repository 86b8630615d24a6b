"""Every read, by name. A file a subject; views and tasks call these and spell no filter of their own."""

from triage.querysets.evidence import EntryQuerySet, ReadingQuerySet, StepQuerySet, TestQuerySet
from triage.querysets.meaning import MatchQuerySet, ProcessQuerySet, ServedQuerySet, VerdictQuerySet
from triage.querysets.projects import ProjectQuerySet, TokenQuerySet
from triage.querysets.runs import PartQuerySet, RunQuerySet
from triage.querysets.settings import LineFormatQuerySet, RedactionPatternQuerySet

__all__ = [
    "EntryQuerySet",
    "LineFormatQuerySet",
    "MatchQuerySet",
    "PartQuerySet",
    "ProcessQuerySet",
    "ProjectQuerySet",
    "ReadingQuerySet",
    "RedactionPatternQuerySet",
    "RunQuerySet",
    "ServedQuerySet",
    "StepQuerySet",
    "TestQuerySet",
    "TokenQuerySet",
    "VerdictQuerySet",
]
