"""What to change, for each cause that a verdict may name."""

from __future__ import annotations

from triage.core.fix_cards.card import FixCard, Snippet
from triage.core.fix_cards.registry import card_for

__all__ = ["FixCard", "Snippet", "card_for"]
