"""Whatever the bytes are, every door keeps its promises: see promises.py."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats.base import Format
from ingest.formats.registry import FORMATS
from tests.fuzz.doors import OWN_PATTERNS, described, in_pieces, recognised, redacted, timed, understood, unpacked
from tests.fuzz.mutations import archives, cut, flipped, mutated, samples, strewn
from tests.fuzz.parsers import PARSERS
from tests.fuzz.promises import broken

# Derandomized: the suite is the same every time. What is new is hunted for by tests.fuzz.guided.
FEW = settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MORE = settings(FEW, max_examples=150)
each_format = pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.NAME)
each_parser = pytest.mark.parametrize("format", PARSERS, ids=lambda format: format.NAME)
CHARACTERS = (b"a", b" ", b"=", b"{", b"<", b"\0", b"\xff", b"\x1b", b"-", b"[", b'"')


@each_parser
@FEW
@given(content=st.binary(max_size=600))
def test_a_format_keeps_its_promises_on_any_bytes(format: Format, content: bytes):
    assert broken(format, content) == []


@each_format
@FEW
@given(data=st.data())
def test_a_format_keeps_its_promises_on_a_damaged_file_of_its_own(format: Format, data: st.DataObject):
    assert broken(format, mutated(data, format.NAME)) == []


@each_parser
@FEW
@given(data=st.data())
def test_a_format_keeps_its_promises_on_a_damaged_file_of_another(format: Format, data: st.DataObject):
    assert broken(format, mutated(data, data.draw(st.sampled_from(sorted(samples()))))) == []


@MORE
@given(data=st.data())
def test_detection_chooses_a_format_that_keeps_its_promises_or_says_why_none(data: st.DataObject):
    assert recognised(mutated(data, data.draw(st.sampled_from(sorted(samples()))))) == []


@MORE
@given(content=st.binary(max_size=600))
def test_detection_says_something_of_any_bytes(content: bytes):
    assert recognised(content) == []


@MORE
@given(data=st.data())
def test_grammars_and_times_keep_their_promises_on_damaged_lines(data: st.DataObject):
    content = mutated(data, data.draw(st.sampled_from(sorted(samples()))))
    assert understood(content) + timed(content) == []


@MORE
@given(data=st.data())
def test_every_line_of_a_damaged_file_is_in_one_piece_or_outside(data: st.DataObject):
    assert in_pieces(mutated(data, data.draw(st.sampled_from(sorted(samples()))))) == []


@MORE
@given(data=st.data())
def test_what_is_redacted_of_a_damaged_file_can_be_kept(data: st.DataObject):
    assert redacted(mutated(data, data.draw(st.sampled_from(sorted(samples()))))) == []


@FEW
@given(data=st.data())
def test_a_damaged_archive_is_read_as_far_as_it_goes(data: st.DataObject):
    content = data.draw(st.sampled_from(archives()))
    assert unpacked(flipped(cut(content, b"", data) if data.draw(st.booleans()) else content, b"", data)) == []


@MORE
@given(pattern=st.sampled_from(OWN_PATTERNS) | st.binary(max_size=60), data=st.data())
def test_a_line_format_of_a_teams_own_keeps_the_promises_too(pattern: bytes, data: st.DataObject):
    pattern = strewn(pattern, b"", data).replace(b"\n", b" ") if data.draw(st.booleans()) else pattern
    assert described(pattern + b"\n" + mutated(data, data.draw(st.sampled_from(sorted(samples()))))) == []


@each_parser
def test_one_character_for_a_megabyte_breaks_no_promise(format: Format):
    for character in CHARACTERS:
        assert broken(format, character * 1_000_000) == [], character
    assert broken(format, b"\r" * 60_000) == []


@each_parser
def test_a_line_repeated_ten_thousand_times_breaks_no_promise(format: Format):
    for sample in format.SAMPLES[:2]:
        line = sample.encode().rstrip(b"\n").split(b"\n")[-1]
        assert broken(format, (line + b"\n") * 10_000) == []
