"""Names of uploaded files: whatever a client sends, made harmless and kept recognisable."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 255
_EXTENDED = re.compile(r";\s*filename\*\s*=\s*([^\s;]{1,4000})", re.IGNORECASE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, direction marks, surrogates, line ends


def part_name(sent: str | None, side: str) -> str:
    """The last piece of a sent path without what cannot be seen; at most 255 characters, the ending kept.

    `sent` is the file name of the form as Latin-1, one character a byte, as HTTP headers are read.
    """
    name = _text(sent or "")
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c) not in _UNSEEN).strip()
    if not name.strip("."):
        return f"{side}.log"
    if len(name) > LONGEST:
        name = f"{name[: LONGEST - 41]}…{name[-40:]}"
    return name


def extended_name(disposition: str) -> str | None:
    """The file name of `filename*=UTF-8''…`, which older clients send for names beyond ASCII; bytes as Latin-1."""
    found = _EXTENDED.search(disposition)
    if not found:
        return None
    _, _, quoted = found[1].rpartition("'")
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), quoted)


def _text(latin: str) -> str:
    try:
        return latin.encode("latin-1").decode("utf-8")
    except UnicodeEncodeError:
        return latin  # already text
    except UnicodeDecodeError:
        return latin  # really Latin-1
