"""Node ids that a report has lost in part (JUnit class names, block headers), matched to the exact ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

# splits `tests/test_cars.py::TestGroup::test_add` and `tests.test_cars.TestGroup.test_add` into the same parts
_SEPARATOR = re.compile(r"::|[/.\\]")


def parts(node_id: str) -> tuple[tuple[str, ...], str]:
    """The names of a node id from folder to function, and its parameters with brackets."""
    base, bracket, parameters = node_id.partition("[")
    names = tuple(name for name in _SEPARATOR.split(base.strip()) if name and name != "py")
    return names, bracket + parameters.strip()


class NodeIds:
    """The exact node ids of a run, and which of them a lossy one can mean."""

    def __init__(self, exact: Iterable[str]) -> None:
        self._exact = dict.fromkeys(exact)
        self._by_name: dict[tuple[str, str], list[tuple[tuple[str, ...], str]]] = {}
        for node_id in self._exact:
            names, parameters = parts(node_id)
            if names:
                self._by_name.setdefault((names[-1], parameters), []).append((names, node_id))

    def candidates(self, node_id: str) -> tuple[str, ...]:
        """The exact ids that `node_id` can stand for; itself where it is one; empty where none fits."""
        if node_id in self._exact:
            return (node_id,)
        names, parameters = parts(node_id)
        if not names:
            return ()
        found = []
        for known, exact in self._by_name.get((names[-1], parameters), ()):
            shorter = min(len(names), len(known))
            if names[-shorter:] == known[-shorter:]:
                found.append(exact)
        return tuple(found)
