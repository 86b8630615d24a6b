"""Every file that a real program wrote is read as people who looked at it say that it must be.

`--rewrite-corpus` writes what is read as the new expectation (`-k FOLDER` for one folder): review the difference.
`python -m tests.formats.understood` prints how many lines are understood, folder by folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.formats.corpus import LEAST_UNDERSTOOD, cases, expectations, files, folders, name_of, rewrite, told

CASES = [pytest.param(folder, path, id=f"{folder.name}/{name_of(folder, path)}") for folder, path in cases()]


@pytest.mark.parametrize(("folder", "path"), CASES)
def test_a_file_of_the_corpus_is_read_as_expected(folder: Path, path: Path, request: pytest.FixtureRequest):
    name = name_of(folder, path)
    expected = expectations(folder).get(name, {})
    found = told(path, expected)
    if request.config.getoption("--rewrite-corpus", default=False):
        rewrite(folder, name, found)
        expected = found
    assert expected, "no expectation: run with --rewrite-corpus and review what it writes"
    assert found == expected


@pytest.mark.parametrize(("folder", "path"), CASES)
def test_all_lines_of_a_file_are_understood_or_it_is_said_why_not(folder: Path, path: Path):
    expected = expectations(folder).get(name_of(folder, path), {})
    for piece in expected.get("pieces", [expected]):
        assert piece.get("format"), f"no format fits: {piece.get('problem')}"
        lost = sum(_count(span) for span in piece.get("not_understood", []))
        if lost > (1 - LEAST_UNDERSTOOD) * piece["lines"]:
            which = ", ".join(piece["not_understood"])
            assert expected.get("known_unparsed"), (
                f"{lost} lines are not understood, and known_unparsed is empty: {which}"
            )


def _count(span: str) -> int:
    first, _, last = span.partition("-")
    return int(last or first) - int(first) + 1 if first.isdigit() else 0


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_folder_says_of_every_file_where_it_came_from(folder: Path):
    about = (folder / "ABOUT.md").read_text()
    assert about.startswith("# ")
    unnamed = [name for path in files(folder) if not _is_named(name := name_of(folder, path), about)]
    assert not unnamed, f"ABOUT.md does not name {', '.join(unnamed)}"


def _is_named(name: str, about: str) -> bool:
    return name in about


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_no_expectation_outlives_its_file(folder: Path):
    there = {name_of(folder, path) for path in files(folder)}
    assert set(expectations(folder)) <= there
