"""The option that rewrites the corpus's expectations; what lies in the folders is evidence, not tests of ours."""

import pytest

collect_ignore_glob = ["*/*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-corpus",
        action="store_true",
        help="write what is read of tests/formats/*/* into their expected.json; review the difference",
    )
