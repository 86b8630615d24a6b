"""`Authorization: Bearer …` however it is printed, and a bare `Bearer …` that cannot be prose."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from ingest.redaction.engine import compiled, spans
from ingest.redaction.found import Found
from ingest.redaction.named_values import APART
from ingest.redaction.values import is_nothing, is_random, value_at, whole

KINDS = {"bearer": "bearer-token", "jwt": "bearer-token", "basic": "basic-credentials", "token": "token"}
# > Authorization: Bearer x   'Authorization': 'Basic x'   (b'authorization', b'Bearer x')   HTTP_AUTHORIZATION="x"
HEADER = rf"(?i)authorization(?:{APART}|[\"'`\\\])]{{0,5}}\s{{0,4}}(?:=>|[:=,]))"
BARE = r"(?i)\b(?:bearer|basic)\s"
TRIGGER = rf"{HEADER}|(?i)\bbearer\s+[\w~+/.-]{{8}}|(?i)\bbasic\s+[a-z0-9+/]{{8}}"
_HEADER, _BARE = compiled(HEADER), compiled(BARE)
SCHEME = re.compile(r"(Bearer|Basic|Token|JWT|ApiKey|Api-Key|Negotiate|NTLM|OAuth|SSWS|GenieKey)[ \t]{1,8}", re.I)
OTHER_SCHEME = re.compile(r"(Digest|Hawk|AWS4-HMAC-SHA256|Signature|OAuth)[ \t]{1,8}", re.I)
CREDENTIALS = re.compile(r"[^\s\"'`\\,;<>)\]}]*")
WHOLE = re.compile(r"[^\r\n\\]*")
TOKEN = re.compile(r"[\w~+/.:|-]*={0,2}")


def find(text: str) -> Iterator[Found]:
    over = 0
    for _, end in spans(_HEADER, text):
        found = _after(text, end) if end >= over else None
        if found is not None:
            over = found.end
            yield found
    for start, end in spans(_BARE, text):
        token = TOKEN.match(text, end)
        if token is None or not token[0]:
            continue
        said = token[0].rstrip(".")
        basic = text[start : start + 5].lower() == "basic"
        if _names_somebody(said) if basic else is_random(said):
            yield Found(end, end + len(said), KINDS["basic" if basic else "bearer"])


def _after(text: str, at: int) -> Found | None:
    value = value_at(text, at)
    if value is None or value.start > len(text):
        return None
    scheme = SCHEME.match(text, value.start)
    if scheme:
        credentials = CREDENTIALS.match(text, scheme.end())
        end = credentials.end() if credentials else scheme.end()
        if is_nothing(text[scheme.end() : end]):
            return None
        return Found(scheme.end(), end, KINDS.get(scheme[1].lower(), "authorization"))
    other = OTHER_SCHEME.match(text, value.start)
    if other:
        rest = WHOLE.match(text, other.end())
        end = value.end if value.quoted else rest.end() if rest else other.end()
        return Found(other.end(), end, "authorization") if text[other.end() : end].strip() else None
    if is_nothing(value.text) or not is_random(value.text):
        return None
    return Found(value.start, whole(text, value), "authorization")


def _names_somebody(text: str) -> bool:
    """Base64 of `user:password`."""
    try:
        return b":" in b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
