"""What is redacted, shown by doing it: the kinds that always are, a project's own patterns, and a try-out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

from ingest.pages.tried import bounded
from ingest.pages.understood import Bit
from ingest.redaction import own as own_patterns
from ingest.redaction.found import PLACEHOLDER
from ingest.redaction.known_keys import SHAPES
from ingest.redaction.own import BadPattern, OwnPattern
from ingest.redaction.redactor import Redactor
from triage.models import RedactionPattern
from triage.store.text import clean

NAME_LIMIT, PATTERN_LIMIT = 39, 500
# What always is, each with a line as it may come. Invented, and of the shape of the real ones.
EXAMPLES = (
    ("Bearer tokens and other credentials in headers", "Authorization: Bearer c2lnbmVkLWJ5LW5vYm9keQ"),
    ("Cookies: the value goes, the name stays", "Set-Cookie: session=6f1cd4b09a7e4fd2; Path=/; HttpOnly"),
    ("Passwords in addresses", "connecting to postgres://cars:tr0ub4dor@db.internal:5432/cars"),
    ("Passwords, tokens and keys that stand by their name", '{"user": "ada", "password": "tr0ub4dor", "page": 2}'),
    ("Keys that cloud and CI services give a shape of their own", "aws s3 ls with AKIAIOSFODNN7EXAMPLE failed"),
    ("Private keys, whole", "-----BEGIN PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"),
)
SAMPLE = "\n".join(example for _, example in EXAMPLES[:4]) + "\n[51463] invoice 2026-4711 for customer C-20417 written"


class Rule(msgspec.Struct, frozen=True):
    """One kind of secret, before and after."""

    title: str
    before: str
    after: tuple[Bit, ...]


class Count(msgspec.Struct, frozen=True):
    kind: str
    count: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the form."""

    name: str = ""
    pattern: str = ""
    sample: str = SAMPLE


class Redacted(msgspec.Struct, frozen=True, kw_only=True):
    """A sample after redaction."""

    bits: tuple[Bit, ...] = ()
    counts: tuple[Count, ...] = ()
    wrong: str = ""  # why the draft's pattern cannot be used
    cut: bool = False


@cache
def rules() -> tuple[Rule, ...]:
    """The placeholders' last characters depend on a key that nobody keeps."""
    redactor = Redactor(secrets.token_bytes(32))
    return tuple(Rule(title, example, _bits(redactor.text(example))) for title, example in EXAMPLES)


def services() -> tuple[str, ...]:
    """Whose keys are told by their shape alone."""
    return tuple(kind.replace("-", " ") for kind, _, _ in SHAPES)


def draft_from(posted: Mapping[str, str]) -> Draft:
    """What came in a form, bounded."""

    def text(name: str, limit: int) -> str:
        return clean(posted.get(name, ""), limit).replace("\r\n", "\n")

    return Draft(
        name=" ".join(text("name", 300).split())[: NAME_LIMIT + 1],
        pattern=text("pattern", PATTERN_LIMIT + 500).strip("\n"),
        sample=bounded(text("sample", 400_000))[0],
    )


def wrong_with(draft: Draft) -> str:
    """Why a pattern cannot be saved, in a sentence; "" where it can."""
    try:
        own_patterns.compiled((OwnPattern(name=draft.name, pattern=draft.pattern),))
    except BadPattern as bad:
        return str(bad)
    return ""


def redacted(draft: Draft, rows: Sequence[RedactionPattern]) -> Redacted:
    """What the built-in rules, the project's patterns and the draft's make of the sample. Never raises on content."""
    own = [OwnPattern(name=row.name, pattern=row.pattern) for row in rows]
    wrong = ""
    if draft.pattern.strip():
        tried = Draft(name=draft.name or "new pattern", pattern=draft.pattern)
        wrong = wrong_with(tried)
        if not wrong:
            own = [*own[: own_patterns.PATTERNS - 1], OwnPattern(name=tried.name, pattern=tried.pattern)]
    text, cut = bounded(draft.sample)
    try:
        redactor = Redactor(secrets.token_bytes(32), own)
    except BadPattern as bad:  # one that was good when it was saved
        return Redacted(wrong=str(bad), cut=cut)
    bits = _bits(redactor.text(text))
    counts = tuple(Count(kind, count) for kind, count in redactor.counts.most_common())
    return Redacted(bits=bits, counts=counts, wrong=wrong, cut=cut)


def _bits(text: str) -> tuple[Bit, ...]:
    bits = []
    at = 0
    for found in PLACEHOLDER.finditer(text):
        if found.start() > at:
            bits.append(Bit(text[at : found.start()]))
        bits.append(Bit(found[0], "redacted"))
        at = found.end()
    if at < len(text):
        bits.append(Bit(text[at:]))
    return tuple(bits)
