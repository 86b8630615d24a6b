"""Addresses that name a test of a run. Its node id goes into the query: there, no character of it is changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse


def address(name: str, run: Any, test: str) -> str:
    """The named page of a run, at one of its tests; `run` is a run or its key."""
    base = reverse(name, args=[getattr(run, "pk", run)])
    return f"{base}?{urlencode({'test': test})}" if test else base
