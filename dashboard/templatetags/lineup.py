"""How the pages write down what their records hold. Everything from a log goes through Django's escaping."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from dashboard.pages.words import Piece
from dashboard.timeline.text import visible

register = template.Library()


@register.filter
def emphasised(pieces: Iterable[Piece]) -> SafeString:
    """A sentence with the names that it turns on emphasised."""
    return _tagged(pieces, "em")


@register.filter
def marked(pieces: Iterable[Piece]) -> SafeString:
    """A log line with its deciding words marked."""
    return _tagged(pieces, "mark")


@register.filter
def coded(text: str) -> SafeString:
    """What stands between backticks as code; an odd backtick stays as it is."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return format_html("{}", text)
    return _tagged((Piece(part, bool(i % 2)) for i, part in enumerate(parts)), "code")


def _tagged(pieces: Iterable[Piece], tag: str) -> SafeString:
    return SafeString("".join(f"<{tag}>{escape(p.text)}</{tag}>" if p.marked else escape(p.text) for p in pieces))


@register.filter
def shown(text: str) -> str:
    """What a CI job named, without what would turn the line around or cannot be seen."""
    return visible(text)


@register.filter
def lines_shown(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


@register.filter
def half(number: float) -> float:
    return number / 2


@register.filter
def plus(number: float, other: float) -> float:
    return round(number + other, 1)


@register.simple_tag
def key(*names: str) -> SafeString:
    """Keys, shown where they act."""
    return format_html_join(" ", "<kbd>{}</kbd>", ((name,) for name in names))


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """A date and time in UTC that scripts and screen readers can read."""
    at = at.astimezone(UTC)
    return format_html('<time datetime="{}">{} UTC</time>', f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at:%-d %b %Y, %H:%M}")
