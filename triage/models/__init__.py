"""The tables. `ingest` fills them, `dashboard` shows them, and they meet nowhere else."""

from triage.models.evidence import Entry, Reading, Step, Test
from triage.models.meaning import Match, Process, Served, Verdict
from triage.models.project import Membership, Project, Token
from triage.models.run import Part, Run
from triage.models.settings import LineFormat, RedactionPattern

__all__ = [
    "Entry",
    "LineFormat",
    "Match",
    "Membership",
    "Part",
    "Process",
    "Project",
    "Reading",
    "RedactionPattern",
    "Run",
    "Served",
    "Step",
    "Test",
    "Token",
    "Verdict",
]
