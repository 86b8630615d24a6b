"""Where the value after a name ends, and whether it can be a secret: `password=None` and `token=***` hold none."""

from __future__ import annotations

import re

import msgspec

from ingest.redaction.found import PLACEHOLDER

LONGEST_QUOTED = 8_192  # characters between two quotes; what is longer is read as if it had none
SPACES = re.compile(r"[ \t]{0,8}")
OPENED = re.compile(r"[bBuUrRfF]{0,2}(\\{0,7}[\"'`])")  # "…  '…  b'…  \"…
LOOKED_AT = 256  # characters of a value that decide; where it is a secret, all the rest goes with them
BARE = re.compile(rf"[^\s\"'`&<>\\]{{0,{LOOKED_AT}}}")
REST = re.compile(r"[^\s\"'`&<>\\]*")
NEXT_PAIR = re.compile(r"[,;] ?[A-Za-z_][\w.-]{0,60}[=:]")  # abc,user=bob: a value ends before the next name
CLOSING = ".,;:!?)]}>|"
# Said in the place of a value, in any quotes.
NOTHING = frozenset({"", "none", "null", "nil", "undefined", "nan", "true", "false", "redacted", "filtered", "hidden"})
# Said without quotes: states, types and the words of the grammar around.
NO_VALUE = NOTHING | frozenset((
    "missing", "required", "invalid", "expired", "incorrect", "wrong", "valid", "ok", "set", "unset", "empty",
    "yes", "no", "not", "is", "was", "has", "are", "must", "should", "str", "string", "bytes", "int", "any",
    "optional", "secretstr", "text", "bool", "boolean", "object", "password", "passwd", "token", "secret",
    "key", "api_key", "apikey", "bearer", "basic", "masked", "removed", "sanitized", "default", "type", "field",
    "the", "a", "for", "if", "else", "and", "or", "in", "from", "self",
))  # fmt: skip
MASKED = re.compile(r"[*•.xX#_-]+")
MASKS = ("***", "•••", "...", "…")  # in what somebody else has masked in part
# ${DB_PASSWORD}  {password}  {{ secret }}  <password>  %(password)s  $TOKEN
TEMPLATE = re.compile(r"\$\{[^}]*\}+|\$[A-Za-z_]\w*|\{[^{}]*\}|\{\{[^{}]*\}\}|<[^<>]*>|%\(\w*\)s|%[sr]|:\w+|\?")
CALL = re.compile(r"[A-Za-z_][\w.]*[\[(]")  # get_token(…  os.environ[…
DOTTED = re.compile(r"(?:self|cls|settings|config|conf|os|request|response|user|args|options|env|data|kwargs|client|"
                    r"session|app|ctx|this|process|resp|res|req|form|params|credentials)\.[A-Za-z_][\w.]*")  # fmt: skip
IDENTIFIER = re.compile(r"[A-Za-z_]+")
HOLDER = re.compile(r"(?:pass|pwd|secret|token|key|cred|auth)", re.IGNORECASE)
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class Value(msgspec.Struct, frozen=True, gc=False):
    """A value in a text."""

    start: int
    end: int
    text: str
    quoted: bool
    listed: bool  # in a list: ['x']


def value_at(text: str, at: int) -> Value | None:
    """The value that begins after the spaces at `at`; None where a placeholder stands there already."""
    at = SPACES.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing as well
    listed = False
    if text[at : at + 1] in ("[", "(") and at < len(text):
        if PLACEHOLDER.match(text, at):
            return None
        listed = True
        at += 1
    opened = OPENED.match(text, at)
    if opened:
        end = closing(text, opened.end(), opened[1])
        if end is not None:
            return Value(opened.end(), end, text[opened.end() : end], True, listed)
        at = opened.end()
    if PLACEHOLDER.match(text, at):
        return None
    if listed and not opened:
        return Value(at, at, "", False, True)
    return bare_at(text, at, listed)


def bare_at(text: str, at: int, listed: bool = False) -> Value:
    """A value without quotes: up to a space, a quote, an ampersand, or the next name. Of a long one its beginning."""
    end = BARE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing as well
    pair = NEXT_PAIR.search(text, at, end)
    if pair:
        end = pair.start()
    if end - at < LOOKED_AT:
        end = at + len(text[at:end].rstrip(CLOSING))
    return Value(at, end, text[at:end], False, listed)


def whole(text: str, value: Value) -> int:
    """Where a secret ends of which only the beginning was looked at."""
    if value.quoted or value.end - value.start < LOOKED_AT:
        return value.end
    return value.end + len(REST.match(text, value.end)[0].rstrip(CLOSING))  # type: ignore[index]  # it always matches


def closing(text: str, start: int, quote: str) -> int | None:
    """Where the quote that opened before `start` closes, on the same line; None where it does not."""
    limit = min(len(text), start + LONGEST_QUOTED)
    line_end = text.find("\n", start, limit)
    limit = limit if line_end < 0 else line_end
    at = text.find(quote, start, limit)
    while at > start and _escaped(text, at, start):
        at = text.find(quote, at + 1, limit)
    return at if at >= 0 else None


def _escaped(text: str, at: int, start: int) -> bool:
    """An odd number of backslashes stands before, of which at most eight are looked at."""
    count = 0
    while count < 8 and at - count - 1 >= start and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def is_nothing(text: str) -> bool:
    """No value at all, or one that somebody else has masked."""
    return (
        text.lower().strip("[]<>()") in NOTHING
        or MASKED.fullmatch(text) is not None
        or any(mask in text for mask in MASKS)
        or TEMPLATE.fullmatch(text) is not None
    )


def is_random(text: str) -> bool:
    """As long and as mixed as a key that a program made: letters and digits, eight at least, without a space."""
    if len(text) < 8 or " " in text:
        return False
    digits = sum(map(str.isdigit, text))
    letters = sum(map(str.isalpha, text))
    if digits and letters:
        return True
    return len(text) >= 24 and not digits and text != text.lower() and text != text.upper() and text.isalpha()


def is_code(text: str) -> bool:
    """An expression of a program rather than a value: token=self.token, password=make_password(…), token = user_token.

    An identifier alone may as well be a weak password, so only one that names what it holds counts.
    """
    if CALL.match(text) or DOTTED.fullmatch(text):
        return True
    return IDENTIFIER.fullmatch(text) is not None and (len(text) <= 3 or HOLDER.search(text) is not None)
