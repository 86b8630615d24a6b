"""What a missing program keeps from running is named at the end, never silently passed."""

import os
import subprocess
import sys

from config.home import BASE_DIR

SAMPLE = """
import pytest
from tests import needs
@needs.program("no-such-browser")
def test_a_page(): pass
def test_a_journal(): pytest.skip("needs journalctl")
def test_another_journal(): pytest.skip("needs journalctl")
def test_something_else(): pytest.skip("not on Mondays")
def test_runs(): pass
"""


def run(folder, **env):
    (folder / "test_sample.py").write_text(SAMPLE)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.needs",
        "-p",
        "no:django",
        "-c",
        os.devnull,
        str(folder),
    ]
    return subprocess.run(
        command, cwd=BASE_DIR, env={**os.environ, "PYTHONPATH": str(BASE_DIR), **env}, capture_output=True, text=True
    )


def test_missing_programs_are_named_with_the_number_of_tests(tmp_path):
    done = run(tmp_path, LINEUP_NOTHING_MISSING="")
    assert "needs journalctl: 2 tests not run" in done.stdout
    assert "needs no-such-browser: 1 test not run" in done.stdout
    assert "Mondays" not in done.stdout
    assert done.returncode == 0


def test_where_nothing_may_be_missing_the_run_fails(tmp_path):
    assert run(tmp_path, LINEUP_NOTHING_MISSING="1").returncode == 1
