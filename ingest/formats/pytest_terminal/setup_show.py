"""What --setup-show writes between the tests: fixtures that begin and end, and each test with those it uses."""

from __future__ import annotations

import re

from ingest.formats.pytest_terminal.grammar import WORDS, node_id
from ingest.formats.pytest_terminal.progress import Progress, trimmed

#         SETUP    F who['ascii']      SETUP    S engine (fixtures used: url)      TEARDOWN F cart
_FIXTURE = re.compile(r"^ {2,16}(?:SETUP {4}|TEARDOWN )[SPMCF] \S")
_USED = " (fixtures used: "
_LETTERS = {".": "PASSED", "F": "FAILED", "s": "SKIPPED", "x": "XFAIL", "X": "XPASS", "E": "ERROR", "R": "RERUN"}


def is_fixture(text: str) -> bool:
    """Whether a fixture begins or ends. A letter glued to its name is of a test that the line does not name."""
    return _FIXTURE.match(text) is not None


def is_end(text: str) -> bool:
    """Whether it is a fixture that ends."""
    return text.lstrip(" ").startswith("TEARDOWN ")


def test(text: str) -> Progress | None:
    """`        test_cart.py::test_add (fixtures used: cart, request).`, or `PASSED  [  5%]` behind it with -v."""
    split = node_id(text.strip()) if "::" in text else None
    if split is None:
        return None
    node, rest = split
    if rest.startswith(_USED):
        rest = rest[rest.find(")") + 1 :] if ")" in rest else ""
    elif rest:
        return None
    told = trimmed(rest).strip()
    word = _LETTERS.get(told) or (told if told in WORDS else "")
    return Progress(node, word, "", "" if word else told)
