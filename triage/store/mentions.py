"""That somebody has looked at what they were mentioned in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from triage.models import Mention


def seen(user: Any, group: Any, now: datetime) -> int:
    """Marks what the person was asked about a failure as seen; gives how much of it was new."""
    return Mention.objects.on_group(user, group).update(seen_at=now)
