"""The friendly way: `{time} [{pid}] {level} {message}`, everything outside the braces as it stands in the line."""

from __future__ import annotations

import re

from ingest.formats.line_format import engine
from ingest.formats.line_format.fields import SKIPPED, Field, named
from ingest.formats.line_format.record import BadPattern, clipped
from ingest.formats.line_format.shape import Piece
from ingest.formats.line_format.times import times
from triage.core.records import Side

BLANKS = " \t"
TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]{0,120})\}|([{}])")
PYTHON = re.compile(r"%\((\w{1,40})\)[-+ #0]{0,3}\d{0,4}(?:\.\d{1,4})?[a-z]")  # %(asctime)s, %(levelname)-8s
RUN = re.compile(r"[ \t]+|[^ \t]+")

Token = str | tuple[str, str]  # a text, or a field's name and type


def pieces(pattern: str, side: Side) -> tuple[Piece, ...]:
    """Raises BadPattern."""
    if PYTHON.search(pattern):
        braces = PYTHON.sub(lambda found: "{" + _renamed(found[1]) + "}", pattern)
        raise BadPattern(f"This is how Python's logging writes it; here it reads `{clipped(braces, 200)}`.")
    tokens = _tokens(pattern)
    made: list[Piece] = []
    seen: set[str] = set()
    before: Field | None = None
    for index, token in enumerate(tokens):
        if isinstance(token, str):
            made.extend(_literal(token, last=_message_follows(tokens, index)))
            before = None
            continue
        name, form = token
        written = "{" + name + (f":{form}" if form else "") + "}"
        field = named(name, side, "{" + name + "}")
        if field.name in seen:
            raise BadPattern(f"{{{field.name}}} stands there twice; skip what is told again with {{{SKIPPED}}}.")
        if before is not None and not before.looks and before.name != "time":
            raise BadPattern(f"Put what stands in the line between {{{before.name}}} and {{{field.name}}}.")
        seen.update({field.name} - {SKIPPED})
        made.append(_field(field, form, written, tokens, index))
        before = field
    return tuple(made)


def _renamed(name: str) -> str:
    known = {"asctime": "time", "levelname": "level", "process": "pid", "name": "logger", "threadName": "thread"}
    return known.get(name, "message" if name == "message" else SKIPPED)


def _tokens(pattern: str) -> list[Token]:
    tokens: list[Token] = []
    text = ""
    at = 0
    for found in TOKEN.finditer(pattern):
        text += pattern[at : found.start()]
        at = found.end()
        if found[0] in ("{{", "}}"):
            text += found[0][0]
            continue
        if found[2] == "{":
            raise BadPattern(
                f"The {{ at character {found.start() + 1} is never closed with }}; a brace of the line itself is {{{{."
            )
        if found[2]:
            raise BadPattern(
                f"The }} at character {found.start() + 1} closes nothing; a brace of the line itself is }}}}."
            )
        if text:
            tokens.append(text)
            text = ""
        name, _, form = found[1].partition(":")
        tokens.append((name.strip(), form.strip()))
    text += pattern[at:]
    return [*tokens, text] if text else tokens


def _literal(text: str, *, last: bool) -> list[Piece]:
    """Words as they stand; one blank may be many, and none at the end of a line whose message is empty."""
    made = []
    runs = RUN.findall(text)
    for number, run in enumerate(runs):
        if run[0] not in BLANKS:
            made.append(Piece(f"“{run}”", engine.literal(run)))
        elif last and number == len(runs) - 1:
            made.append(Piece("a blank", r"(?:[ \t]+|$)"))
        else:
            made.append(Piece("a blank", r"[ \t]+"))
    return made


def _message_follows(tokens: list[Token], index: int) -> bool:
    rest = tokens[index + 1 :]
    return len(rest) == 1 and not isinstance(rest[0], str) and rest[0][0] == "message"


def _field(field: Field, form: str, written: str, tokens: list[Token], index: int) -> Piece:
    around = [tokens[at] if 0 <= at < len(tokens) else None for at in (index - 1, index + 1)]
    before, after = (each if isinstance(each, str) else "" for each in around)
    closed = bool(after) and after[0] not in BLANKS  # a bracket, a bar or the like ends it
    if field.name == "time":
        found = times(form, written)
        return Piece(written, found.looks, field.name, read=found.read)
    if form and form not in field.types:
        kinds = f"there are {', '.join(field.types)}" if field.types else "leave out the colon and what follows it"
        raise BadPattern(f"{written}: {clipped(form)} is no kind of {field.name}; {kinds}.")
    if field.name == "message":
        return Piece(written, ".*", field.name)
    if field.looks:
        boxed = closed and before[-1:] not in ("", *BLANKS)
        pad = "[ \t]*" if boxed else ""  # [INFO    ]
        return Piece(written, field.looks, field.name, form=form, pad=pad)
    ends = after.strip(BLANKS)
    if field.words and (ends or not after):
        return Piece(written, r"\S.*?", field.name, greedy=r"\S.*")
    return Piece(written, r"\S+?", field.name, greedy=r"\S+")
