"""Every read, by name. A file a subject; views and tasks call these and spell no filter of their own."""

from triage.querysets.evidence import EntryQuerySet, ReadingQuerySet, StepQuerySet, TestQuerySet
from triage.querysets.history import (
    FailureGroupQuerySet,
    JudgementQuerySet,
    OccasionQuerySet,
    ReanalysisQuerySet,
    VerdictChangeQuerySet,
)
from triage.querysets.items import DecisionQuerySet, ItemQuerySet, MentionQuerySet
from triage.querysets.meaning import MatchQuerySet, ProcessQuerySet, ServedQuerySet, VerdictQuerySet
from triage.querysets.meetings import (
    AgendaItemQuerySet,
    AttendanceQuerySet,
    DutyQuerySet,
    MeetingQuerySet,
    MinuteLineQuerySet,
    ScheduleQuerySet,
)
from triage.querysets.notices import DeliveryQuerySet, NoticeQuerySet, NoticeRuleQuerySet
from triage.querysets.people import (
    AttemptQuerySet,
    IdentityQuerySet,
    InvitationQuerySet,
    PersonQuerySet,
    SessionQuerySet,
)
from triage.querysets.projects import MembershipQuerySet, ProjectQuerySet, TokenQuerySet
from triage.querysets.runs import PartQuerySet, RunQuerySet
from triage.querysets.saved import SavedViewQuerySet
from triage.querysets.settings import LineFormatQuerySet, RedactionPatternQuerySet

__all__ = [
    "AgendaItemQuerySet",
    "AttemptQuerySet",
    "AttendanceQuerySet",
    "DecisionQuerySet",
    "DeliveryQuerySet",
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
    "MembershipQuerySet",
    "MentionQuerySet",
    "MinuteLineQuerySet",
    "NoticeQuerySet",
    "NoticeRuleQuerySet",
    "OccasionQuerySet",
    "PartQuerySet",
    "PersonQuerySet",
    "ProcessQuerySet",
    "ProjectQuerySet",
    "ReadingQuerySet",
    "ReanalysisQuerySet",
    "RedactionPatternQuerySet",
    "RunQuerySet",
    "SavedViewQuerySet",
    "ScheduleQuerySet",
    "ServedQuerySet",
    "SessionQuerySet",
    "StepQuerySet",
    "TestQuerySet",
    "TokenQuerySet",
    "VerdictChangeQuerySet",
    "VerdictQuerySet",
]
