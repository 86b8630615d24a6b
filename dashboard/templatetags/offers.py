"""Messages that offer undo."""

from __future__ import annotations

from typing import Any

from django import template

from dashboard.offers import Offer, offered

register = template.Library()


@register.filter
def way_back(message: Any) -> Offer | None:
    """The form that undoes what a message tells."""
    return offered(message)
