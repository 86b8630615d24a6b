"""What Postgres takes as text: no NUL, no lone surrogate, no more than the column holds."""

from __future__ import annotations


def clean(text: str, limit: int = 65_536) -> str:
    text = text[:limit]
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
