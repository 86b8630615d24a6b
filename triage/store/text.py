"""What Postgres takes as text: no NUL, no lone surrogate, no more than the column holds."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

ID_IN_AN_ADDRESS = 6_000  # characters of a node id as an address carries it; web servers refuse lines over 8 KB


def clean(text: str, limit: int = 65_536) -> str:
    text = text[:limit]
    if "\0" in text:
        text = text.replace("\0", "\u2400")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def written(text: str, limit: int = 65_536) -> str:
    """What a person wrote, without space around it. Browsers end the lines of a form in CR LF; LF is kept."""
    return clean(text.strip().replace("\r\n", "\n").replace("\r", "\n"), limit)


def node_id(text: str) -> str:
    """A test's node id. One too long for an address is cut, and a digest of the whole keeps it apart from its like."""
    kept = clean(text, 3_900)
    if len(text) <= len(kept) and len(quote(kept)) <= ID_IN_AN_ADDRESS:
        return kept
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    while len(quote(kept)) > ID_IN_AN_ADDRESS - 30:
        kept = kept[: len(kept) * 9 // 10]
    return f"{kept}…{digest}"
