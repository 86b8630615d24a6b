"""Beginning a session: what every way in, by password, invitation or single sign-on, ends with."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils import timezone

from triage.sessions import AGENT, SINCE
from triage.store.accounts import clear_expired
from triage.store.text import clean

AGENT_KEPT = 200


def let_in(request: HttpRequest, user: Any) -> None:
    """Signs the person in with a session key that nobody knew before."""
    login(request, user)
    note_session(request)
    clear_expired(timezone.now())


def note_session(request: HttpRequest) -> None:
    """What the person can tell their sessions apart by."""
    request.session[SINCE] = int(timezone.now().timestamp())
    request.session[AGENT] = clean(request.headers.get("User-Agent", ""), AGENT_KEPT)
