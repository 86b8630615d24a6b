"""What a person asks for, from one line of text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core.records import Entry, Request
from triage.core.search.match import asked_words, holds, marking
from triage.core.search.query import LONGEST, PLACES, read_query, replaced
from triage.core.search.words import Block, words_in

NOW = datetime(2026, 5, 23, 12, tzinfo=UTC)


def test_words_phrases_and_fields_are_told_apart():
    query = read_query('figo "new car" Connect* pid:51463 host:web1 status:5xx level:warn in:lines since:7d', NOW)
    assert [term.text for term in query.terms] == ["figo", "new car", "Connect"]
    assert [term.open for term in query.terms] == [False, False, True]
    assert (query.pid, query.host, query.status, query.level) == (51463, "web1", "5", "warning")
    assert query.places == ("lines",)
    assert query.since == NOW - timedelta(days=7)
    assert query.problems == ()


@pytest.mark.parametrize("text", ["/cars/add", "user_id=17", "51463", "550e8400-e29b-41d4-a716-446655440000", "Ärger"])
def test_the_tokens_of_logs_are_found_as_they_stand(text: str):
    (term,) = read_query(text, NOW).terms
    assert holds([f"[2026] INFO: <{text}> done"], [term])
    assert not holds([f"x{text}y".replace("/", "x/")], [term]) or not text[0].isalnum()


def test_text_with_a_colon_is_text_unless_it_names_a_field():
    query = read_query("http://web1:8000/cars error:none", NOW)
    assert [term.words for term in query.terms] == [("http", "web1", "8000", "cars"), ("error", "none")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pid:abc", "pid:abc is no number."),
        ("pid:", "pid: needs a value."),
        (
            "status:teapot",
            "status:teapot is no status; write status:500 or status:5xx of requests, and of failures one of new, "
            "investigating, fix claimed, observing, resolved, open, came back, waiting for proof.",
        ),
        (
            "verdict:dns",
            "verdict:dns is no verdict; there are split state, lost state, server error, server unavailable, "
            "consistent failure, test error, unexplained.",
        ),
        ("owner:", "owner: needs a value."),
        ("since:yesterday", "since:yesterday is no time; write since:7d, since:12h or since:2026-05-01."),
        ("since:999999w", "since:999999w is no time; write since:7d, since:12h or since:2026-05-01."),
        ("in:nowhere", "in:nowhere is unknown; there are failures, runs, lines."),
        ("a*", "a*: a star needs 3 letters before it, so it was left out."),
    ],
)
def test_what_makes_no_sense_is_told_and_narrows_nothing(text: str, told: str):
    query = read_query(f"figo {text}", NOW)
    assert query.problems == (told,)
    assert [term.text for term in query.terms] == ["figo"]
    assert query.places == PLACES


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("owner:@anna", "owner", "anna"),
        ("test:cars/", "test", "cars/"),
        ("verdict:split", "verdict", "split_state"),
        ('verdict:"server un"', "verdict", "server_unavailable"),
        ("status:new", "state", "new"),
        ("status:fix_claimed", "state", "fix_claimed"),
        ('status:"came back"', "state", "came_back"),
        ("status:Open", "state", "open"),
    ],
)
def test_failures_are_asked_for_by_what_is_decided_about_them(text: str, field: str, value: str):
    query = read_query(text, NOW)
    assert getattr(query, field) == value
    assert query.of_failures and not query.of_lines and not query.empty
    assert query.problems == query.terms == query.unknown == ()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("assignee:bert", (("assignee", "bert"),)),
        ("user_id:17 x:1", (("user_id", "17"),)),
        ("http://a KeyError:b web1:80 12:30 a::b error: abc:/x", ()),
        ('"assignee:bert"', ()),
    ],
)
def test_what_looks_like_a_field_and_is_none_is_known(text: str, unknown: tuple):
    assert read_query(text, NOW).unknown == unknown


def test_a_query_far_too_long_is_read_in_part_and_says_so():
    query = read_query("a1 " * 5_000, NOW)
    assert len(query.text) == LONGEST
    assert len(query.terms) == 12
    assert len(query.problems) == 2


@given(st.text(max_size=600))
def test_no_text_is_too_strange(text: str):
    query = read_query(text, NOW)
    assert "\0" not in query.text
    asked_words(query)
    marking(query.terms)
    marking(query.terms, parts=True)
    assert read_query(replaced(query.text, "in", "lines"), NOW).places == ("lines",)


def test_a_link_changes_one_field_and_leaves_the_rest():
    assert replaced('figo since:7d "new car" in:runs', "since", "24h") == 'figo "new car" in:runs since:24h'
    assert replaced("figo since:7d", "since", "") == "figo"


def test_a_phrase_wants_its_words_side_by_side():
    (phrase,) = read_query('"new car"', NOW).terms
    assert holds(["successfully added New-Car figo"], [phrase])
    assert not holds(["new blue car"], [phrase])
    assert not holds(["renew car"], [phrase])
    assert not holds(["new", "car"], [phrase])


def test_a_star_finds_what_begins_so():
    (term,) = read_query("Connec*", NOW).terms
    assert holds(["ConnectionError: refused"], [term])
    assert not holds(["reconnected"], [term])


def test_what_postgres_is_asked_for_holds_no_sign_of_its_own():
    query = read_query("it's a & b | !c <-> d:* \\ pid:7 status:500 host:web-1 conn*", NOW)
    assert asked_words(query) == (
        "'it' & 's' & 'a' & 'b' & 'c' & 'd' & 'conn':* & 'web' & '1' & 'pid=7' & 'status=500'"
    )


def test_a_block_keeps_each_word_once_and_long_ones_cut():
    block = Block()
    for line, text in enumerate(("GET /cars 200", "get /cars/" + "x" * 500, "\0\ud800'&:*"), start=1):
        block.add(Entry(line=line, raw=text, pid=7, host="web1", level="info", request=Request(status=200)))
    kept = block.taken().split()
    assert sorted(kept) == sorted({"get", "cars", "200", "x" * 64, "web1", "7", "pid=7", "status=200", "level=info"})
    assert block.taken() == ""


def test_of_a_json_line_what_the_program_said_is_kept():
    block = Block()
    block.add(Entry(line=1, raw='{"__CURSOR": "s=0639", "MESSAGE": "added figo"}', message="added figo"))
    assert set(block.taken().split()) == {"added", "figo"}


def test_words_are_the_same_in_any_case_and_script():
    assert words_in("GET /Cars?x=1") == ["get", "cars", "x", "1"]
    assert words_in("Straße_ärgert «figo» 車 №5") == ["straße", "ärgert", "figo", "車", "5"]


def test_marks_are_whole_words_of_lines_and_parts_of_names():
    terms = read_query('car "new car"', NOW).terms
    lines, names = marking(terms), marking(terms, parts=True)
    assert lines is not None and names is not None
    assert [m.group() for m in lines.finditer("cars car New--Car")] == ["car", "New--Car"]
    assert [m.group() for m in names.finditer("test_cars")] == ["car"]
