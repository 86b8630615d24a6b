"""The tables. `ingest` fills them, `dashboard` shows them, and they meet nowhere else."""

from triage.models.evidence import Entry, Reading, Step, Test
from triage.models.history import FailureGroup, Judgement, Occasion, Reanalysis, VerdictChange
from triage.models.meaning import Match, Process, Served, Verdict
from triage.models.project import Membership, Project, Token
from triage.models.run import Part, Run
from triage.models.settings import LineFormat, RedactionPattern

__all__ = [
    "Entry",
    "FailureGroup",
    "Judgement",
    "LineFormat",
    "Match",
    "Membership",
    "Occasion",
    "Part",
    "Process",
    "Project",
    "Reading",
    "Reanalysis",
    "RedactionPattern",
    "Run",
    "Served",
    "Step",
    "Test",
    "Token",
    "Verdict",
    "VerdictChange",
]
