"""`password=…`, `"api_key": "…"`, `--token …`, `SECRET_KEY: …`: what a program itself calls a secret.

A name counts where it ends with such a word, so that max_tokens, token_type and password_field stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.engine import compiled, spans
from ingest.redaction.found import Found
from ingest.redaction.values import NO_VALUE, UUID, Value, is_code, is_nothing, is_random, value_at, whole

# Word at a name's end -> what the placeholder calls it. The first that is in the name decides.
KINDS = (
    ("account", "azure-key"),
    ("sharedaccess", "azure-key"),
    ("passphrase", "passphrase"),
    ("pass", "password"),
    ("pwd", "password"),
    ("apikey", "api-key"),
    ("subscription", "api-key"),
    ("privatekey", "private-key"),
    ("secretkey", "secret-key"),
    ("secret", "secret"),
    ("accesskey", "access-key"),
    ("token", "token"),
    ("key", "secret-key"),
    ("credential", "credential"),
    ("sig", "signature"),
    ("sess", "cookie"),
    ("sid", "cookie"),
)
PASSWORDS = ("password", "passphrase")
WORD = (
    r"(?:passw(?:or)?d|passwort|passphrase|[_-]pass|pwd|secret|token|credentials?|api[-_. ]?key"
    r"|(?:access|secret|private|auth|encryption|signing|subscription|account)[-_. ]?key|token[\"']?\.[\"']?key"
    r"|(?:\b|php|[_j-])sess(?:ion)?[-_]?id|connect\.sid|\bsig|-signature)"
)
ENDING = r"(?:[-_]?(?:[0-9]{1,2}|confirm(?:ation)?|hash|value|raw|base|again|repeat))?"
CLOSED = r"[\"'`\\\])]{0,5}"
# Such as  {"name": "x-api-key", "value": "…"}  and  <input name="token" value="…">
APART = r"[\"'\\]{1,4},?\s{0,4}[\"'\\]{0,4}value[\"'\\]{0,4}\s{0,2}[:=]"
TRIGGER = (
    rf"(?i){WORD}{ENDING}(?:{APART}|{CLOSED}\s{{0,4}}(?:=>|:=|={{1,2}}|:|,|%3d|\\u003d))"
    rf"|(?i)--[\w-]*{WORD}{ENDING}[\"']?[ \t]"
)
_HEAD = compiled(TRIGGER)
NEXT_NAME = re.compile(r"[A-Za-z_][\w.-]{0,80}=")
NAME_LENGTH = 80  # characters looked back for the beginning of a name
SHORTEST = 3  # characters; a password may be shorter


def find(text: str) -> Iterator[Found]:
    over = 0  # up to here the text is a value already
    for start, end in spans(_HEAD, text):
        if start < over:
            continue
        value = value_at(text, end)
        if value is None or value.start >= value.end:
            continue
        begin = _beginning(text, start)
        kind = _kind(text[start:end])
        if _secret(text, begin, start, end, kind, value):
            over = whole(text, value)
            yield Found(value.start, over, kind)


def _kind(head: str) -> str:
    said = "".join(filter(str.isalpha, head.lower()))
    return next((kind for word, kind in KINDS if word in said), "secret")


def _beginning(text: str, at: int) -> int:
    least = max(0, at - NAME_LENGTH)
    while at > least and (text[at - 1].isalnum() or text[at - 1] in "_-."):
        at -= 1
    return at


def _secret(text: str, begin: int, start: int, end: int, kind: str, value: Value) -> bool:
    said = value.text
    if is_nothing(said) or not any(map(str.isalnum, said)):
        return False
    if said[:1] in ("/", "~") and "pwd" in text[start:end].lower():
        return False  # a shell's working folder
    separator = text[end - 1]
    option = text.startswith("--", begin)
    in_query = begin > 0 and text[begin - 1] in "?&"
    if kind == "signature":
        return len(said) >= 20
    if kind == "cookie":
        return is_random(said) and not UUID.fullmatch(said)
    if separator == ",":
        return value.quoted and _paired(text, begin, option) and (option or is_random(said))
    if kind not in PASSWORDS:
        if len(said) < SHORTEST or (said.isdigit() and len(said) < 10):
            return False
        if " " in said.strip():
            return False
    elif said.count(" ") >= 2 and (value.listed or said.endswith((".", "required", "!"))):
        return False  # a form's complaint: "password": ["This field is required."]
    if value.quoted or in_query:
        return True
    return _bare_secret(text, begin, end, kind, value, separator, option)


def _paired(text: str, begin: int, option: bool) -> bool:
    """The name opens a pair: ('password', 'x'), (b'x-api-key', b'x'), ["--token", "x"]; or is an option in quotes."""
    before = text[max(0, begin - 6) : begin].rstrip("\\").rstrip("bu")
    opened = before.rstrip("\"'\\bu#.")
    return option or (opened != before and opened.endswith(("(", "[")))


def _bare_secret(text: str, begin: int, end: int, kind: str, value: Value, separator: str, option: bool) -> bool:
    said = value.text
    if said.lower() in NO_VALUE or text.startswith((":", "//"), value.start):
        return False
    if value.start > end and NEXT_NAME.match(said):
        return False  # token= password=x: an empty value, and the next name
    env = text[begin:end].rstrip("=: ").isupper()
    if not env and is_code(said):
        return False
    if separator != ":" or option:
        return True
    # `token: abc`, which may be prose as well
    if is_random(said):
        return said[:1] != "/"
    line_end = text.find("\n", value.end, value.end + 2)
    last = value.end == len(text) or line_end == value.end
    return last and kind in (*PASSWORDS, "secret") and text[end : end + 1] in (" ", "\t")
