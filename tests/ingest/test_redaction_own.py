"""A project's own patterns, and why some are refused."""

from __future__ import annotations

import pytest

from ingest.redaction.own import LENGTH, PATTERNS, BadPattern, OwnPattern
from ingest.redaction.redactor import Redactor
from triage.core.records import Unparsed


def own(pattern: str, name: str = "Customer number") -> OwnPattern:
    return OwnPattern(name=name, pattern=pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "said"),
    [
        (r"customer (?P<secret>\d{8})", "customer 12345678 paid", "customer § paid"),
        (r"(?i)(customer|client) (?P<secret>\d{8})", "CLIENT 12345678 paid", "CLIENT § paid"),
        (r"customer (\d{8})", "customer 12345678 paid", "customer § paid"),
        (r"DE\d{20}", "to DE12345678901234567890.", "to §."),
        (r"^\d{8}$", "12345678", "§"),
        (r"^\d{8}$", "a\n12345678\nb", "a\n§\nb"),
        (r"kunde=(\w+|)", "kunde=;x", "kunde=;x"),
        (r"name=(\w+)|nr=\d+", "nr=5 name=müller", "nr=5 name=§"),
        (r"größe (\d+)", "größe 7 größe 8", "größe § größe §"),
    ],
)
def test_what_a_project_names_goes(pattern, text, said):
    redactor = Redactor(b"key", [own(pattern)])
    clean = redactor.text(text)
    before, *between = said.split("§")
    assert clean.startswith(before)
    assert clean.count("[redacted customer-number ") == len(between)
    assert redactor.text(clean) == clean
    assert redactor.counts["customer-number"] == len(between)


def test_a_pattern_sees_one_line_at_a_time():
    redactor = Redactor(b"key", [own(r"(?s)begin(.*)end"), own(r"[^x]{30,}q")])
    for text in ("begin\nend", "aaaaaaaaaaaaaaaaaaaaaaaaa\naaaaaaaaaaaaaaaaaaq"):
        assert redactor.text(text) == text
        assert [record.raw for record in redactor.records([Unparsed(1, text)])] == [text]
    records = [Unparsed(n, line) for n, line in enumerate(("begin", "x", "end"))]
    assert list(redactor.records(records)) == records


def test_built_in_kinds_are_looked_for_as_well():
    clean = Redactor(b"key", [own(r"\d{8}")]).text("password=swordfish 12345678")
    assert "[redacted password " in clean
    assert "[redacted customer-number " in clean


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "is empty"),
        ("(", "cannot be read"),
        ("(?=x)y", "no look-arounds"),
        (r"(a)\1", "no back-references"),
        ("x" * (LENGTH + 1), f"at most {LENGTH}"),
        ("a\nb", "control character"),
        ("a\0b", "control character"),
        ("\ud800", "no text"),
        ("x*", "matches where nothing stands"),
        (r"\b", "matches every ordinary line|matches where nothing stands"),
        ("$", "matches where nothing stands"),
        (".+", "matches every ordinary line"),
        (r"\d+", "matches every ordinary line"),
        (r"(\w+)", "matches every ordinary line"),
        (r"\w{1000}", "too large"),
        (r"((\w{100}){10}){10}", "invalid repetition size|too large"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_with_a_sentence(pattern, says):
    with pytest.raises(BadPattern, match=says) as refused:
        Redactor(b"key", [own(pattern)])
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("name", ["", " x", "a" * 40, "a]b", "naïve", "a\n"])
def test_a_name_that_would_break_a_placeholder_is_refused(name):
    with pytest.raises(BadPattern, match="name"):
        Redactor(b"key", [own("abc", name)])


def test_a_project_has_a_bounded_number_of_patterns():
    with pytest.raises(BadPattern, match=f"{PATTERNS}"):
        Redactor(b"key", [own("abc")] * (PATTERNS + 1))
