"""Zoom and the lines behind marks as pages: every view has an address, and works without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.db.models import F
from django.test import Client

from dashboard.pages.glance import glance
from dashboard.pages.windows import read_window, written
from dashboard.timeline.window import Window
from tests.dashboard import factory
from tests.dashboard.build import NOON, TEST, original
from tests.dashboard.many import many_steps
from tests.dashboard.states import STATES
from tests.dashboard.test_run_page import QUERIES, page, plain
from triage.core.records import SECOND
from triage.models import Project, Run

FRAGMENT = {"HX-Request": "true", "HX-Target": "lineup"}
PEEK = {"HX-Request": "true", "HX-Target": "peek"}
HOUR = 3_600 * SECOND
PART = "from=2024-05-23T12:11:25Z&to=2024-05-23T12:11:29Z"


def links(html: str, words: str) -> list[str]:
    found = re.findall(rf'<a href="([^"]+)"[^>]*>{re.escape(words)}</a>', html)
    return [link.replace("&amp;", "&") for link in found]


def test_zoom_links_lead_on_and_back(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["busy"](200))
    html = page(signed_in, run)
    (closer,) = links(html, "\xd72")
    assert "Whole test" not in html
    html = signed_in.get(closer).content.decode()
    assert "steps in view" in html
    for words in ("←", "→", "\xd72", "&minus;", "Whole test", "Write and read"):
        (link,) = links(html, words)
        assert signed_in.get(link).status_code == 200
    (whole,) = links(html, "Whole test")
    assert "from=" not in whole
    assert "\xd72" in page(signed_in, run, f"?span=run&{PART}")


def test_an_address_with_a_window_shows_the_same_to_everyone(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["busy"](200))
    html = page(signed_in, run, f"?test={TEST}&{PART}")
    assert "12:11:25.000 to 12:11:29.000, 4.0 s" in html
    assert "9 of 120 steps in view" in html
    fragment = signed_in.get(f"/runs/{run.pk}?test={TEST}&{PART}", headers=FRAGMENT).content.decode()
    assert "<html" not in fragment
    assert "9 of 120 steps in view" in fragment


def test_a_line_of_hours_ago_leaves_the_picture_of_the_whole_run_as_fine_as_it_was(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["busy"](200))
    before = re.findall(r'class="heap.*?>', page(signed_in, run, "?span=run"))
    assert len(before) > 10
    run.processes.update(first_us=F("first_us") - 10 * HOUR)
    assert re.findall(r'class="heap.*?>', page(signed_in, run, "?span=run")) == before


@pytest.mark.parametrize(
    "query",
    ["from=x&to=y", "from=2024-05-23T12:11:29Z&to=2024-05-23T12:11:25Z", "from=2024-05-23T12:11:25Z", "from=&to=",
     "from=0001-01-01&to=9999-12-31", "from=9999-12-31T23:59:59-23:59&to=9999-12-31T23:59:59-23:59",
     "from=" + "9" * 5000 + "&to=1", "from=%00&to=%00", "from=2024-05-23T12:11:25²&to=2024-05-23T12:11:26Z"],
)  # fmt: skip
def test_a_window_that_makes_no_sense_is_the_whole(query: str, signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    for more in ("", "&span=run", "&times=raw", "&view=table"):
        html = page(signed_in, run, f"?{query}{more}")
        assert "steps in view" not in html


def test_windows_are_written_as_they_are_read():
    for window in (Window(NOON, NOON + 1), Window(0, 5_000_000), Window(-62_135_596_800_000_000, 1)):
        assert read_window(dict(written(window))) == window
    assert read_window({"from": "2024-05-23T12:11:07 02:00", "to": "2024-05-23T12:11:08+02:00"}) == Window(
        NOON - 7_200_000_000, NOON - 7_199_000_000
    )


def test_a_test_of_many_steps_is_counted_and_found_again_by_zooming(
    signed_in: Client, cars: Project, django_assert_max_num_queries
):
    run = factory.analysed(cars, many_steps(900))
    with django_assert_max_num_queries(QUERIES + 4):
        html = page(signed_in, run)
    assert re.search(r"\d+ more steps, 12:11:0", html)
    assert len(re.findall("<[a-z]", html.split('<svg class="picture', 1)[1].split("</svg>", 1)[0])) <= 1500
    with django_assert_max_num_queries(QUERIES + 4):
        part = page(signed_in, run, "?from=2024-05-23T12:11:27Z&to=2024-05-23T12:11:28Z")
    assert "21 of 900 steps in view" in part
    assert len(re.findall('class="step ', part)) + len(re.findall('class="dots', part)) > 4
    assert len(html) < 200_000


def test_steps_of_a_long_test_without_times_are_drawn_around_what_matters(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, many_steps(700, timed=False)))
    assert "It has 700 steps, more than can be told apart: 300 are drawn." in html
    assert 'class="step write"' in html
    assert 'class="step read"' in html


def test_a_long_table_has_pages(signed_in: Client, cars: Project, django_assert_max_num_queries):
    run = factory.analysed(cars, many_steps(250))
    with django_assert_max_num_queries(QUERIES + 4):
        html = page(signed_in, run, "?view=table")
    assert html.count("Lines around step") == 100
    (further,) = links(html, "Further steps")
    html = signed_in.get(further).content.decode()
    assert 'aria-label="Lines around step 101"' in html
    (further,) = links(html, "Further steps")
    html = signed_in.get(further).content.decode()
    assert html.count("Lines around step") == 50
    assert links(html, "Further steps") == []
    assert "step=101" in links(html, "Earlier steps")[0]


def test_a_row_of_the_table_leads_to_its_place_in_the_picture(signed_in: Client, cars: Project):
    html = page(signed_in, factory.analysed(cars, original()), "?view=table")
    link = re.search(r'href="([^"]+)" title="Show it in the picture">12:11:07.000', html)
    assert link is not None
    shown = signed_in.get(link[1].replace("&amp;", "&")).content.decode()
    assert 'class="step write"' in shown
    assert "of 4 steps in view" in shown


@pytest.mark.parametrize("query", ["step=1", "served=1"])
def test_a_glance_at_a_mark_shows_both_lines(
    query: str, signed_in: Client, cars: Project, django_assert_max_num_queries
):
    run = factory.analysed(cars, original(offset_s=-1378.7))
    with django_assert_max_num_queries(10):
        html = signed_in.get(f"/runs/{run.pk}/lines?{query}", headers=PEEK).content.decode()
    text = plain(html).replace("&#x27;", "'")
    assert "PASS: Successfully added new car" in text
    assert "journal.txt, line 2" in text
    assert "logged 11:48:08.300" in text
    assert "They belong together with 97 %, by path, time." in text


def test_the_crossing_leads_to_the_lines_of_both_its_ends(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    html = page(signed_in, run)
    link = re.search(r'class="crossing" href="([^"]+)"', html)
    assert link is not None
    address = link[1].replace("&amp;", "&")
    text = plain(signed_in.get(address).content.decode())
    assert "Around the write and the read" in text
    assert text.count("Server log journal.txt") == 2
    peek = plain(signed_in.get(address, headers=PEEK).content.decode())
    assert "successfully added" in peek
    assert "Processing /GET request" in peek


@pytest.mark.parametrize("query", ["", "step=999", "served=x", "step=1&served=999", "step=1&step=²"])
def test_a_glance_at_nothing_is_not_found(query: str, signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    assert signed_in.get(f"/runs/{run.pk}/lines?{query}", headers=PEEK).status_code == 404


def test_a_glance_says_when_a_line_is_gone(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["no_server"]())
    text = plain(signed_in.get(f"/runs/{run.pk}/lines?step=0", headers=PEEK).content.decode())
    assert "No entry of a server log belongs to it." in text


def test_a_run_is_analysed_again_by_who_may(client: Client, cars: Project, monkeypatch):
    asked = []
    monkeypatch.setattr("triage.tasks.analyse_again", lambda pk: asked.append(pk) or True)
    run = factory.analysed(cars, original())
    client.force_login(factory.person("vic"))
    assert client.post(f"/runs/{run.pk}/analyse").status_code == 404
    client.force_login(run.project.memberships.get(user__username="ada").user)
    assert "Analyse again" in page(client, run)
    assert client.get(f"/runs/{run.pk}/analyse").status_code == 405
    answer = client.post(f"/runs/{run.pk}/analyse?test={TEST}", follow=True)
    assert "This run is being analysed again." in answer.content.decode()
    assert answer.redirect_chain[0][0].startswith(f"/runs/{run.pk}?test=tests")
    assert asked == [run.pk]


def test_viewers_cannot_analyse_again(client: Client, cars: Project):
    viewer = factory.person("vera")
    cars.memberships.create(user=viewer, role="viewer")
    run = factory.analysed(cars, original())
    client.force_login(viewer)
    assert "Analyse again" not in page(client, run)
    assert client.post(f"/runs/{run.pk}/analyse").status_code == 403


def test_a_run_whose_lines_are_gone_says_so_instead(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    Run.objects.by_id(run.pk).update(lines_gone_at=run.received_at)
    assert "Analyse again" not in page(signed_in, run)
    answer = signed_in.post(f"/runs/{run.pk}/analyse", follow=True)
    assert "retention has dropped its log lines" in answer.content.decode()


def test_a_glance_at_a_test_is_small_and_needs_few_queries(cars: Project, django_assert_max_num_queries):
    run = factory.analysed(cars, original())
    with django_assert_max_num_queries(14):
        found = glance(run, TEST)
    assert found is not None
    assert found.lineup.picture is not None
    assert [proof.title for proof in found.proofs] == ["Written", "Read"]
    assert found.href.endswith("test_api_example")
    assert glance(run, "no such test") is None
    assert glance(factory.empty_run(cars), TEST) is None
