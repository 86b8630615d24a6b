"""Options of the whole suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-incidents",
        action="store_true",
        help="write the verdicts that come out into tests/incidents/*/expected.json",
    )
