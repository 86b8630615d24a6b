"""What messages say, as text: sentences, counts, links, and that nothing in a log breaks out of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from tests.stand_ins.slack import wrong_with
from triage.core.meeting.markdown import markdown
from triage.core.meeting.minutes import About, Figures, Minutes, Said
from triage.core.meeting.outline import outline
from triage.core.notices import github, mail, slack
from triage.core.notices.choose import asks_for, fits, on_branch
from triage.core.notices.compose import compose, quoted_of
from triage.core.notices.plain import JOINER, line
from triage.core.notices.pull_request import belongs, number
from triage.core.notices.reachable import refusal
from triage.core.notices.records import Line, Message, Told, told_from
from triage.core.notices.tries import LONGEST_S, PATIENCE_S, pause

SITE = "https://lineup.example.com"
RUN = "7b6d3a52-6f6e-4a55-9d3b-0c7b3e1d0001"
HOSTILE = (
    '<!channel> <@U123> <https://evil.example|login> @here @channel @all ~channel &amp; *bold* `code` ``` '
    '_it_ [x](http://e) '
    '<script>alert(1)</script> <img src=x onerror=alert(1)> "quote\' --> <!-- lineup: --> #12 '
    'acme/boats#3 www.evil.example '
    "https://evil.example/ \r\nBcc: x@y \u202e\u0000\u2028 | GH-7 $x$"
)  # fmt: skip


def told(event: str = "opened", **more: object) -> Told:
    data = {
        "group": 7, "test": "tests/test_api.py::test_cars", "summary": "Worker 1 wrote it, worker 2 never saw it.",
        "kind": "split_state", "level": "likely", "confidence": 0.93, "run": RUN, "run_name": "nightly #4001",
        "branch": "main", "commit": "9f2c1ab7d0",
    } | more  # fmt: skip
    return told_from(event, data)[0]


def run_told(**more: object) -> Told:
    failures = [
        {"test": f"t.py::test_{n}", "sentence": f"Sentence {n}.", "kind": "split_state", "level": "likely",
         "confidence": 0.9, "path": f"/runs/{RUN}?test=t.py%3A%3Atest_{n}"}
        for n in range(7)
    ]  # fmt: skip
    data = {
        "run_id": RUN, "run": "nightly #4001", "branch": "main", "commit": "9f2c1ab7d0aa",
        "counts": {"total": 9, "passed": 2, "failed": 7}, "failures": failures, "more": 3,
    } | more  # fmt: skip
    return told_from("run", data)[0]


def message(*all_told: Told, quoted: dict | None = None) -> Message:
    return compose("Cars API", "cars-api", SITE, all_told, quoted or {}, "/p/cars-api/settings/notifications")


def everything(hostile: str) -> Message:
    one = told(test=hostile, summary=hostile, run_name=hostile, branch=hostile, commit=hostile, kind=hostile, level="x")
    run = run_told(run=hostile, branch=hostile, counts={"total": 1, "failed": 1}, failures=[
        {"test": hostile, "sentence": hostile, "kind": hostile, "level": hostile, "path": "/runs/x"}
    ])  # fmt: skip
    quoted = {(RUN, hostile): (Line(line(hostile), line(hostile)),)}
    return compose(hostile, "cars-api", SITE, (one, run), quoted, "/p/cars-api/")


@pytest.mark.parametrize(
    ("all_told", "headline"),
    [
        ((told(),), "Cars API: new failure: test_cars"),
        ((told("came_back"),), "Cars API: came back after it was resolved: test_cars"),
        ((told("failed_again"),), "Cars API: failed again while its fix was observed: test_cars"),
        ((told(), told(test="b")), "Cars API: 2 new failures"),
        ((told(), told("came_back")), "Cars API: came back after it was resolved, new failure"),
        ((run_told(),), "Cars API: 7 of 9 tests failed in nightly #4001"),
        ((run_told(), run_told()), "Cars API: 2 runs with failures"),
        ((told("mention", who="Grace", text="@ada look"),), "Grace mentioned you: test_cars"),
        ((told("assigned", who="Grace"),), "Grace gave you test_cars"),
        ((told("assigned", who="Grace", count=60),), "Grace gave you test_cars and 59 more"),
        ((told("minutes", title="Monday"),), "Minutes of Monday"),
    ],
)
def test_the_headline_says_what_happened(all_told, headline):
    assert message(*all_told).headline == headline


def test_a_single_failure_links_to_its_group_and_a_run_to_itself():
    assert message(told()).url == f"{SITE}/groups/7"
    assert message(run_told()).url == f"{SITE}/runs/{RUN}"
    assert message(told(), told()).url == f"{SITE}/runs/{RUN}"
    assert message(told(), told(run="x")).url == f"{SITE}/p/cars-api/groups"


def test_a_failure_stands_once_in_a_message_that_also_tells_of_its_run():
    made = message(told(test="t.py::test_0"), run_told())
    titles = [item.title for section in made.sections for item in section.items]
    assert titles == [f"test_{n}" for n in range(6)]
    assert "test_api_example" in slack.text(message(told(test="t.py::test_api_example"))), "names can be copied"


def test_a_link_that_leads_elsewhere_is_none():
    for path in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "relative"):
        assert message(told_from("minutes", {"title": "x", "url": path})[0]).url == f"{SITE}/p/cars-api/"
    absolute = f"{SITE}/meetings/3/minutes"
    assert message(told_from("minutes", {"title": "x", "url": absolute})[0]).url == absolute


def test_only_the_first_few_failures_are_named_and_the_others_counted():
    (section,) = message(run_told()).sections
    assert len(section.items) == 5 and section.more == "and 5 more"
    (section,) = message(*(told(test=f"t{n}") for n in range(30))).sections
    assert len(section.items) == 5 and section.more == "and 25 more"


def test_only_the_lines_of_what_is_named_are_asked_for():
    many = [told(test=f"t{n}") for n in range(30)] + [run_told()]
    assert len(quoted_of(many)) == 10


def test_the_two_lines_stand_under_their_failure():
    quoted = {(RUN, "tests/test_api.py::test_cars"): (Line("written by gunicorn[1]", "“added figo”"),)}
    made = message(told(), quoted=quoted)
    for text in (slack.text(made), json.dumps(slack.payload(made)), mail.letter(made, "").text):
        assert "written by gunicorn" in text and "added figo" in text


@pytest.mark.parametrize(
    "data", [{}, {"test": 3, "counts": "x", "failures": {"a": 1}, "confidence": "high"}, {"items": [1]}]
)
def test_data_of_any_shape_makes_a_message(data):
    for event in ("opened", "run", "minutes", "mention", "assigned", "test", "something"):
        if event != "something":
            made = message(*told_from(event, data))
            assert made.headline and slack.payload(made) and mail.letter(made, "why")


def test_hostile_text_is_literal_in_slacks_blocks_and_dead_in_its_text():
    made = everything(HOSTILE)
    assert wrong_with(slack.blocks(made)) == ""
    text = slack.text(made)
    for word in (
        "<!",
        "<@",
        "@here",
        "@channel",
        "@all",
        "~channel",
        "](",
        "`",
        "<https://evil",
        "<script",
        "https://evil",
    ):
        assert word not in text
    links = re.findall(r"<([^|>]*)\|", text)
    assert links and all(link.startswith(SITE) for link in links)
    assert len(re.findall(r"<", text)) == len(links)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags_of(html: str) -> Tags:
    parser = Tags()
    parser.feed(html)
    return parser


def test_hostile_text_is_text_in_a_mail_and_its_subject_one_line():
    letter = mail.letter(everything(HOSTILE), HOSTILE)
    assert "\n" not in letter.subject and "\r" not in letter.subject and len(letter.subject) <= 180
    parser = tags_of(letter.html)
    allowed = {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "b", "a", "pre"}
    assert {tag for tag, _ in parser.tags} <= allowed
    assert all(attrs["href"].startswith(SITE) for tag, attrs in parser.tags if tag == "a")
    assert not any(name.startswith("on") for _, attrs in parser.tags for name in attrs)


def test_hostile_text_formats_links_and_mentions_nothing_in_a_pull_request():
    run = run_told(counts={"total": 1, "failed": 1})
    text = github.comment("lineup:cars:0", run, everything(HOSTILE))
    assert text.count("<!--") == 1 and text.startswith("<!-- lineup:cars:0 -->")
    outside = re.sub(r"(`+) .*? \1(?!`)", "", text.replace("\\`", ""))
    assert "<script" not in outside and "<img" not in outside
    assert not re.search(r"@[A-Za-z]", outside) and not re.search(r"#\d", outside)
    assert "https://evil" not in outside and "www.evil" not in outside
    assert all(target.startswith(SITE) for target in re.findall(r"(?<!\\)\]\(([^)]*)\)", outside))


def test_a_status_is_short_and_of_the_states_that_github_knows():
    body = github.status(run_told(), f"{SITE}/runs/{RUN}")
    assert body["state"] == "failure" and body["description"].startswith("7 of 9 tests failed: Sentence 0.")
    body = github.status(run_told(failures=[{"sentence": "@team " + "x" * 5000}]), SITE)
    assert len(body["description"]) <= 140 and "@team" not in body["description"]
    assert github.status(run_told(counts={"total": 9, "passed": 9}, failures=[]), SITE)["state"] == "success"


@given(st.text(max_size=200))
def test_any_text_at_all_makes_messages_that_channels_take(text):
    made = everything(text)
    assert wrong_with(slack.blocks(made)) == ""
    assert "\n" not in mail.letter(made, text).subject
    links = re.findall(r"<([^|>]*)\|", slack.text(made))
    assert all(link.startswith(SITE) for link in links)
    assert slack.text(made).count("<") == len(links)


def test_a_message_of_the_largest_texts_stays_within_bounds():
    huge = "x" * 60_000 + " `" * 20_000
    made = everything(huge)
    assert len(slack.text(made)) < 8_000 and len(json.dumps(slack.payload(made))) < 60_000
    assert len(mail.letter(made, "").text) < 20_000
    assert len(github.comment("m", run_told(), made)) <= 65_536
    minutes = message(told_from("minutes", {"title": "m", "markdown": huge * 3})[0])
    assert len(slack.text(minutes)) < 8_000 and wrong_with(slack.blocks(minutes)) == ""


def minutes_told(*items: About, **more: object) -> Message:
    at = datetime(2024, 5, 24, 9, 30, tzinfo=UTC)
    met = {
        "name": "Monday", "project": "Cars", "began_at": at, "ended_at": at, "people": ("anna",), "figures": Figures(),
        "items": items, "lines": (),
    } | more  # fmt: skip
    minutes = Minutes(**met)
    data = {"title": "m", "url": "/meetings/3/minutes", "markdown": markdown(minutes)}
    return message(*told_from("minutes", data | {"outline": to_builtins(outline(minutes))}))


def an_item(text: str = "Car count", said: int = 1) -> About:
    words = Said(text=text, who=text, at=datetime(2024, 5, 24, 9, 38, tzinfo=UTC), what="note")
    return About(
        title=text, test=text, kind="split_state", verdict=text, section="new", reason=text, group=7, owner=text,
        due=date(2024, 5, 28), ticket="https://t.example/a|b?c=<d>", said=(words,) * said,
    )  # fmt: skip


def test_minutes_in_slack_are_lists_with_links_and_not_the_source_of_markdown():
    made = slack.blocks(minutes_told(an_item()))
    assert wrong_with(made) == ""
    assert "preformatted" not in str(made) and "**" not in str(made) and "###" not in str(made)
    to_do = next(block for block in made if "Who does what by when" in str(block))
    lists = [element for element in to_do["elements"] if element["type"] == "rich_text_list"]
    assert [each["indent"] for each in lists] == [0, 1]
    task = lists[1]["elements"][0]["elements"]
    assert task[0] == {"type": "link", "url": f"{SITE}/groups/7", "text": "Car count"}
    assert task[1]["text"] == ", by 28 May 2024" and task[-1]["url"] == "https://t.example/a|b?c=<d>"


def test_minutes_of_any_length_fit_into_slack_and_what_is_cut_is_a_link_away():
    for text, said, items in (("x" * 1_400, 40, 60), ("Car count", 1, 200), ("y" * 5_000, 3, 3)):
        whole = minutes_told(*[an_item(text, said)] * items, hand_over="One\n" * 400)
        made = slack.blocks(whole)
        assert wrong_with(made) == ""
        assert made[-2]["elements"][0]["elements"] == [
            {"type": "link", "url": f"{SITE}/meetings/3/minutes", "text": "The rest of the minutes"}
        ]
        assert len(slack.text(whole)) < 8_000
        assert "The rest of the minutes" in mail.letter(whole, "").html or said * items * len(text) < 40_000
    assert "The rest" not in str(slack.blocks(minutes_told(an_item())))


@given(st.text(max_size=200) | st.sampled_from([HOSTILE]))
def test_any_text_in_minutes_stays_text_in_every_channel(text):
    made = minutes_told(an_item(text), hand_over=text, lines=an_item(text).said, on_duty=text, people=(text,))
    assert wrong_with(slack.blocks(made)) == ""
    links = re.findall(r"<([^|>]*)\|", slack.text(made))
    assert all(link.startswith((SITE, "https://t.example/a%7Cb")) for link in links)
    assert slack.text(made).count("<") == len(links)
    assert "<script" not in mail.letter(made, "").html and "<img" not in mail.letter(made, "").html


def test_minutes_in_slack_show_what_was_written_and_no_backslashes_of_markdown():
    """Slack's rich text is literal: an escaped name stood there as \\<script\\>."""
    made = message(told_from("minutes", {"title": "m", "markdown": r"- \-1 \<b\> a\\b *ada*"})[0])
    assert r"- -1 <b> a\b *ada*" in json.dumps(slack.blocks(made)).replace("\\\\", "\\")


@pytest.mark.parametrize(
    ("pattern", "name", "does"),
    [
        ("main", "main", True), ("main", "maine", False), ("*", "", True), ("release/*", "release/1.2", True),
        ("release/*", "hotfix/release/1", False), ("*-stable", "1.2-stable", True), ("a*b*c", "aXbYc", True),
        ("a*b*c", "acb", False), ("ab*ba", "aba", False), ("*a*a*a*", "aa", False), ("**", "x", True),
        ("feature-?", "feature-1", False), ("[ab]", "a", False),
    ],
)  # fmt: skip
def test_a_star_stands_for_anything_and_nothing_else_is_special(pattern, name, does):
    assert fits(pattern, name) is does


def test_a_pattern_of_many_stars_is_quick():
    assert fits("*a" * 200 + "b", "a" * 50_000) is False


def test_branches_are_known_by_their_short_names_too():
    assert on_branch("main", "refs/heads/main") and on_branch("refs/heads/main", "main") and on_branch("", "x")
    assert not on_branch("main, release/*", "figo") and on_branch(" , main", "main")


def test_a_rule_that_wants_to_be_surer_passes_what_is_surer_still():
    assert asks_for([], "likely", "split_state", "confirmed")
    assert not asks_for([], "confirmed", "split_state", "likely")
    assert not asks_for(["split_state"], "", "", "") and asks_for([], "", "", "")


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("169.254.169.254", True), ("fe80::1", True), ("fe80::1%eth0", True), ("::ffff:169.254.169.254", True),
        ("64:ff9b::a9fe:a9fe", True), ("2002:a9fe:a9fe::", True), ("fd00:ec2::254", True), ("100.100.100.200", True),
        ("0.0.0.0", True), ("::", True), ("224.0.0.1", True), ("255.255.255.255", True), ("240.0.0.1", True),
        ("127.0.0.1", False), ("::1", False), ("10.0.0.1", False), ("fd00::1", False), ("93.184.215.14", False),
        ("nonsense", True),
    ],
)  # fmt: skip
def test_link_local_and_metadata_addresses_are_refused_even_where_private_ones_are_allowed(address, refused):
    assert bool(refusal(address, private_allowed=True)) is refused


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "fd00::1", "100.64.0.1"]
)
def test_private_addresses_are_refused_unless_the_operator_allows_them(address):
    assert "LINEUP_PRIVATE_TARGETS" in refusal(address, private_allowed=False)
    assert refusal(address, private_allowed=True) == ""


def test_pauses_grow_are_bounded_and_honour_what_the_other_side_asks():
    own = [pause(n, None, 0.5) for n in range(1, 13)]
    assert own == sorted(own) and own[0] == 30 and own[-1] == LONGEST_S
    assert sum(own[:-1]) > 4 * 3600
    assert pause(1, 7, 0.5) == 7 and pause(1, 10**9, 0.5) == PATIENCE_S and pause(1, 0, 0.5) == 1
    assert pause(6, 1, 0.5) > 300, "who always says one second is not asked every second"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"pull_request": "12"}, 12), ({"pull_request": "12 "}, 12), ({"pull_request": "0"}, None),
        ({"pull_request": "12; rm"}, None), ({"pull_request": "9" * 30}, None),
        ({"branch": "refs/pull/12/merge"}, 12), ({"branch": "pull/12/head"}, 12), ({"branch": "12/merge"}, 12),
        ({"branch": "feature/12/merge/x"}, None), ({"ci_url": "https://github.com/a/b/pull/12/checks"}, 12),
        ({"ci_url": "https://[x/pull"}, None), ({}, None),
    ],
)  # fmt: skip
def test_the_number_of_a_pull_request_is_read_where_a_run_tells_it(more, expected):
    assert number(told_from("run", more)[0]) == expected


def test_a_run_of_another_repository_does_not_belong():
    def belonging(**more: str) -> bool:
        return belongs(told_from("run", more)[0], "acme/cars")

    assert belonging() and belonging(run_key="github/Acme/Cars/1/1") and belonging(run_key="jenkins/boats/1")
    assert belonging(ci_url="https://ci.example.com/job/boats/12") and belonging(ci_url="https://x/acme/cars/actions/1")
    assert not belonging(run_key="github/acme/boats/1/1")
    assert not belonging(ci_url="https://github.com/mallory/cars/actions/runs/1")
    assert not belonging(run_key="github/acme/cars/1/1", ci_url="https://github.com/acme/boats/actions/runs/1")


def test_lines_are_single_and_hide_nothing():
    assert line("a\x00b\u202ec\r\nd\te", 50) == "a bc d e"
    assert line("x" * 100, 10) == "x" * 9 + "…"
    assert JOINER not in line("@here", 50)
