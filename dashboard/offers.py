"""A message with a way back: what was done, and the form that undoes it. It travels in the message's tags."""

from __future__ import annotations

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    action: str  # a path of this site
    fields: tuple[tuple[str, str], ...] = ()
    label: str = "Undo"


def told(request: HttpRequest, sentence: str, offer: Offer | None = None) -> None:
    messages.info(request, sentence, extra_tags=msgspec.json.encode(offer).decode() if offer is not None else "")


def offered(message: Any) -> Offer | None:
    """The way back that a message offers."""
    try:
        return msgspec.json.decode(message.extra_tags or "", type=Offer)
    except (msgspec.DecodeError, TypeError):
        return None


def undo_of(slug: str, decision: int, label: str = "Undo") -> Offer:
    return Offer(action=reverse("undo", args=[slug]), fields=(("decision", str(decision)),), label=label)
