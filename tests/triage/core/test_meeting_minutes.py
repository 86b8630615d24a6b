"""Minutes as Markdown: complete, and whatever people or logs wrote stays text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.core.meeting.minutes import About, Figures, Minutes, Said, code, markdown, plain, rate_words, tally
from triage.core.meeting.told import told

AT = datetime(2024, 5, 24, 9, 38, tzinfo=UTC)
HOSTILE = (
    "<img src=x onerror=alert(1)>", "[click](javascript:alert(1))", "![x](https://evil.example/p.png)", "# Heading",
    "- [ ] done", "1. one", "> quoted", "`code`", "| a | b |", "https://evil.example/", "www.evil.example",
    "a@b.example",
    "&lt;b&gt;", "~~~\nfence", "***", "Setext\n===", "&#60;script&#62;", "@everyone", "<!-- hidden -->", "*bold*", "\\",
)  # fmt: skip


def about(**more: object) -> About:
    fields = {
        "title": "Car count", "test": "tests/test_cars.py::test_count", "kind": "split_state",
        "verdict": "Split state, confirmed · 99 %", "section": "new", "reason": "11 of 19 runs", "group": 7,
    } | more  # fmt: skip
    return About(**fields)


def minutes(*items: About, **more: object) -> Minutes:
    fields = {
        "name": "Triage, Friday 24 May", "project": "Cars", "began_at": AT, "ended_at": AT, "people": ("anna", "rob"),
        "figures": Figures(runs=9, failures=25, unexplained=3, before_failures=10, before_unexplained=4, open_items=6),
        "items": items, "lines": (),
    } | more  # fmt: skip
    return Minutes(**fields)


def test_decisions_stand_under_their_item_with_who_and_when():
    said = (Said(text="Owner: API team, by 28 May 2024.", who="anna", at=AT),)
    text = markdown(minutes(about(said=said, owner="API team", status="investigating")))
    assert "# Triage, Friday 24 May" in text
    assert "### Car count" in text
    assert "- Owner: API team, by 28 May 2024. *anna, 09:38*" in text
    assert "owner API team" in text


def test_the_head_says_who_was_there_and_how_it_stood():
    text = markdown(minutes(on_duty="rob"))
    assert "- Present: anna, rob" in text
    assert "- On duty: rob" in text
    assert "- Unexplained: 12 % of 25 failures (40 % at the last meeting); 6 open" in text


def test_items_that_nobody_spoke_of_are_counted_not_listed():
    text = markdown(minutes(about(), about(title="Another"), about(title="Skipped", state="skipped")))
    assert "Not talked about: 2 items of the agenda." in text
    assert "Another" not in text
    assert "Not today." in text


def test_lines_and_the_hand_over_note_are_in_it():
    text = markdown(
        minutes(lines=(Said(text="Release moves", who="rob", at=AT, decided=False),), hand_over="One\n\nTwo")
    )
    assert "## Notes\n\n- Release moves *rob, 09:38*" in text
    assert "One  \nTwo" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_wrote_becomes_markup(text: str):
    written = plain(text)
    assert "\n" not in written
    for place, letter in enumerate(written):
        assert letter not in "<>[]`*~|@#&$" or written[place - 1] == "\\", (written, letter)
    assert "https://" not in written
    assert "www." not in written
    assert not written.startswith(("- ", "+ ", "1.", "=", ">", "#"))


def test_ordinary_sentences_stay_readable():
    for text in (
        "Owner: API team, by 28 May 2024.",
        "it passes (20 of 20), test_count too; e.g. a/b - done!",
        "3 runs",
    ):
        assert plain(text) == text


def test_a_ticket_is_a_link_and_nothing_else_is():
    assert "Ticket: <https://t.example/A-1>" in markdown(minutes(about(ticket="https://t.example/A-1", state="done")))
    for text in ("javascript:alert(1)", "https://a.example/> <b>", "https://a b", "https://a.example/\u202ex"):
        assert f"Ticket: {plain(text)}" in markdown(minutes(about(ticket=text, state="done")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_the_minutes_lets_markup_through(text: str):
    said = Said(text=text, who=text, at=AT)
    whole = minutes(
        about(title=text, test=text, verdict=text, reason=text, status=text, owner=text, ticket=text, said=(said,)),
        name=text, project=text, people=(text,), lines=(said,), hand_over=text, on_duty=text,
    )  # fmt: skip
    harmless = minutes(
        about(title="x", test="x", verdict="x", reason="x", status="x", owner="x", ticket="x",
              said=(Said(text="x", who="x", at=AT),)),
        name="x", project="x", people=("x",), lines=(Said(text="x", who="x", at=AT),), hand_over="x", on_duty="x",
    )  # fmt: skip

    def shape(minutes: Minutes) -> list[str]:
        return [line.split(" ")[0] for line in markdown(minutes).splitlines() if line.startswith(("#", "- "))]

    assert shape(whole) == shape(harmless)


def test_a_name_in_code_style_cannot_end_it():
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"
    assert code("a\nb") == "`a b`"


def test_what_cannot_be_seen_and_what_turns_a_line_around_is_left_out():
    assert plain("a\u202eb\u200bc\x00d\ufeff") == "abcd"


def test_the_rate_is_said_without_a_last_meeting_and_without_failures():
    assert rate_words(Figures()) == "Nothing failed, so nothing is unexplained"
    assert rate_words(Figures(failures=1, unexplained=1)) == "Unexplained: 100 % of 1 failure"


def test_a_tally_counts_what_was_spoken_of():
    said = (Said(text="a", who="b", at=AT), Said(text="c", who="b", at=AT, decided=False))
    met = tally(minutes(about(said=said), about(state="done"), about(state="skipped"), about()))
    assert (met.items, met.talked, met.decisions, met.people) == (4, 2, 1, 2)


@pytest.mark.parametrize(
    ("what", "after", "text", "sentence"),
    [
        ("owner", {"owner_name": "API team", "due": "2024-05-28"}, "", "Owner: API team, by 28 May 2024."),
        ("owner", {"owner_name": ""}, "", "No owner."),
        ("due", {"due": None}, "", "No due date."),
        ("status", {"status": "fix_claimed"}, "reverted", "Status: fix claimed: reverted"),
        ("watch", {"passes_wanted": 20}, "", "Watching the fix until 20 passes."),
        ("note", {}, "Read SECRET_KEY", "Read SECRET_KEY"),
        ("accepted", {}, "", "Verdict accepted."),
        ("ticket", {"ticket": ""}, "", "Ticket taken off."),
        ("blocker", {"blocker": True}, "", "It is a blocker."),
        ("of a later version", {}, "", "of a later version."),
    ],
)
def test_decisions_are_sentences(what: str, after: dict, text: str, sentence: str):
    assert told(what, after, text) == sentence


def test_an_overruled_verdict_says_what_it_is_instead():
    assert (
        told("overruled", {}, "the price list", verdict="test error") == "Verdict overruled: test error: the price list"
    )
