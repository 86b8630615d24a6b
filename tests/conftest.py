"""Options of the whole suite, and what of it may not run side by side."""

from pathlib import Path

import pytest
from hypothesis import settings

# A test is right or wrong, not fast or slow: machines are shared.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TESTS = Path(__file__).parent
# They start a whole Lineup, kill it, or weigh its memory: `make test` runs them one by one, after all others.
ALONE = (TESTS / "system", TESTS / "config", TESTS / "lab")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-incidents",
        action="store_true",
        help="write the verdicts that come out into tests/incidents/*/expected.json",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(folder in item.path.parents for folder in ALONE):
            item.add_marker(pytest.mark.alone)
