"""Reading takes memory for a block and for what a reader has to remember, never for the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.formats.registry import FORMATS
from tests.fuzz.parsers import PARSERS
from tests.fuzz.peaks import LONG, MANY, MIB

ROOT = Path(__file__).parent.parent.parent
LONG_PEAK = 128 * MIB  # a reader may hold one record whole, up to its own bound
MANY_PEAK = 11 * MIB  # a reader that keeps every record would take more, of the smallest ones too


def peaks(kind: str) -> dict[str, int]:
    """Bytes that each reader takes, by its format's name."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.peaks", kind],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[str, int] = json.loads(said.stdout)
    return found


def over(found: dict[str, int], peak: int) -> dict[str, str]:
    """The formats that take more."""
    return {name: f"{size // MIB} MiB" for name, size in found.items() if size > peak and name != "greedy"}


@pytest.mark.parametrize("kind", LONG)
def test_a_reader_holds_a_bounded_part_of_what_is_long(kind: str):
    assert over(peaks(kind), LONG_PEAK) == {}


@pytest.mark.parametrize("kind", MANY)
def test_a_reader_lets_go_of_what_comes_in_great_number(kind: str):
    assert over(peaks(kind), MANY_PEAK) == {}


def test_a_reader_that_holds_everything_would_be_seen():
    assert peaks("lines of nothing known")["greedy"] > MANY_PEAK


def test_every_format_has_its_parser_among_those_that_are_measured():
    assert {getattr(each.parse, "__func__", each.parse) for each in FORMATS} == {
        getattr(each.parse, "__func__", each.parse) for each in PARSERS
    }
