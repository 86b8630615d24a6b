"""Sessions in Postgres that name their person, so that one can see where one is signed in, and sign out everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as Rows

from triage.models import Session

SINCE = "signed_in_at"  # seconds since 1970
AGENT = "agent"


class SessionStore(Rows):
    cache_key_prefix = "triage.sessions"

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)
        row.user_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        row.started_at = datetime.fromtimestamp(data[SINCE], UTC) if data.get(SINCE) else None
        row.agent = data.get(AGENT, "")
        return row
