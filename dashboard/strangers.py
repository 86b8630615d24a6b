"""What to say of an owner who is no member: the name is kept, and nobody is told."""

from __future__ import annotations

from typing import Any

from dashboard.pages.words import middle
from dashboard.timeline.text import visible
from triage.core.nearest import nearest
from triage.models import Item

SHOWN = 40  # characters of a name


def stranger(name: str, project: Any) -> str:
    """A sentence, with the member whose name is most like it."""
    people = Item.objects.people_of(project)
    meant = nearest(name, ((each.get_username(), each.get_full_name()) for each in people))
    said = f"{middle(visible(name), SHOWN)} is no member of this project; nobody is told."
    return f"{said} Did you mean {visible(meant)}?" if meant else said
