"""Wrappers and pieces on what nobody meant to send: no exception, every line in one account, in little time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.formats.pieces import cut, laid_out
from ingest.formats.wrapping.registry import WRAPPERS
from ingest.formats.wrapping.unwrap import unwrapped
from tests.ingest.test_wrapping_ci import BARS, PREFIXES
from tests.ingest.wrapped_parts import parts_of, source

BEGINNINGS = [
    *PREFIXES.values(),
    "web-1  | ",
    "[pod/web-6d4cf56db6-x7k2p/app] ",
    "0|srv | ",
    "12:00:00 web.1 | ",
    '{"log":"',
    "2026-11-23T01:30:00.123456789Z stdout P ",
    "[Pipeline] { (Branch: a)\n[a] ",
    "##[group]",
    "Nov 23 01:30:00 vm app[1]: ",
    "[2026-11-23 01:30:00 +0000] [1] [INFO] ",
    "\x1b[8mha:////",
    "Traceback (most recent call last)",
    "  ",
]
line = st.builds(lambda a, b: a + b, st.sampled_from(BEGINNINGS), st.text(max_size=30))
bars = st.sampled_from(BARS.splitlines())


@settings(max_examples=150, deadline=None)
@given(st.lists(line | bars | st.text(max_size=60), max_size=60))
def test_arbitrary_consoles_are_read_to_their_end(lines):
    content = "\n".join(lines)
    for part in parts_of(content):
        numbers = [record.line for record in part.records if record.line]
        assert all(1 <= number <= content.count("\n") + 1 + content.count("\r") for number in numbers)


@settings(max_examples=150, deadline=None)
@given(st.lists(line | bars, max_size=80))
def test_no_line_is_in_two_pieces_of_one_label(lines):
    content = "\n".join(lines)
    seen: set[int] = set()
    layout = laid_out(source(content))
    for piece in layout.pieces:
        numbers = {number for number, _ in cut(source(content), piece).lines()}
        assert not numbers & seen
        seen |= numbers


@pytest.mark.parametrize("wrapper", WRAPPERS, ids=lambda each: each.NAME)
@pytest.mark.parametrize("beginning", ["", *BEGINNINGS], ids=range(len(BEGINNINGS) + 1))
def test_a_wrapper_takes_any_line_in_little_time(wrapper, beginning):
    began = time.monotonic()
    for unit in ("a", " ", "|", "[", "\x1b[0m", "-a", "1", '"', "\\", "a-12345 "):
        text = (beginning + unit * 40_000)[:65_536]
        wrapper.fits((text,))
        assert list(wrapper.lines(source(text + "\n" + text), 65_536))
    assert time.monotonic() - began < 2


def test_a_million_labels_take_little_memory():
    content = "".join(f"c{n}-1  | [2026-11-23 01:30:00 +0000] [1] [INFO] {n}\n" for n in range(30_000))
    (part,) = parts_of(content)
    assert len(part.entries) == 30_000
    inner = unwrapped(source(content))
    assert sum(1 for _ in inner.lines()) == 30_000
    assert (inner.outer(1), inner.outer(30_000).host) == (None, "c29999-1")
