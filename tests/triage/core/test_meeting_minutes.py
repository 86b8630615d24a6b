"""Minutes as Markdown: complete, and whatever people or logs wrote stays text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest

from triage.core.meeting.holding import Held, holding, in_effect
from triage.core.meeting.markdown import code, markdown, plain
from triage.core.meeting.minutes import About, Figures, Minutes, Said, rate_words, tally
from triage.core.meeting.outline import cut, outline
from triage.core.meeting.to_do import HEADING
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


def test_who_does_what_by_when_comes_first_by_owner_and_by_day():
    said = Said(text="Status: investigating.", who="anna", at=AT, what="status")
    owned = Said(text="Owner: rob.", who="anna", at=AT, what="owner")
    met = minutes(
        about(title="No day", owner="rob", said=(owned,)),
        about(title="Soon", owner="rob", due=date(2024, 5, 28), said=(owned, said), ticket="https://t.example/A-1"),
        about(title="Late", owner="API team", due=date(2024, 5, 20), state="done"),
        about(title="Nobodys", said=(said,)),
        about(title="Looked at", state="done"),
        about(title="Resolved", owner="rob", closed=True, said=(said,)),
        about(title="Not spoken of", owner="rob"),
        about(title="Not today", owner="rob", state="skipped"),
    )
    text = markdown(met).partition("\n\n## New")[0].partition("## Who does what by when\n\n")[2]
    assert text.splitlines() == [
        "- **API team**",
        "  - Late, by 20 May 2024 (overdue)",
        "- **rob**",
        "  - Soon, by 28 May 2024: Status: investigating <https://t.example/A-1>",
        "  - No day",
        "- **Nobody yet**",
        "  - Nobodys: Status: investigating",
    ]


def test_where_nothing_is_left_to_do_there_is_no_list_of_it():
    assert HEADING not in markdown(minutes(about(closed=True, owner="rob", state="done"), about()))


def a(what: str, item: int = 1, **after: object) -> Held:
    return Held(item=item, what=what, after=after)


@pytest.mark.parametrize(
    ("decided", "held"),
    [
        ((a("accepted", kind="split_state"), a("accepted", kind="split_state")), "-accepted"),
        ((a("accepted"), a("overruled", kind="test_error")), "-overruled"),
        ((a("accepted"), a("accepted", item=2)), "accepted accepted"),
        ((a("status", status="investigating"), a("watch", status="observing", passes_wanted=20)), "-watch"),
        ((a("blocker", blocker=True), a("blocker", blocker=False)), "-blocker"),
        ((a("owner", owner_name="anna", due="2024-05-28"), a("due", due="2024-05-30")), "owner due"),
        ((a("owner", owner_name="anna", due="2024-05-28"), a("owner", owner=2, owner_name="rob")), "due owner"),
        ((a("owner", owner_name="anna"), a("owner", owner=2, owner_name="rob")), "-owner"),
        ((a("note"), a("note"), a("status", status="resolved")), "note note status"),
        ((a("of a later version"), a("of a later version")), "of a later version of a later version"),
    ],
)
def test_of_several_decisions_about_the_same_the_last_holds(decided: tuple[Held, ...], held: str):
    found = [one.what if one is not None else "-" for one in holding(decided)]
    assert " ".join(found).replace("- ", "-") == held


def test_what_went_back_to_how_it_was_is_no_line_of_the_minutes_but_can_be_undone_in_the_meeting():
    on = Held(item=1, what="blocker", before={"blocker": False}, after={"blocker": True})
    off = Held(item=1, what="blocker", before={"blocker": True}, after={"blocker": False})
    assert in_effect((on, off)) == [None, None]
    assert holding((on, off)) == [None, off]
    assert in_effect((on,)) == [on] and in_effect((off,)) == [off]
    assert in_effect((on, off, on)) == [None, None, on]
    why = msgspec.structs.replace(off, text="not after all")
    assert in_effect((on, why)) == [None, why]


def test_what_is_left_of_a_decision_tells_only_what_still_holds():
    first, _ = holding((a("owner", owner_name="anna", due="2024-05-28"), a("due", due="2024-05-30")))
    assert first is not None
    assert told(first.what, first.after) == "Owner: anna."


def test_an_outline_holds_the_same_and_is_cut_between_rows():
    said = Said(text="Owner: rob, by 28 May 2024.", who="anna", at=AT, what="owner")
    met = minutes(about(owner="rob", due=date(2024, 5, 28), said=(said,)), hand_over="One\n\nTwo", on_duty="rob")
    whole = outline(met)
    assert [chapter.title for chapter in whole.chapters] == ["", HEADING, "New", "Hand-over"]
    rows = ["".join(piece.text for piece in row.pieces) for chapter in whole.chapters for row in chapter.rows]
    assert "Car count, by 28 May 2024" in rows and "Owner: rob, by 28 May 2024. (anna, 09:38)" in rows
    assert whole.whole and rows[-2:] == ["One", "Two"]
    for most in range(0, 400, 7):
        part = cut(whole, most)
        assert part.whole or sum(row.length for chapter in part.chapters for row in chapter.rows) <= most
        assert len(rows) == len([row for chapter in part.chapters for row in chapter.rows]) if part.whole else True


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
