"""Values of cookies. Their names stay: which cookie came and whether it changed is what a diagnosis needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.engine import compiled, spans
from ingest.redaction.found import Found
from ingest.redaction.named_values import APART
from ingest.redaction.values import OPENED, SPACES, closing, is_nothing

KIND = "cookie"
# Cookie: a=b; c=d   'Set-Cookie': 'a=b; Path=/'   cookies={'a': 'b'}   (b'cookie', b'a=b')   <Cookie a=b for host/>
HEADER = rf"(?i)cookies?(?:{APART}|[\"'`\\\])]{{0,5}}\s{{0,4}}(?:=>|[:=,(]))"
JAR = r"<Cookie [^\s=<>]+="
TRIGGER = rf"{HEADER}|{JAR}"
_HEADER, _JAR = compiled(HEADER), compiled(JAR)
ATTRIBUTES = frozenset(
    ("path", "domain", "expires", "max-age", "samesite", "version", "comment", "priority", "httponly", "secure",
     "partitioned")
)  # fmt: skip
# No cookie is longer than 4,096 characters.
PAIR = re.compile(r"([^\s=;,\"'\\{}\[\]<>()]{1,256})=(\"[^\"\\;\r\n]{0,4096}\"|[^\s;\"'\\,<>{}]{0,4096})")
FLAG = re.compile(r"(?:HttpOnly|Secure|Partitioned)\b", re.I)
DATE = re.compile(r"(?:Expires)=[A-Za-z]{3,9}, [^;,\r\n\"'\\]{0,40}", re.I)
NEXT = re.compile(r"[ \t]{0,4};[ \t]{0,4}")
NEXT_COOKIE = re.compile(r"[ \t]{0,4},[ \t]{0,4}")
DICT = re.compile(r"[ \t]{0,4}[bu]?\\{0,3}[\"'][^\"'\\\r\n]{1,256}\\{0,3}[\"'][ \t]{0,4}:")
JAR_VALUE = re.compile(r"[^\s<>]*")


def find(text: str) -> Iterator[Found]:
    over = 0
    for _, end in spans(_HEADER, text):
        if end < over:
            continue
        for found in _after(text, end):
            over = found.end
            yield found
    for _, end in spans(_JAR, text):
        value = JAR_VALUE.match(text, end)
        if value is not None and not is_nothing(value[0]):
            yield Found(end, value.end(), KIND)


def _after(text: str, at: int) -> Iterator[Found]:
    at = SPACES.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing as well
    while text[at : at + 1] in ("[", "(") and not text.startswith("[redacted ", at) and at < len(text):
        at += 1
    if text.startswith("{", at):
        yield from _of_dict(text, at + 1)
        return
    opened = OPENED.match(text, at)
    yield from _of_header(text, opened.end() if opened else at)


def _of_header(text: str, at: int) -> Iterator[Found]:
    """a=b; c=d, and of Set-Cookie: a=b; Path=/; HttpOnly, c=d; Path=/"""
    attributes = False
    while True:
        date = DATE.match(text, at)
        pair = None if date else PAIR.match(text, at)
        flag = None if date or pair else FLAG.match(text, at)
        found = date or pair or flag
        if found is None:
            return
        if pair is not None and pair[1].lower() not in ATTRIBUTES:
            start, end = pair.span(2)
            if text.startswith('"', start):
                start, end = start + 1, end - 1
            if not is_nothing(text[start:end]) and text[start:end].lower() != "deleted":
                yield Found(start, end, KIND)
        else:
            attributes = True
        at = found.end()
        following = NEXT.match(text, at) or (NEXT_COOKIE.match(text, at) if attributes else None)
        if following is None:
            return
        at = following.end()


def _of_dict(text: str, at: int) -> Iterator[Found]:
    """'a': 'b', 'c': 'd'}"""
    while True:
        name = DICT.match(text, at)
        if name is None:
            return
        start = SPACES.match(text, name.end()).end()  # type: ignore[union-attr]  # it matches nothing as well
        opened = OPENED.match(text, start)
        end = closing(text, opened.end(), opened[1]) if opened else None
        if opened is None or end is None:
            return
        if not is_nothing(text[opened.end() : end]):
            yield Found(opened.end(), end, KIND)
        at = end + len(opened[1])
        following = NEXT_COOKIE.match(text, at)
        if following is None:
            return
        at = following.end()
