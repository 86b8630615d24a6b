"""The run page in every state."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from django.test import Client

from tests.dashboard import factory
from tests.dashboard.build import NOON, TEST, original
from tests.dashboard.states import HOSTILE, STATES
from triage.core.records import SECOND, Side
from triage.models import Project, Run

QUERIES = 18  # whatever the run holds, session and user included


class Elements(HTMLParser):
    """The names, classes and attributes of all elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def page(client: Client, run: Run, query: str = "") -> str:
    answer = client.get(f"/runs/{run.pk}{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.mark.parametrize("name", STATES)
def test_every_state_has_a_page_of_bounded_size_and_queries(
    name: str, signed_in: Client, cars: Project, django_assert_max_num_queries
):
    run = factory.analysed(cars, STATES[name]())
    for query in ("", "?times=raw", "?span=run", "?view=table"):
        with django_assert_max_num_queries(QUERIES):
            html = page(signed_in, run, query)
        assert len(html) < 200_000
        attributes = Elements(html).attributes
        assert not [name for name, _ in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("name", [name for name in STATES if name != "passed"])
def test_only_split_state_wears_the_split_colour(name: str, signed_in: Client, cars: Project):
    b = STATES[name]()
    html = page(signed_in, factory.analysed(cars, b))
    assert ("is-split" in html) == (b.verdicts[0].kind == "split_state")


def test_the_verdict_is_read_first_and_names_its_processes(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, original()))
    assert re.search(r"<h1>POST /cars/add was served by <em>gunicorn\[51463\]</em>, GET /cars by", html)
    text = plain(html)
    for words in (
        "Split state likely · 93 %",
        "Mechanism session key drawn per worker",
        "3 processes on ip-172-31-10-107",
        "+1.6 The write and the read",
        "\N{MINUS SIGN}0.3 Two sibling tests",
        "What to change A secret key drawn in each worker Give every worker the same key",
        "How to confirm Run the test five times",
        "What these logs cannot prove Which cars",
        "The journal carries no year and no zone",
        "pytest.log tests loguru",
        "written here: successfully added",
        "read here: Processing /GET request against /cars",
    ):
        assert words in text, words


def test_the_two_lines_stand_under_the_picture_with_the_deciding_words_marked(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, original()))
    for marked in ("<mark>51463</mark>", "<mark>51465</mark>", "<mark>figo</mark>", "<mark>/cars</mark>"):
        assert marked in html


def test_the_offset_of_the_clock_is_told_with_its_bounds(signed_in: Client, cars: Project):
    text = plain(page(signed_in, factory.analysed(cars, original(offset_s=-1378.7))))
    assert "server \N{MINUS SIGN}1,378.7 s (\N{MINUS SIGN}1,379.2 … \N{MINUS SIGN}1,378.2 s)" in text
    assert "times are shown 23 min later than logged" in text


def test_hostile_text_stays_text(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["hostile"](), name=HOSTILE.replace("\0", ""), branch="<b>main</b>")
    for query in ("", "?view=table", "?span=run"):
        html = page(signed_in, run, query)
        seen = Elements(html)
        assert "img" not in seen.names
        assert "b" not in Elements(html.split("<nav")[1].split("</nav")[0]).names
        assert not [value for name, value in seen.attributes if name == "onerror"]
        for char in ("\x1b", "\u202e", "\x00"):
            assert char not in html


def test_a_test_of_the_run_can_be_chosen(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["many_failures"]())
    html = page(signed_in, run, "?test=tests/test_many.py::test_case_3")
    assert "Case 3 failed for a reason of its own." in html
    assert 'aria-current="true"' in html
    assert "data-next" in html
    assert "data-previous" in html


def test_a_passed_test_of_the_run_has_its_lineup_too(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, STATES["passed"]()), "?test=tests/test_cars.py::test_1")
    assert "test_1 passed: there is nothing to explain." in html
    assert 'class="step' in html


def test_a_test_that_the_run_does_not_have_is_not_found(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    assert signed_in.get(f"/runs/{run.pk}?test=nothing").status_code == 404
    assert signed_in.get(f"/runs/{run.pk}?test=%00").status_code in (200, 404)


def test_a_queued_run_says_so_and_asks_again(signed_in: Client, cars: Project):
    run = factory.empty_run(cars)
    factory.part(run, Side.TESTS, "pytest.log")
    html = page(signed_in, run)
    assert "waiting for a worker" in html
    assert f'hx-get="/runs/{run.pk}/progress"' in html
    assert "not read yet" in html


def test_progress_moves_and_ends_with_the_page_anew(signed_in: Client, cars: Project):
    run = factory.empty_run(cars, status="processing", stage="parsing", done=420_000, total=1_000_000)
    html = signed_in.get(f"/runs/{run.pk}/progress").content.decode()
    assert "reading the files, 42 %" in html
    Run.objects.by_id(run.pk).update(status="ready")
    assert signed_in.get(f"/runs/{run.pk}/progress").headers["HX-Refresh"] == "true"


def test_an_old_answer_stays_while_a_new_one_is_made(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    Run.objects.by_id(run.pk).update(status="queued", revision=2)
    html = page(signed_in, run)
    assert "waiting for a worker" in html
    assert "gunicorn[51463]" in html


def test_a_failed_run_says_why_and_which_part(signed_in: Client, cars: Project):
    run = factory.empty_run(cars, status="failed", error="No part could be read.")
    factory.part(run, Side.TESTS, "pytest.log", state="unreadable", problem="This file is empty.")
    text = plain(page(signed_in, run))
    assert "This run could not be analysed. No part could be read." in text
    assert "This file is empty." in text


def test_a_run_without_files_says_what_to_do(signed_in: Client, cars: Project):
    run = factory.empty_run(cars, status="ready", analysed_revision=1)
    assert "Upload some with the same run_key" in page(signed_in, run)


def test_dropped_lines_are_said_to_be_dropped(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    Run.objects.by_id(run.pk).update(lines_gone_at=datetime.now(UTC))
    assert "Retention has dropped the log lines" in page(signed_in, run)


def test_the_picture_alone_is_a_fragment(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    headers = {"HX-Request": "true", "HX-Target": "lineup"}
    html = signed_in.get(f"/runs/{run.pk}?times=raw", headers=headers).content.decode()
    assert html.lstrip().startswith("<section")
    assert "<html" not in html


@pytest.mark.parametrize("query", ["step=1", "served=1", "step=3"])
def test_the_lines_of_both_logs_around_a_step(
    query: str, signed_in: Client, cars: Project, django_assert_max_num_queries
):
    run = factory.analysed(cars, original(offset_s=-1378.7))
    with django_assert_max_num_queries(14):
        html = signed_in.get(f"/runs/{run.pk}/lines?{query}").content.decode()
    assert "2024-05-23 12:11:07.000 | INFO | PASS: Successfully added" in plain(html).replace("&#x27;", "'")
    assert "gunicorn[" in html
    assert "11:48:08.300" in html  # as logged
    assert "12:11:07.000" in html  # on the tests' clock
    assert "<html" in html
    fragment = signed_in.get(f"/runs/{run.pk}/lines?{query}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment


@pytest.mark.parametrize("query", ["", "step=999", "step=-1", "served=x", "step=99999999999999", "step=²"])
def test_lines_around_nothing_are_not_found(query: str, signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    assert signed_in.get(f"/runs/{run.pk}/lines?{query}").status_code == 404


@pytest.mark.parametrize("name", STATES)
def test_every_step_of_every_state_has_its_lines(name: str, signed_in: Client, cars: Project):
    b = STATES[name]()
    run = factory.analysed(cars, b)
    for index in {0, len(b.steps) - 1}:
        assert signed_in.get(f"/runs/{run.pk}/lines?step={index}").status_code == 200
    if b.served:
        assert signed_in.get(f"/runs/{run.pk}/lines?served={len(b.served) - 1}").status_code == 200


def test_the_table_tells_the_same_as_the_picture(signed_in: Client, cars: Project):
    text = plain(page(signed_in, factory.analysed(cars, original()), "?view=table"))
    assert "write PASS: Successfully added new car" in text
    assert "gunicorn 51465 12:11:08.000 97 % path, time" in text


def test_the_chosen_view_is_kept_when_another_is_chosen(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, original()), f"?test={TEST}&times=raw")
    assert "&amp;times=raw&amp;view=table" in html


def test_pages_are_private(signed_in: Client, cars: Project):
    answer = signed_in.get(f"/runs/{factory.analysed(cars, original()).pk}")
    assert "private" in answer.headers["Cache-Control"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_code_in_a_sentence_is_set_as_code_and_still_escaped(signed_in: Client, cars: Project):
    b = original()
    b.remarks = ("Use `gunicorn <b>--access-logfile -</b>` here.", "An odd ` stays.")
    html = page(signed_in, factory.analysed(cars, b))
    assert "Use <code>gunicorn &lt;b&gt;--access-logfile -&lt;/b&gt;</code> here." in html
    assert "An odd ` stays." in html


def test_a_verdict_that_cannot_tell_shows_no_percentage(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, STATES["unexplained"]()))
    badge = html.split('class="badge">', 1)[1].split("</span>", 1)[0]
    assert "Unexplained" in badge
    assert "%" not in badge


def test_clocks_that_contradict_each_other_are_told(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    run.refresh_from_db()
    run.clocks[0]["remarks"] = ["The stamps inside the messages run 1,378.9 s ahead."]
    run.save()
    assert "The stamps inside the messages run 1,378.9 s ahead." in page(signed_in, run)


def captions(signed_in: Client, cars: Project, **clock: object) -> str:
    run = factory.analysed(cars, original(offset_s=-2.5))
    run.clocks[0] |= clock
    run.save()
    return plain(page(signed_in, run)).replace("&#x27;", "'")


def test_a_clock_that_drifts_is_told_with_the_moment_of_its_offset(signed_in: Client, cars: Project):
    text = captions(signed_in, cars, skew_ppm=-200.0, at_us=NOON)
    assert (
        "The server's clock loses 720 ms an hour against the tests': at 12:11:07.000 its times are shown 2.5 s" in text
    )
    assert "; the offset then lies within \N{MINUS SIGN}3.0 … \N{MINUS SIGN}2.0 s." in text
    assert "(\N{MINUS SIGN}3.0 … \N{MINUS SIGN}2.0 s), loses 720 ms an hour" in text


def test_a_clock_that_was_set_in_mid_run_is_told_with_both_offsets(signed_in: Client, cars: Project):
    jump = {"at_us": NOON + SECOND, "by_us": 2 * SECOND, "low_us": 2 * SECOND, "high_us": 2 * SECOND}
    text = captions(signed_in, cars, jumps=[jump])
    assert (
        "A clock was set in mid-run. The server's times are shown 2.5 s later than logged, from 12:11:08.000 on"
        " 500 ms later. The offset before that lies within"
    ) in text
    assert "set in mid-run Seen in" in text or "set in mid-run Tests" in text


def test_narrow_bounds_are_written_so_that_they_differ(signed_in: Client, cars: Project):
    text = captions(signed_in, cars, offset_us=241_000, low_us=233_000, high_us=248_000)
    assert "server +0.241 s (+0.233 … +0.248 s)" in text
