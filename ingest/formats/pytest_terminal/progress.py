"""What pytest prints while tests run: a test's name with its outcome, an outcome alone, or a row of letters.

With -s and live logs a program's own output stands between a test's name and its outcome, or is glued to either.
"""

from __future__ import annotations

import re

import msgspec

from ingest.formats.pytest_terminal.grammar import PERCENT, WORD, WORDS, has_free_names, is_path, node_id

_LAST_COLUMN = re.compile(rf"(?:^| ){PERCENT}$")
_COLUMN_SIZE = 40  # characters within which the last column stands
_ENDS = tuple(WORDS)
# behind the node id: FAILED   ·   SKIPPED (no way)   ·   SKIPPED (a reason that goes on in the next line   ·
# SUBFAILED[step] (i=1)
_AFTER_ID = re.compile(rf"^ {WORD}(?: \((?P<reason>.*)|(?P<sub>[\[( ].*))?$")
# behind the node id, as the subtests plugin writes it: [step] (i=1) SUBFAIL      (i=1) SUBSKIP (why not)
_SUB_WORD = re.compile(r"^ (?P<word>SUB[A-Z]{4,7})(?: \((?P<reason>.*)\))?$")
# FAILED        SKIPPED (why)        [step] (i=1) SUBFAIL
_ALONE = re.compile(rf"^{WORD}(?:\[.*\])?(?: \((?P<reason>.*))?$")
# [gw0] [  4%] FAILED tests/test_cars.py::test_add_car         [gw0] PASSED t.py::test_a
_XDIST = re.compile(rf"^\[(?P<worker>gw\d{{1,5}})\](?: {PERCENT})? {WORD}(?P<rest>[ \[].*)$")
_SUB_NODE = re.compile(r" (?=[^\s:]+::)")
# FFF.FFFF..F.FFFEEsxX.uuuF.F.      tests/api/test_cars.py FFF.F
_DOTS = re.compile(r"^(?:[^\s:]{1,400}\.\w{1,8} )?[.FEsxXRpPuv,\-f]+$")
# .FFGET http://…: letters that an unbuffered print was glued to
_GLUED_DOTS = re.compile(
    r"^(?:[^\s:]{1,400}\.\w{1,8} )?[.FEsxXRpPu,]*(?=(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (?:https?://|/))"
)


class Progress(msgspec.Struct, frozen=True, gc=False):
    """One line that names a test and what came of it; `word` is "" where the test only starts."""

    node: str
    word: str = ""
    worker: str = ""
    printed: str = ""  # what a program printed behind the name
    reason: str = ""  # of a skip or an expected failure
    open: bool = False  # the reason goes on in the next line


def trimmed(text: str) -> str:
    """The line without its last column: `[ 25%]`, `[ 3/99]` or `10.57ms`."""
    text = text.rstrip()
    if text[-1:] in ("]", "s", "m", "h"):
        start = max(0, len(text) - _COLUMN_SIZE)
        found = _LAST_COLUMN.search(text, start) if start else _LAST_COLUMN.search(text)
        if found is not None:
            return text[: found.start()].rstrip()
    return text


def progress(text: str) -> Progress | None:
    """A verbose progress line, a start line, or the report of a distributed worker."""
    if text.startswith("["):
        return _distributed(text) if text.startswith("[gw") else None
    if "::" not in text:
        return None
    split = node_id(text)
    if split is None:
        return None
    node, rest = split
    if not rest.strip():
        return Progress(node)
    rest = trimmed(rest)
    if has_free_names(node):
        return _free(trimmed(text), text.endswith(" "))
    if not rest:
        return Progress(node)
    if told := _after(node, rest):
        return told
    if tail := glued(rest):
        return Progress(node, tail[1], "", tail[0].strip())
    return Progress(node, "", "", rest.strip())


def _after(node: str, rest: str) -> Progress | None:
    found = _AFTER_ID.match(rest)
    if found is not None:
        word, reason = found["word"], found["reason"] or ""
        if found["sub"] and not word.startswith("SUB"):
            return None
        return Progress(node, word, "", "", reason.removesuffix(")"), bool(reason) and not reason.endswith(")"))
    at = rest.rfind(" SUB")
    if at > 0 and rest.startswith((" [", " (")) and (found := _SUB_WORD.match(rest[at:])) and found["word"] in WORDS:
        return Progress(node, found["word"], "", "", found["reason"] or "")
    return None


def _free(text: str, starts: bool) -> Progress | None:
    """A test of a file that is no Python: its name may have spaces and ends where the outcome begins."""
    for word in _ENDS:
        if text.endswith(f" {word}"):
            return Progress(text[: -len(word)].rstrip(), word)
    if text.endswith(")"):
        for word in ("SKIPPED", "XFAIL", "XPASS"):
            node, found, reason = text.partition(f" {word} (")
            if found:
                return Progress(node, word, "", "", reason[:-1])
    return Progress(text) if starts or ("  " not in text and " " not in text) else None


def _distributed(text: str) -> Progress | None:
    found = _XDIST.match(text)
    if found is None:
        return None
    word, rest = found["word"], found["rest"]
    if word.startswith("SUB"):  # SUBFAILED[step] (i=1) t.py::test_a
        start = _SUB_NODE.search(rest)
        while start is not None and start.start() and rest[start.start() - 1] not in "])":
            start = _SUB_NODE.search(rest, start.end())
        rest = rest[start.start() :] if start else rest
    node = rest.strip()
    split = node_id(node)
    reason = ""
    if split is not None and split[1].startswith(" (") and not has_free_names(split[0]):
        node, reason = split[0], split[1][2:].removesuffix(")")
    return Progress(node, word, found["worker"], "", reason) if is_path(node.partition("::")[0]) else None


def outcome(text: str) -> tuple[str, str] | None:
    """(word, reason) of a line that is nothing but an outcome, as live logs and -s leave it."""
    if text[:1] not in "PFESXRx":
        return None
    found = _ALONE.match(trimmed(text))
    if found is None:
        return None
    return found["word"], (found["reason"] or "").removesuffix(")")


def glued(text: str) -> tuple[str, str] | None:
    """(printed text, outcome word) of a line whose end an outcome was glued to: "added soonFAILED"."""
    body = trimmed(text)
    if not body.endswith(_ENDS):
        return None
    word = max((each for each in _ENDS if body.endswith(each)), key=len)
    printed = body[: -len(word)]
    if not printed or printed[-1].isspace() or printed[-1] in "=:\"'-_" or printed[-1].isupper():
        return None
    return printed, word


def is_dots(text: str) -> bool:
    """Whether the line is the short progress of quiet and default output."""
    return _DOTS.match(trimmed(text)) is not None


def without_dots(text: str) -> str:
    """A request that was printed behind the letters of tests that had ended."""
    found = _GLUED_DOTS.match(text)
    return text[found.end() :] if found else text
