"""Which way imports may go, as data.

`python -m tests.test_imports` prints the arrows that there are, for the picture in ARCHITECTURE.md.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Package -> the packages of ours that it may import. The longest prefix of a module's name decides.
ALLOWED: dict[str, set[str]] = {
    "triage.core": {"triage.core"},
    "ingest.formats": {"ingest.formats", "triage.core"},
    "ingest.redaction": {"ingest.redaction", "triage.core"},
    "dashboard.timeline": {"dashboard.timeline", "triage.core"},
    "triage": {"triage", "triage.core"},
    "ingest": {"ingest", "ingest.native_journal", "ingest.formats", "ingest.redaction", "triage", "triage.core"},
    "dashboard": {"dashboard", "dashboard.timeline", "triage", "triage.core"},
    "ingest.native_journal": {"ingest.native_journal", "ingest.formats"},
    "ingest.given_files": {"ingest.given_files", "ingest.native_journal", "ingest.formats"},
    "ingest.explain": {
        *("ingest.explain", "ingest.given_files", "ingest.formats", "ingest.redaction", "triage.core"),
        "dashboard.timeline",
    },
    "ingest.management.commands.explain": {"ingest.explain"},
    "config": {"config"},
}
# What the pure folders may not know: frameworks, drivers, the network, the clock and the disk.
PURE = ("triage.core", "ingest.formats", "ingest.redaction", "dashboard.timeline")
IMPURE = {
    *("django", "celery", "requests", "psycopg2", "redis"),
    *("socket", "urllib.request", "http.client"),
    *("subprocess", "os", "pathlib", "shutil", "tempfile", "time", "random"),
}
OURS = {"triage", "ingest", "dashboard", "config"}


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in sorted(OURS):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


def imports(path: Path) -> set[str]:
    """Every module named by an import anywhere in the file, inside functions too.

    `from package import module` names the module alone: the package itself is only passed through.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            inner = {alias.name for alias in node.names if f"{node.module}.{alias.name}" in KNOWN}
            names.update(f"{node.module}.{name}" for name in inner)
            if len(inner) < len(node.names):
                names.add(node.module)
    return names


KNOWN = {name for name, _ in modules()}


def package(name: str) -> str | None:
    """The longest package of ALLOWED that the module lies in."""
    fitting = [p for p in ALLOWED if name == p or name.startswith(p + ".")]
    return max(fitting, key=len) if fitting else None


def arrows() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {p: set() for p in ALLOWED}
    for name, path in modules():
        source = package(name)
        assert source, f"{name} lies in no package of the picture"
        found[source].update(
            target for target in map(package, imports(path)) if target is not None and target != source
        )
    return found


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, by Tarjan's strongly connected components."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == node:
                    break
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda v: v if isinstance(v, str) else "")
def test_imports_go_down_or_to_the_middle(name: str, path: Path):
    source = package(name)
    assert source is not None
    for target in imports(path):
        where = package(target)
        if where is not None:
            assert where in ALLOWED[source], f"{name} imports {target}"


@pytest.mark.parametrize(
    ("name", "path"),
    [(n, p) for n, p in modules() if (package(n) or "") in PURE],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_a_pure_module_knows_no_framework_clock_or_disk(name: str, path: Path):
    for target in imports(path):
        parts = target.split(".")
        assert not any(".".join(parts[:n]) in IMPURE for n in range(1, len(parts) + 1)), f"{name} imports {target}"


def test_no_module_imports_itself_over_others():
    graph = {name: {t for t in imports(path) if t in KNOWN and t != name} for name, path in modules()}
    assert cycles(graph) == []


if __name__ == "__main__":
    for source, targets in arrows().items():
        print(f"{source:20} -> {', '.join(sorted(targets)) or '(none of ours)'}")
