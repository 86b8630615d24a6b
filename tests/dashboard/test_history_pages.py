"""History on the run page, the page of a failure group, and the list of them."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.pages.history import history_view, interval, once_in, p_words
from tests.dashboard import factory, past
from tests.dashboard.build import TEST, original
from tests.dashboard.states import HOSTILE
from tests.dashboard.test_run_page import Elements, plain
from triage.core.findings import Gap
from triage.core.history.records import Rates, Table
from triage.models import FailureGroup, Project

NOTHING, UNRATED = Table(), Rates()


@pytest.fixture
def group(cars: Project) -> FailureGroup:
    return past.a_group(cars)


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not [name for name, _ in Elements(html).attributes if name == "style" or name.startswith("on")]
    return html


def test_the_run_page_tells_the_history_of_the_failure(signed_in: Client, cars: Project, group: FailureGroup):
    run = past.a_failing_run(cars, group)
    html = shown(signed_in, f"/runs/{run.pk}")
    text = plain(html)
    for words in (
        "write and read on passed failed the same process 8 0 different processes 0 11",
        "would come up once in 77,000 times.",
        "p = 0.000013",
        "Left out, because their logs do not tell: 2 passed.",
        "64.7 %",
        "57.9 %",
        "19 runs; 95 %: 36 to 77",
        "write and read part in 64.7 % of runs",
        "The test fails about as often",
        "Seen in 11 runs",
        "3 of 8 control runs are in, all passed; 5 more decide at 99 %.",
    ):
        assert words in text, words
    assert '<td class="num hot">11</td>' in html
    assert f'href="/groups/{group.pk}"' in html


def test_a_verdict_that_history_changed_shows_what_it_was_and_why(
    signed_in: Client, cars: Project, group: FailureGroup
):
    run = past.a_failing_run(cars, group)
    past.a_change(run, group)
    text = plain(shown(signed_in, f"/runs/{run.pk}"))
    assert "History changed this verdict: it was Split state, suspected · 61 %" in text
    assert "Then: This run alone only fits." in text
    assert "It failed 11 of 11 times." in text


def test_what_the_logs_lack_comes_with_the_line_that_mends_it(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    gap = Gap(
        kind="no_pid", text="The access lines name no process.", hurts=3, where="gunicorn's command line",
        fix="--access-logformat '%(p)s <b>'",
    )  # fmt: skip
    run.gaps = [msgspec.to_builtins(gap)]
    run.save()
    html = shown(signed_in, f"/runs/{run.pk}")
    assert "The access lines name no process." in html
    assert "3 failing tests could be surer" in html
    assert "--access-logformat &#x27;%(p)s &lt;b&gt;&#x27;</pre>" in html
    assert "gunicorn&#x27;s command line" in html


@pytest.mark.parametrize("count", [0, 70])
def test_the_page_of_a_group_is_bounded_in_queries_and_size(
    count: int, signed_in: Client, cars: Project, ada: User, group: FailureGroup, django_assert_max_num_queries
):
    past.a_past(cars, group, failed=count, passed=count)
    run = past.a_failing_run(cars, group)
    past.a_change(run, group)
    past.judged(ada, run)
    with django_assert_max_num_queries(18):
        html = shown(signed_in, f"/groups/{group.pk}")
    assert len(html) < 120_000


def test_the_page_of_a_group_says_what_many_runs_prove(
    signed_in: Client, cars: Project, ada: User, group: FailureGroup
):
    past.a_past(cars, group)
    run = past.a_failing_run(cars, group)
    past.a_change(run, group, reason="Over 19 runs it failed 11 of 11 times.")
    past.judged(ada, run, kind="consistent_failure", reason="The price list changed.")
    html = shown(signed_in, f"/groups/{group.pk}")
    text = plain(html)
    for words in (
        past.MESSAGE,
        TEST,
        "Split state confirmed · 99 %",
        "Mechanism session key drawn per worker",
        "POST /cars/add → GET /cars",
        "Last 20 runs of this test",
        "one server process open",
        "Split state, suspected · 61 % became Split state, likely · 93 %",
        "Over 19 runs it failed 11 of 11 times.",
        "Overruled: Consistent failure by ada",
        "The price list changed.",
        "The failure as it is compared, fingerprint version 1",
    ):
        assert words in text, words
    assert html.count('class="occurrence"') == 12
    assert "is-split" in html


def test_the_strip_tells_each_run_in_words(signed_in: Client, cars: Project, group: FailureGroup):
    past.a_past(cars, group, failed=2, passed=1)
    lost = factory.empty_run(cars, name="lost", ago=timedelta(days=1))
    past.an_occasion(lost, group, failed=True, same=None)
    html = shown(signed_in, f"/groups/{group.pk}")
    label = re.search(r'class="strip"[^>]* aria-label="([^"]*)"', html)
    assert label is not None
    assert label.group(1).startswith("The last 4 runs, oldest first: ")
    assert "failed, processes unknown" in label.group(1)
    assert re.search(r"<title>lost, \d+ \w+ \d{4}: failed, processes unknown</title>", html)


def test_the_strip_takes_another_failure_of_the_test_for_none_of_this_group(
    signed_in: Client, cars: Project, group: FailureGroup
):
    past.a_past(cars, group, failed=1, passed=0)
    other = past.a_group(cars, key="another")
    past.an_occasion(factory.empty_run(cars, name="other", ago=timedelta(days=1)), other, failed=True, same=False)
    html = shown(signed_in, f"/groups/{group.pk}")
    assert "1 failed on different processes; 1 failed in another way, not counted here" in html


def test_a_group_whose_first_failure_is_gone_does_not_claim_to_be_the_only_one(
    signed_in: Client, cars: Project, group: FailureGroup
):
    past.a_past(cars, group, failed=1, passed=0)
    text = plain(shown(signed_in, f"/groups/{group.pk}"))
    assert "There is one failure in it so far" not in text
    assert "is no longer kept" in text


def test_occurrences_follow_each_other_without_gap_or_repeat(signed_in: Client, cars: Project, group: FailureGroup):
    runs = past.a_past(cars, group, failed=60, passed=0)
    seen: list[str] = []
    url = f"/groups/{group.pk}"
    for _ in range(4):
        html = shown(signed_in, url)
        seen += re.findall(r'class="occurrence" href="/runs/([0-9a-f-]{36})', html)
        older = re.search(r'href="(\?cursor=[^"]*)" rel="next"', html)
        if older is None:
            break
        url = f"/groups/{group.pk}{older.group(1)}"
    assert sorted(seen) == sorted(str(run.pk) for run in runs)


def test_a_group_whose_runs_retention_has_dropped_still_has_its_page(signed_in: Client, group: FailureGroup):
    text = plain(shown(signed_in, f"/groups/{group.pk}"))
    assert "retention has dropped them" in text
    assert "the same process 8 0" in text


def test_a_group_that_was_never_weighed_says_so(signed_in: Client, cars: Project):
    group = past.a_group(cars, kind="", level="", table={}, rates={}, lives={}, conclusions=[], weighed_at=None)
    assert "has not been weighed over runs yet" in shown(signed_in, f"/groups/{group.pk}")
    assert "Not weighed yet" in shown(signed_in, "/p/cars-api/groups")


@pytest.mark.parametrize("path", ["/groups/{pk}", "/p/cars-api/groups", "/p/cars-api/accuracy"])
def test_hostile_words_stay_words(path: str, signed_in: Client, cars: Project, ada: User):
    text = HOSTILE.replace("\0", "")
    group = past.a_group(cars, message=text, normal=text, pair_write=text, summary=text)
    run = past.a_failing_run(cars, group, name=text)
    past.a_change(run, group, reason=text)
    past.judged(ada, run, kind="test_error", reason=text)
    html = shown(signed_in, path.format(pk=group.pk))
    assert "img" not in Elements(html).names
    for char in ("\x1b", "\u202e"):
        assert char not in html


@pytest.mark.parametrize("path", ["/groups/0", "/groups/99999999999999999999", "/groups/x", "/p/nothing/groups"])
def test_what_is_not_there_is_not_found(path: str, signed_in: Client, cars: Project):
    assert signed_in.get(path).status_code == 404


def test_groups_of_another_project_do_not_exist(client: Client, group: FailureGroup):
    eve = factory.person("eve")
    factory.project("eves", eve)
    client.force_login(eve)
    for path in (f"/groups/{group.pk}", "/p/cars-api/groups", "/p/cars-api/accuracy"):
        assert client.get(path).status_code == 404


def test_a_project_without_failures_is_told_what_to_do(signed_in: Client, cars: Project):
    assert "Send passing runs as well as failing ones" in plain(shown(signed_in, "/p/cars-api/groups"))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["c", "b", "a"]),
        ("?order=frequent", ["a", "c", "b"]),
        ("?kind=split_state", ["c", "a"]),
        ("?level=likely", ["c"]),
        ("?q=TEST_A", ["a"]),
        ("?q=zzz", []),
        ("?cursor=nobody-wrote-this", ["c", "b", "a"]),
        ("?kind=%00x&order=%3Cb%3E", []),
    ],
)
def test_groups_are_filtered_searched_and_ordered_by_the_address(
    query: str, names: list[str], signed_in: Client, cars: Project, django_assert_max_num_queries
):
    now = past.a_group(cars, test="tests/t.py::test_a", occurrences=30).last_seen
    past.a_group(cars, test="tests/t.py::test_b", kind="unexplained", occurrences=2, last_seen=now + timedelta(hours=1))
    past.a_group(cars, test="tests/t.py::test_c", level="likely", occurrences=9, last_seen=now + timedelta(hours=2))
    with django_assert_max_num_queries(10):
        html = shown(signed_in, f"/p/cars-api/groups{query}")
    assert re.findall(r'class="test" title="tests/t.py::test_(\w)"', html) == names
    assert ("No group fits these filters" in html) == (not names)


@pytest.mark.parametrize("order", ["", "frequent"])
def test_pages_of_groups_follow_each_other(order: str, signed_in: Client, cars: Project):
    for n in range(90):
        past.a_group(cars, test=f"tests/t.py::test_{n}", occurrences=1 + n // 7)
    seen: list[str] = []
    url = f"/p/cars-api/groups?order={order}"
    for _ in range(4):
        html = shown(signed_in, url)
        seen += re.findall(r'class="test" title="tests/t.py::(\w+)"', html)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if older is None:
            break
        url = "/p/cars-api/groups" + older.group(1).replace("&amp;", "&")
    assert sorted(seen) == sorted(f"test_{n}" for n in range(90))


def test_overview_and_navigation_lead_to_the_groups(signed_in: Client, cars: Project):
    factory.analysed(cars, original())
    assert shown(signed_in, "/p/cars-api/").count('href="/p/cars-api/groups"') == 2


def viewed(processes: Table = NOTHING, lives: Table = NOTHING, rates: Rates = UNRATED, kind: str = "split_state"):
    return history_view(processes, lives, rates, kind)


def test_a_table_that_cannot_be_compared_says_why():
    (only_different,) = viewed(Table(failed_different=4, passed_different=9)).tables
    assert only_different.p == ""
    assert "A run with one process gives the other row" in only_different.chance
    (nothing,) = viewed(Table(unknown_failed=3), kind="unexplained").tables
    assert nothing.rows == ()
    assert "nothing to compare" in nothing.chance
    assert nothing.unknown == "Left out, because their logs do not tell: 3 failed."


def test_a_table_that_decides_nothing_says_so():
    (table,) = viewed(Table(failed_different=2, passed_different=2, failed_same=1, passed_same=2, p_value=0.63)).tables
    assert "63 times in 100: it decides nothing" in table.chance


def test_only_the_failures_that_a_verdict_rests_on_are_hot():
    for kind, hot in (("split_state", True), ("consistent_failure", False), ("unexplained", False)):
        (table,) = viewed(past.SPLIT, kind=kind).tables
        assert any(row.hot for row in table.rows) == hot


def test_the_life_of_the_holder_is_shown_where_it_matters():
    table = Table(failed_same=4, passed_same=4)
    assert len(viewed(table, Table(passed_same=8)).tables) == 1
    lives = viewed(table, Table(failed_different=4, passed_same=4, p_value=0.014), kind="unexplained").tables[1]
    assert [row.label for row in lives.rows] == ["stayed alive", "was replaced"]
    first = viewed(Table(unknown_failed=4), Table(failed_different=4, passed_same=4), kind="lost_state").tables
    assert [table.heading for table in first] == ["between write and read, the holder"]


def test_a_rate_far_from_the_expected_one_is_told():
    often = viewed(rates=Rates(expected=0.2, observed=0.9, runs=40)).rates
    seldom = viewed(rates=Rates(expected=0.75, observed=0.1, runs=40)).rates
    few = viewed(rates=Rates(expected=0.75, observed=1.0, runs=1)).rates
    unknown = viewed(rates=Rates(observed=0.5, runs=20)).rates
    assert often is not None and "something else makes it fail as well" in often.meaning
    assert seldom is not None and "parting alone does not make it fail" in seldom.meaning
    assert few is not None and "So few runs fit many rates" in few.meaning
    assert unknown is not None and "nothing says how often it should" in unknown.meaning


def test_test_processes_are_not_measured_by_the_servers_shares():
    view = history_view(past.SPLIT, NOTHING, past.RATES, "split_state", "test")
    assert not any(row.hot for row in view.tables[0].rows)
    assert view.rates is not None
    assert view.rates.expected == ""
    assert "a matter of timing" in view.rates.meaning


def test_lost_state_is_expected_as_often_as_the_holder_is_replaced():
    rates = viewed(
        lives=Table(failed_different=6, passed_same=6), rates=Rates(observed=0.5, runs=12), kind="lost_state"
    ).rates
    assert rates is not None
    assert (rates.expected, rates.observed) == ("50.0 %", "50.0 %")
    assert "which is what a replaced holder would do" in rates.meaning


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.63, "63 times in 100"), (0.05, "once in 20 times"), (0.0031, "once in 320 times"),
        (0.000013, "once in 77,000 times"), (1e-12, "less than once in a billion times"), (1.0, "every time"),
    ],
)  # fmt: skip
def test_a_probability_is_said_as_a_tester_would(p: float, words: str):
    assert once_in(p) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [(0.63, "p = 0.63"), (0.05, "p = 0.05"), (0.0031, "p = 0.0031"), (0.000013, "p = 0.000013"), (0, "p < 0.000001")],
)
def test_a_p_value_keeps_the_digits_that_mean_something(p: float, words: str):
    assert p_words(p) == words


def test_the_interval_of_a_share_is_wilsons():
    low, high = interval(11, 19)
    assert (round(low, 2), round(high, 2)) == (0.36, 0.77)
    assert interval(0, 0) == (0.0, 1.0)
