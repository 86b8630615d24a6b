"""The page of all formats, and the box that says what pasted lines are."""

from __future__ import annotations

import io
import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from ingest.formats import ansi
from ingest.formats.line_format import LineFormat, compiled, preferred
from ingest.formats.registry import FORMATS
from ingest.formats.source import PartSource
from ingest.formats.wrapping.registry import WRAPPERS
from ingest.formats.wrapping.unwrap import unwrapped
from ingest.pages.catalogue import cards, grouped
from ingest.pages.produced import GROUPS, PRODUCED
from ingest.pages.tried import PASTE_LIMIT, bounded, read_as, tried
from tests.dashboard import factory
from tests.ingest.server_parts import SAMPLES
from triage.core.records import Side
from triage.models import Project
from triage.store import settings as store

JOURNAL = """\
Nov 23 01:30:00 web1 gunicorn[51463]: [2026-11-23 01:30:00 +0000] [51463] [INFO] Booting worker with pid: 51463
Nov 23 01:30:01 web1 gunicorn[51463]: 127.0.0.1 - - [23/Nov/2026:01:30:01 +0000] "POST /cars/add HTTP/1.1" 200 105
Nov 23 01:30:02 web1 gunicorn[51465]: 127.0.0.1 - - [23/Nov/2026:01:30:02 +0000] "GET /cars HTTP/1.1" 200 34
what is this
"""


@pytest.mark.parametrize("each", [*FORMATS, *WRAPPERS], ids=lambda each: each.NAME)
def test_every_format_has_its_place_its_command_and_a_sample(each):
    assert each.NAME in PRODUCED, "say in ingest/pages/produced.py which group it is of and what makes it"
    assert PRODUCED[each.NAME].group in dict(GROUPS)
    assert PRODUCED[each.NAME].command
    assert any(card.name == each.NAME and card.sample.strip() for card in cards())


def test_no_format_that_is_gone_is_still_listed():
    assert set(PRODUCED) == {each.NAME for each in (*FORMATS, *WRAPPERS)}


def test_what_a_format_tells_is_what_its_sample_told():
    told = {card.name: card.telling for card in cards()}
    assert told["journal-short"].times == "to the second, no zone"
    assert told["journal-short-precise"].times == "to 1 µs, no zone"
    assert told["journal-json"].times == "to 1 µs, with zone"
    assert told["journal-json"].processes == "PID proven"
    assert told["uvicorn"].times == ""
    assert "boot" in told["gunicorn-error"].lives
    assert told["docker-timestamps"].times == "to 1 µs, with zone"
    assert told["docker-compose"].names


@pytest.mark.parametrize(("wanted", "found"), [("journal export", "journal-export"), ("--junitxml", "junit-xml")])
def test_the_search_finds_formats_by_all_of_its_words(wanted: str, found: str):
    names = [card.name for group in grouped(wanted) for card in group.cards]
    assert found in names
    assert len(names) < len(cards())
    assert grouped("no such thing anywhere") == ()


def test_pasted_lines_are_told_line_by_line():
    (section,) = tried(JOURNAL, preferred((), None)).sections
    assert section.name == "journal-short"
    assert section.sentence == "3 of 4 lines are understood; line 4 is not."
    assert section.sentences[0] == "2 processes, with entries: gunicorn[51463] (2), gunicorn[51465] (1)."
    assert section.understood is not None
    boot, post, get, lost = section.understood.rows
    assert (boot.at, boot.who, boot.life) == ("2026-11-23 01:30:00", "web1 gunicorn[51463]", "51463 begins")
    assert (post.what, get.who) == ("POST /cars/add → 200", "web1 gunicorn[51465]")
    marks = {bit.field: bit.text for bit in get.bits if bit.field}
    assert marks == {
        "time": "23/Nov/2026:01:30:02 +0000", "host": "web1", "unit": "gunicorn", "pid": "51465", "method": "GET",
        "path": "/cars", "status": "200",
    }  # fmt: skip
    assert (lost.state, lost.number, lost.why) == ("lost", 4, "Not understood: it is kept, and counted.")


def test_what_a_paste_shows_is_the_paste_to_the_letter():
    for path in sorted(SAMPLES.rglob("*.*"))[::7]:
        if path.suffix in (".md", ".json", ".py") or path.stat().st_size > 300_000:
            continue
        text, _ = bounded(path.read_text("utf-8", "replace"))
        source = PartSource("pasted", io.BytesIO(text.encode()))
        if unwrapped(source) is not source:
            continue  # shown without its wrapper
        written = {number: ansi.strip(raw) for number, raw in source.lines()}
        for section in tried(text, preferred((), None)).sections:
            for row in section.understood.rows if section.understood else ():
                if row.state != "more":
                    assert "".join(bit.text for bit in row.bits) == written[row.number][:1000], (path, row.number)


def test_a_continuation_says_where_it_belongs():
    found = compiled(LineFormat(name="x", pattern="{time} {message}", side=Side.SERVER))
    text = b"2026-11-23 01:30:00 a\n  goes on\n\nlost\n"
    understood = read_as(PartSource("x", io.BytesIO(text)), found).understood
    assert understood is not None
    assert [(row.number, row.state, row.why) for row in understood.rows] == [
        (1, "read", ""), (2, "joined", "goes with line 1"), (4, "lost", "It does not begin with {time}."),
    ]  # fmt: skip


def test_many_lines_that_go_on_are_counted():
    found = compiled(LineFormat(name="x", pattern="{time} {message}", side=Side.SERVER))
    text = b"2026-11-23 01:30:00 a\n" + b"  goes on\n" * 50 + b"2026-11-23 01:30:01 b\n"
    understood = read_as(PartSource("x", io.BytesIO(text)), found).understood
    assert understood is not None
    assert [row.number for row in understood.rows] == [1, 2, 3, 4, 5, 51, 52]
    assert understood.rows[5].why == "46 more lines like this with line 1"


def test_a_paste_of_several_formats_is_told_piece_by_piece_with_what_stands_around_them():
    text = (SAMPLES / "mixed" / "tail-of-two-logs.txt").read_text()
    result = tried(text, preferred((), None))
    assert [section.name for section in result.sections] == ["gunicorn-error", "journal-short"]
    assert result.around == len(result.around_rows) > 0


def test_a_paste_is_looked_at_up_to_its_bound_and_no_line_is_torn():
    text, cut = bounded("é" * 100 + "\n" + "x" * PASTE_LIMIT)
    assert (text, cut) == ("é" * 100, True)
    text, cut = bounded("é" * PASTE_LIMIT)
    assert cut
    assert len(text.encode()) <= PASTE_LIMIT
    assert bounded("short\ud800") == ("short?", False)


def test_a_long_paste_shows_its_first_lines_and_counts_the_others():
    text = JOURNAL.splitlines()[1] + "\n"
    (section,) = tried(text * 500 + "what\n" * 3, preferred((), None)).sections
    assert section.understood is not None
    assert len(section.understood.rows) == 400
    assert section.understood.left_out == 103
    assert [row.number for row in section.understood.besides] == [501, 502, 503]


def test_the_page_lists_all_formats_and_the_box_works_without_a_script(signed_in: Client):
    page = signed_in.get("/formats").content.decode()
    assert page.count("<article") == len(cards())
    answer = signed_in.post("/formats/try", {"lines": JOURNAL})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<html" in page
    assert "3 of 4 lines are understood" in page
    assert "what is this</textarea>" in page.replace("\n", "")


def test_htmx_gets_fragments(signed_in: Client):
    headers = {"HX-Request": "true"}
    answer = signed_in.post("/formats/try", {"lines": JOURNAL}, headers=headers).content.decode()
    assert "<html" not in answer
    assert "3 of 4 lines are understood" in answer
    nothing = signed_in.post("/formats/try", {"lines": " \n"}, headers=headers)
    assert "Paste some lines first" in nothing.content.decode()
    found = signed_in.get("/formats?q=junit", headers=headers).content.decode()
    assert "<html" not in found
    assert 'id="reports-junit-xml"' in found
    assert 'id="servers-uwsgi"' not in found


HOSTILE = [
    "\0\x01\x02" * 100, "<script>alert(1)</script>\n" * 5, "\u202e\x1b[31mred", "{" * 5000, "[" * 5000, "\r\n\r\n",
    "é\ud800", "x" * 300_000, "\n" * 60_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_shown_as_text(text: str, signed_in: Client):
    answer = signed_in.post("/formats/try", {"lines": text.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "<script>alert" not in page
    assert "\u202e" not in re.sub(r"<textarea.*?</textarea>", "", page, flags=re.S)


def test_the_box_knows_the_projects_own_formats_and_nobody_elses(signed_in: Client, cars: Project):
    store.add_line_format(
        cars, None, timezone.now(), name="billing", slug="custom-billing", side="server", kind="template",
        pattern="<{pid}> {time} ~ {message}", time="", sample="",
    )  # fmt: skip
    lines = "<51463> 2026-11-23 01:30:00 ~ hello\n" * 3
    assert "custom-billing" in signed_in.post("/formats/try", {"lines": lines, "project": "cars-api"}).content.decode()
    assert "custom-billing" not in signed_in.post("/formats/try", {"lines": lines}).content.decode()
    assert "custom-billing" in signed_in.get("/formats?project=cars-api").content.decode()
    eve = Client()
    eve.force_login(factory.person("eve"))
    assert eve.post("/formats/try", {"lines": lines, "project": "cars-api"}).status_code == 404
    assert eve.get("/formats?project=cars-api").status_code == 404


def test_the_formats_page_costs_few_queries(signed_in: Client, cars: Project, django_assert_max_num_queries):
    for number in range(5):
        store.add_line_format(
            cars, None, timezone.now(), name=f"f{number}", slug=f"custom-f{number}", side="server", kind="template",
            pattern="{time} {message}", time="", sample="",
        )  # fmt: skip
    with django_assert_max_num_queries(5):
        signed_in.get("/formats?project=cars-api")
    with django_assert_max_num_queries(3):
        signed_in.get("/formats")


def test_trying_needs_the_page_that_it_stands_on(cars: Project):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factory.person("mallory"))
    assert strict.post("/formats/try", {"lines": "x"}).status_code == 403


def test_a_project_with_a_name_that_no_project_has_is_not_found(signed_in: Client, cars: Project):
    assert signed_in.get("/formats?project=%00").status_code == 404
    assert signed_in.post("/formats/try", {"project": "ca\0rs", "lines": "x"}).status_code == 404


def test_the_longest_paste_that_a_page_takes_fits_a_request(signed_in: Client, cars: Project, settings):
    text = "\N{EURO SIGN}" * 100_000  # nine characters each on their way
    page = signed_in.get("/formats").content.decode()
    assert 'maxlength="100000"' in page
    assert len(urlencode({"lines": text})) < settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 10_000
