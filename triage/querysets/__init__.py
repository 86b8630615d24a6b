"""Every read, by name. A file a subject; views and tasks call these and spell no filter of their own."""

from triage.querysets.evidence import EntryQuerySet, ReadingQuerySet, StepQuerySet, TestQuerySet
from triage.querysets.history import (
    FailureGroupQuerySet,
    JudgementQuerySet,
    OccasionQuerySet,
    ReanalysisQuerySet,
    VerdictChangeQuerySet,
)
from triage.querysets.items import DecisionQuerySet, ItemQuerySet, MentionQuerySet, SavedViewQuerySet
from triage.querysets.meaning import MatchQuerySet, ProcessQuerySet, ServedQuerySet, VerdictQuerySet
from triage.querysets.meetings import (
    AgendaItemQuerySet,
    AttendanceQuerySet,
    DutyQuerySet,
    MeetingQuerySet,
    MinuteLineQuerySet,
    ScheduleQuerySet,
)
from triage.querysets.notices import NoticeQuerySet, NoticeRuleQuerySet
from triage.querysets.people import IdentityQuerySet, InvitationQuerySet
from triage.querysets.projects import ProjectQuerySet, TokenQuerySet
from triage.querysets.runs import PartQuerySet, RunQuerySet
from triage.querysets.settings import LineFormatQuerySet, RedactionPatternQuerySet

__all__ = [
    "AgendaItemQuerySet",
    "AttendanceQuerySet",
    "DecisionQuerySet",
    "DutyQuerySet",
    "EntryQuerySet",
    "FailureGroupQuerySet",
    "IdentityQuerySet",
    "InvitationQuerySet",
    "ItemQuerySet",
    "JudgementQuerySet",
    "LineFormatQuerySet",
    "MatchQuerySet",
    "MeetingQuerySet",
    "MentionQuerySet",
    "MinuteLineQuerySet",
    "NoticeQuerySet",
    "NoticeRuleQuerySet",
    "OccasionQuerySet",
    "PartQuerySet",
    "ProcessQuerySet",
    "ProjectQuerySet",
    "ReadingQuerySet",
    "ReanalysisQuerySet",
    "RedactionPatternQuerySet",
    "RunQuerySet",
    "SavedViewQuerySet",
    "ScheduleQuerySet",
    "ServedQuerySet",
    "StepQuerySet",
    "TestQuerySet",
    "TokenQuerySet",
    "VerdictChangeQuerySet",
    "VerdictQuerySet",
]
