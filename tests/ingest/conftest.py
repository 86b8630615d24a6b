"""Every test of ingest keeps its parts in a folder of its own."""

from pathlib import Path

import pytest


@pytest.fixture
def home(settings, tmp_path: Path) -> Path:
    settings.LINEUP_HOME = tmp_path
    return tmp_path


@pytest.fixture
def incoming(home: Path) -> Path:
    return home / "parts" / "incoming"
