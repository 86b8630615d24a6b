"""The tables. `ingest` fills them, `dashboard` shows them, and they meet nowhere else."""

from triage.models.evidence import Entry, Reading, Step, Test
from triage.models.history import FailureGroup, Judgement, Occasion, Reanalysis, VerdictChange
from triage.models.items import Decision, Item, Mention, SavedView
from triage.models.meaning import Match, Process, Served, Verdict
from triage.models.meetings import AgendaItem, Attendance, Duty, Meeting, MinuteLine, Schedule
from triage.models.notices import Delivery, Notice, NoticeRule
from triage.models.people import Attempt, Identity, Invitation, Person, Session
from triage.models.project import Membership, Project, Token
from triage.models.run import Part, Run
from triage.models.settings import LineFormat, RedactionPattern

__all__ = [
    "AgendaItem",
    "Attempt",
    "Attendance",
    "Decision",
    "Delivery",
    "Duty",
    "Entry",
    "FailureGroup",
    "Identity",
    "Invitation",
    "Item",
    "Judgement",
    "LineFormat",
    "Match",
    "Meeting",
    "Membership",
    "Mention",
    "MinuteLine",
    "Notice",
    "NoticeRule",
    "Occasion",
    "Part",
    "Person",
    "Process",
    "Project",
    "Reading",
    "Reanalysis",
    "RedactionPattern",
    "Run",
    "SavedView",
    "Schedule",
    "Served",
    "Session",
    "Step",
    "Test",
    "Token",
    "Verdict",
    "VerdictChange",
]
