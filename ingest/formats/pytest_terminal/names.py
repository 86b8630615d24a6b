"""Which test a block is about: its title says `TestGroup.test_a[x]`, the lines around it say the node id.

The titles of a section stand in the order of the summary, so tests of one name in several files are told apart by
their order, or better by the files that the block's traceback runs through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_TEST_FILE = re.compile(r"(?:^|[/\\])(?:test_[^/\\]*|[^/\\]*_tests?)\.py$")
PREFIXES = (("ERROR at setup of ", "setup"), ("ERROR at teardown of ", "teardown"))
NAMESAKES = 100  # tests of one name in several files that are looked at for one block
COLLECTING = "ERROR collecting "
# the outcomes of the tests whose blocks stand in an area, and a bit for them
_WORDS_OF = {
    "failures": (1, ("FAILED", "SUBFAILED", "SUBFAIL")),
    "errors": (2, ("ERROR",)),
    "passes": (4, ("PASSED", "SUBPASSED", "SUBPASS")),
    "xpasses": (8, ("XPASS", "xpass")),
    "xfailures": (16, ("XFAIL", "xfail", "SUBXFAIL")),
}


def domain(node: str) -> str:
    """The title of a node id's block: `TestC.test_d[x::y]` of `a/test_b.py::TestC::test_d[x::y]`."""
    base, bracket, parameters = node.partition("[")
    _, _, names = base.partition("::")
    return names.replace("::", ".") + bracket + parameters


def _flag(word: str) -> int:
    return next((flag for flag, words in _WORDS_OF.values() if word in words), 0)


def parts(title: str) -> tuple[str, str]:
    """(name, phase) of a title: the phase is "" for a failure of the call, "collect" for a file that broke."""
    if title.startswith(COLLECTING):
        return title[len(COLLECTING) :], "collect"
    for prefix, phase in PREFIXES:
        if title.startswith(prefix):
            return title[len(prefix) :], phase
    return title.removeprefix("[doctest] "), ""


class Names:
    """The node ids that a session tells, and which of them are still to be given to a block."""

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = {}  # domain to node ids, in order
        self._nodes: dict[str, int] = {}  # node id to the bits of its outcomes
        self._given: dict[tuple[str, str], int] = {}  # domain and area to how many blocks had it
        self._in_order: list[str] = []  # failures of the summary, for blocks without a title

    def know(self, node: str, word: str, summed: bool = False) -> None:
        """A progress or summary line named this test and its outcome, "" where it only began."""
        flag = _flag(word)
        if summed and flag == 1:
            self._in_order.append(node)
        flags = self._nodes.get(node)
        if flags is None:
            self._known.setdefault(domain(node), []).append(node)
        self._nodes[node] = (flags or 0) | flag

    def anonymous(self, number: int) -> str | None:
        """The node id of the `number`th block of failures where blocks have no titles."""
        return self._in_order[number] if number < len(self._in_order) else None

    def node(self, name: str, paths: Iterable[str], area: str) -> tuple[str, bool]:
        """(node id, whether it is only a reconstruction) of the next block with this name."""
        paths = tuple(paths)
        flag = _WORDS_OF.get(area, (0, ()))[0]
        for title in _readings(name):
            nodes = self._known.get(title)
            if nodes is None:
                continue
            if len(nodes) == 1:
                return nodes[0], False
            nodes = nodes[:NAMESAKES]
            nodes = [node for node in nodes if self._nodes[node] & flag] or nodes
            if len(nodes) == 1:
                return nodes[0], False
            through = [node for node in nodes if any(_same_file(node.partition("::")[0], path) for path in paths)]
            if len(through) == 1:
                return through[0], False
            turn = self._given.get((title, area), 0)
            self._given[title, area] = turn + 1
            return nodes[min(turn, len(nodes) - 1)], len(nodes) <= turn
        return rebuilt(name, paths), True


def _readings(name: str) -> tuple[str, ...]:
    """The title as it is, then without a subtest's description: `test_c [msg] (i=1)` is also `test_c`."""
    bare = name
    if bare.endswith(")"):
        bare = bare.rpartition(" (")[0] or bare
    shorter = bare
    if bare.endswith("]"):
        shorter = bare.rpartition(" [")[0] or bare
    plain = name.partition(" (")[0].partition(" [")[0]
    named = name.partition("::")[2]  # files that are no Python have whole node ids as titles
    return tuple(dict.fromkeys((name, bare, shorter, plain, named or name)))


def _same_file(path: str, seen: str) -> bool:
    return seen == path or seen.endswith("/" + path)


def rebuilt(name: str, paths: tuple[str, ...]) -> str:
    """A node id from the first test file that the traceback runs through."""
    base, bracket, parameters = name.partition("[")
    if base.endswith((" ", ")")):  # a subtest's description: test_c [msg] (i=1)
        base, bracket, parameters = base.partition(" ")[0], "", ""
    names = base.strip().replace(".", "::") + bracket + parameters
    relative = [path for path in paths if not path.startswith("/") and path[1:2] != ":"]
    file = next((path for path in (*relative, *paths) if _TEST_FILE.search(path)), None)
    return f"{file}::{names}" if file else names
