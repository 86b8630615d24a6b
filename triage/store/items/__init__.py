"""What a team does about a failure, written: items opened and decided on, and decisions undone."""

from triage.querysets.items import Passes
from triage.store.items.actors import LINEUP, Actor
from triage.store.items.answering import answer
from triage.store.items.deciding import note, set_blocker, set_due, set_owner, set_status, set_ticket, watch
from triage.store.items.opening import opened
from triage.store.items.passing import passes_of
from triage.store.items.undoing import Overtaken, undo

__all__ = [
    "LINEUP",
    "Actor",
    "Overtaken",
    "Passes",
    "answer",
    "note",
    "opened",
    "passes_of",
    "set_blocker",
    "set_due",
    "set_owner",
    "set_status",
    "set_ticket",
    "undo",
    "watch",
]
