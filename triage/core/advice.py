"""What to change, and how to confirm it: the fix card's words, with the commands of the server at hand."""

from __future__ import annotations

from triage.core.court import Court
from triage.core.findings import Mechanism, VerdictKind
from triage.core.fix_cards import card_for
from triage.core.servers import no_recycling, one_process, serving


def advise(kind: VerdictKind, mechanism: Mechanism | None) -> str:
    """What to change."""
    return card_for(kind, mechanism).change


def confirm(kind: VerdictKind, mechanism: Mechanism | None, court: Court, test: str) -> str:
    """An experiment that would decide."""
    server = serving(court.scene.servers)
    said = card_for(kind, mechanism).confirm
    said = said.replace("{command}", one_process(server)).replace("{no_recycling}", no_recycling(server))
    return said.replace("{test}", test)  # last, as its name is the log's own
