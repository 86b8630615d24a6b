"""What forms and addresses send, read: texts, keys of rows, days, and where somebody was."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from triage.store.text import clean

HIGHEST_KEY = 2**63 - 1


def form_of(request: HttpRequest) -> dict[str, str]:
    """What a form says, as the database takes it: a NUL is shown, not dropped."""
    return {name: clean(value) for name, value in request.POST.items()}


def key_of(text: str) -> int:
    """The key of a row; 0, which no row has, for anything else."""
    return min(int(text), HIGHEST_KEY) if text.isascii() and text.isdigit() and len(text) <= 19 else 0


def day_of(text: str) -> date | None:
    """A day, or None where none was filled in. Raises ValueError with a sentence."""
    if not text.strip():
        return None
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year < 2100:
        raise ValueError("That is no date: write it as 2024-05-28.")
    return found


def back(request: HttpRequest, slug: str) -> HttpResponse:
    """To where the form was, else to the project's failures; nowhere outside this site."""
    wanted = request.POST.get("next", "")
    safe = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return redirect(wanted if safe else reverse("groups", args=[slug]))
