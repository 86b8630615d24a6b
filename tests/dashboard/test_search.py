"""The search page: what is found, what is said, and that nobody finds what is not theirs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.pages import search_lines
from tests.dashboard import cared, factory, past
from tests.dashboard.test_run_page import Elements, plain
from triage.core.records import SECOND, Entry, PidTrust, Request, Side, Stamp
from triage.models import Decision, Item, Part, Project, Run
from triage.store import entries, readings

AT = 1_795_435_200 * SECOND
LINES = (
    "[web] successfully added {'name': 'figo', 'brand': 'ford'}",
    'GET /cars/add HTTP/1.1" 200 user_id=17',
    "request 550e8400-e29b-41d4-a716-446655440000 done",
    "ERROR in shop: Exception on /search [GET]\nTraceback (most recent call last):\nKeyError: 'page'",
)


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """How far a search comes in its time is another test's question: the machine may be busy."""
    monkeypatch.setattr(search_lines, "SOFT_S", 30.0)


def logged(project: Project, lines: tuple[str, ...] = LINES, *, ago: timedelta = timedelta(hours=1), **more) -> Run:
    """A run with one server log."""
    run = factory.empty_run(project, ago=ago, status="ready", **more)
    part = factory.part(run, Side.SERVER, "web.log")
    write(part, lines)
    return run


def write(part: Part, lines: tuple[str, ...], every: int = 1) -> None:
    readings.keep_server(
        part,
        readings.Read(format="plain", entries=len(lines)),
        [
            Entry(
                line=1 + n * every, raw=line, message=line, stamp=Stamp(us=AT + n * SECOND), host="web1.example.com",
                unit="gunicorn.service", pid=51463 + n % 2, pid_trust=PidTrust.PROVEN,
                level="error" if "ERROR" in line else "info",
                request=Request(method="GET", path="/cars/add", status=200) if "GET /" in line else None,
            )
            for n, line in enumerate(lines)
        ],
    )  # fmt: skip


def shown(client: Client, query: str, **more: str) -> str:
    answer = client.get("/p/cars-api/search", {"q": query, **more})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not [name for name, _ in Elements(html).attributes if name == "style" or name.startswith("on")]
    return html


def hits(html: str) -> list[int]:
    return [int(n) for n in re.findall(r'class="hit" href="/runs/[^"]*/lines/(\d+)', html)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("figo", [1]),
        ("FIGO ford", [1]),
        ('"brand ford"', [1]),
        ('"figo ford"', []),
        ('"brand\': \'ford"', [1]),
        ("fig", []),
        ("fig*", [1]),
        ("/cars/add", [2]),
        ("user_id=17", [2]),
        ("550e8400-e29b-41d4-a716-446655440000", [3]),
        ("51463", [1, 3]),
        ("pid:51464", [2, 4]),
        ("pid:51464 KeyError", [4]),
        ("path:/cars", [2]),
        ("status:200", [2]),
        ("status:2xx done", []),
        ("status:404", []),
        ("level:error", [4]),
        ("host:web1", [1, 2, 3, 4]),
        ("host:web1.example.com figo", [1]),
        ("host:web", []),
        ("host:web2 figo", []),
        ("figo done", []),
        ("gunicorn done", [3]),
    ],
)  # fmt: skip
def test_lines_are_found_by_their_words_and_fields(query: str, found: list[int], signed_in: Client, cars: Project):
    logged(cars)
    assert hits(shown(signed_in, query)) == found


def test_the_words_are_marked_and_the_line_is_a_click_away(signed_in: Client, cars: Project):
    run = logged(cars)
    html = shown(signed_in, "figo")
    assert "&#x27;name&#x27;: &#x27;<mark>figo</mark>&#x27;" in html
    link = re.search(rf'href="(/runs/{run.pk}/parts/0/lines/1\?q=figo)"', html)
    assert link is not None
    page = signed_in.get(link.group(1)).content.decode()
    assert 'class="here" aria-current="true"' in page
    assert "KeyError" in page and "Line 1 of web.log" in page
    fragment = signed_in.get(link.group(1), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment and "KeyError" in fragment


def test_failures_are_found_by_all_that_is_said_of_them(signed_in: Client, cars: Project, ada: User):
    group = past.a_group(cars)
    now = datetime.now(UTC)
    item = Item.objects.filter(group=group).first() or Item.objects.create(
        project=cars, group=group, opened_at=now, touched_at=now, ticket="https://tracker.example.com/browse/SHOP-77"
    )
    Decision.objects.create(
        project=cars, item=item, user=ada, who="ada", what="note", text="The proxy drops the cookie.", at=now
    )
    past.a_group(cars, test="tests/t.py::test_other", key="other", message="nothing alike", normal="x")
    for query in ("car count", '"Total car count"', "test_api", "SHOP-77", "proxy cookie", "COUNT cookie"):
        html = shown(signed_in, query)
        assert f'href="/groups/{group.pk}"' in html, query
        assert html.count('class="row group') == 1, query
    text = plain(shown(signed_in, "cookie"))
    assert "a note by ada: The proxy drops the cookie" in text
    assert "No failure says that" in shown(signed_in, "100%")


def test_runs_are_found_by_name_branch_and_commit(signed_in: Client, cars: Project):
    build = "7700770077"  # no run's own number, which `run:` finds as well, comes near it
    run = factory.empty_run(cars, name=f"nightly #{build}", branch="release/4.2", commit="9f2c1ab7d0")
    factory.empty_run(cars, name="other", run_key="other", branch="main", commit="aaaa")
    for query in (f"#{build}", "release/4.2", "9f2c1", "in:runs branch:release/4.2", f"run:{build}"):
        html = shown(signed_in, query)
        assert f'href="/runs/{run.pk}" data-item' in html, query
        assert html.count('class="row two"') == 1, query


def test_run_branch_and_since_narrow_the_lines(signed_in: Client, cars: Project):
    old = logged(cars, ago=timedelta(days=9), branch="old", name="one")
    new = logged(cars, name="two")
    assert len(hits(shown(signed_in, "figo"))) == 2
    assert f"/runs/{new.pk}/parts" in shown(signed_in, "figo since:7d")
    for query in ("figo branch:old", "figo run:one", f"figo run:{old.pk}"):
        html = shown(signed_in, query)
        assert hits(html) == [1], query
        assert f"/runs/{old.pk}/parts" in html
    assert "No run is called" in shown(signed_in, "figo run:three")


def test_pages_of_lines_follow_each_other_without_gap_or_repeat(signed_in: Client, cars: Project):
    for n in range(30):
        logged(cars, ("needle and more", "hay", "needle again"), ago=timedelta(days=n))
    seen: list[tuple[str, str]] = []
    query: dict[str, str] = {"q": "needle"}
    for _ in range(10):
        html = signed_in.get("/p/cars-api/search", query).content.decode()
        seen += re.findall(r'class="hit" href="/runs/([0-9a-f-]{36})/parts/0/lines/(\d+)', html)
        more = re.search(r'href="\?q=([^"&]*)&amp;cursor=([\d_]+)" rel="next"', html)
        if more is None:
            break
        query = {"q": "needle in:lines", "cursor": more.group(2)}
    assert len(seen) == len(set(seen)) == 60


def test_one_noisy_log_does_not_hide_the_others(signed_in: Client, cars: Project):
    old = logged(cars, ago=timedelta(hours=3))
    noisy = logged(cars, tuple(f"figo {n}" for n in range(700)))
    html = shown(signed_in, "figo")
    assert html.count(f"/runs/{noisy.pk}/parts") == 5
    assert f"/runs/{old.pk}/parts" in html
    assert "More lines of this run" in html
    assert len(hits(shown(signed_in, f"figo run:{noisy.pk}"))) == 40


def test_words_of_one_block_on_different_lines_are_no_hit(signed_in: Client, cars: Project):
    logged(cars, tuple(f"{'left' if n % 2 else 'right'} {n}" for n in range(400)))
    assert hits(shown(signed_in, "left right")) == []
    assert hits(shown(signed_in, "left 301")) == [302]


def test_lines_far_apart_are_found_too(signed_in: Client, cars: Project):
    run = factory.empty_run(cars, status="ready")
    write(factory.part(run, Side.SERVER, "web.log"), LINES, every=1_000_000)
    assert hits(shown(signed_in, "done")) == [2_000_001]


def test_reading_a_part_again_and_dropping_its_lines_takes_their_words_along(signed_in: Client, cars: Project):
    run = logged(cars)
    part = run.parts.get()
    write(part, ("nothing here",))
    assert hits(shown(signed_in, "figo")) == []
    assert hits(shown(signed_in, "nothing")) == [1]
    entries.remove([part.pk], run.received_on)
    assert hits(shown(signed_in, "nothing")) == []


def test_another_project_is_never_searched(client: Client, signed_in: Client, cars: Project, ada: User):
    other = factory.project("secret")
    run = logged(other, name="figo")
    past.a_group(other, message="figo")
    html = shown(signed_in, "figo")
    assert hits(html) == []
    assert 'href="/groups/' not in html
    assert f"/runs/{run.pk}" not in html
    assert "No run is called" in shown(signed_in, f"figo run:{run.pk}")
    assert signed_in.get("/p/secret/search", {"q": "figo"}).status_code == 404
    assert signed_in.get(f"/runs/{run.pk}/parts/0/lines/1").status_code == 404


def test_failures_are_found_by_owner_status_verdict_and_test(signed_in: Client, cars: Project, ada: User):
    mine = cared.a_failure(cars, "mine", owner=ada, owner_name="Ada Lovelace", status="investigating")
    theirs = cared.a_failure(cars, "theirs", owner_name="Payments team", blocker=True)
    free = cared.a_failure(cars, "free")
    closed = cared.a_failure(cars, "closed", status="resolved", closed_at=datetime.now(UTC))
    for query, wanted in (
        ("owner:me", {mine}), ("owner:ADA", {mine}), ("owner:love", {mine}), ("owner:nobody", {free, closed}),
        ("owner:payments", {theirs}), ("status:new", {theirs, free}), ("status:resolved", {closed}),
        ("status:open", {mine, theirs, free}), ("status:investigating owner:me", {mine}),
        ("status:new owner:me", set()), ('status:"came back"', set()), ("test:THEIRS", {theirs}),
        ("test:100%", set()), ("verdict:lost", set()),
    ):  # fmt: skip
        html = shown(signed_in, query)
        found = {int(pk) for pk in re.findall(r'href="/groups/(\d+)" data-item', html)}
        assert found == {item.group_id for item in wanted}, query
        assert html.count("ask about failures only") == 2, query
    assert 'class="row group' in shown(signed_in, f"verdict:{mine.group.kind}")


@pytest.mark.parametrize(
    ("query", "link"),
    [
        ("assignee:bert", "?q=owner%3Abert"),
        ("cookie brnach:main", "?q=cookie+branch%3Amain"),
        ("overdue:yes", "/p/cars-api/groups?overdue=yes"),
        ("ticket:SHOP-7", "?q=SHOP-7"),
        ("user:17", ""),
    ],
)
def test_a_field_that_there_is_none_of_is_told_with_what_comes_closest(
    query: str, link: str, signed_in: Client, cars: Project
):
    html = shown(signed_in, query)
    name = query.split()[-1].split(":")[0]
    assert f"There is no field {name}:, so" in html
    assert not link or f'href="{link}"' in html
    if link:
        target = link if link.startswith("/") else "/p/cars-api/search" + link
        assert "There is no field" not in signed_in.get(target).content.decode()


HOSTILE = [
    "a" * 10_000, "x " * 5_000, "%", "_", "\\", "100%_\\", "'", '"', '"""', "'; DROP TABLE triage_run; --",
    "\0", "a\0b",
    "\u202eevil\u202c", "مرحبا", "<script>alert(1)</script>", "&'|!()<->:*", "pid:" + "9" * 400, "since:0001-01-01",
    "since:9999-12-31T23:59:59-23:59", "run:" + "z" * 400, "path:%", "host:\\", 'in:lines "', "🚗",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_stay_words(query: str, signed_in: Client, cars: Project):
    logged(cars, (*LINES, query.replace("\0", "␀")[:2_000]))
    for cursor in ("", "20260523_0_0", "99999999_9_9", "x" * 99, "20260523_9999999999999999999_1"):
        html = shown(signed_in, f"{query} in:lines", cursor=cursor)
        assert "<script>" not in html
    shown(signed_in, query)


@pytest.mark.parametrize("where", ["x", "0/lines/x", "9/lines/1", "0/lines/99999999999999999999"])
def test_a_line_that_is_not_there_is_no_error(where: str, signed_in: Client, cars: Project):
    run = logged(cars)
    assert signed_in.get(f"/runs/{run.pk}/parts/{where}").status_code in (200, 404)


def test_a_line_says_whose_request_it_belongs_to(signed_in: Client, cars: Project):
    run = past.a_failing_run(cars, past.a_group(cars))
    served = run.served.select_related("part").filter(matches__rank=0).first()
    html = signed_in.get(f"/runs/{run.pk}/parts/{served.part.position}/lines/{served.line}").content.decode()
    assert "See it in the lineup" in html
    assert f'href="/runs/{run.pk}?test=' in html


def test_an_empty_search_says_what_can_be_asked(signed_in: Client, cars: Project):
    text = plain(shown(signed_in, ""))
    assert "log lines by their words" in text
    assert "pid:51463" in text
    assert "No kept log line holds that." not in text


def test_a_project_without_runs_can_be_searched(signed_in: Client, cars: Project):
    assert "No run has come yet." in shown(signed_in, "figo")


def test_what_was_not_looked_at_is_said(signed_in: Client, cars: Project):
    text = plain(shown(signed_in, "pid:7"))
    assert "ask about lines" in text
    assert "has no letter or digit" in plain(shown(signed_in, "figo --"))
    assert "Name a word" in plain(shown(signed_in, "branch:main"))


@pytest.mark.parametrize("count", [1, 25])
def test_the_queries_of_a_search_are_bounded(
    count: int, signed_in: Client, cars: Project, django_assert_max_num_queries
):
    for n in range(count):
        logged(cars, ago=timedelta(hours=7 * n))
        past.a_group(cars, test=f"tests/t.py::figo_{n}", key=str(n), message="figo")
    with django_assert_max_num_queries(40):
        html = shown(signed_in, "figo")
    assert len(html) < 120_000
    with django_assert_max_num_queries(14):
        signed_in.get(f"/runs/{Run.objects.first().pk}/parts/0/lines/1")


def test_a_search_without_time_says_how_far_it_came_and_goes_on_from_there(
    signed_in: Client, cars: Project, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(search_lines, "SOFT_S", 0.0)
    old = logged(cars, ago=timedelta(days=300))
    query, html = {"q": "figo in:lines"}, ""
    for turn in range(12):
        html = signed_in.get("/p/cars-api/search", query).content.decode()
        more = re.search(r'cursor=([\d_]+)" rel="next">Search further back', html)
        if turn == 0:
            assert more is not None and "in the time that one page may take" in html
        if hits(html) or more is None:
            break
        query = {"q": "figo in:lines", "cursor": more.group(1)}
    assert f"/runs/{old.pk}/parts" in html


@pytest.mark.parametrize("word", ["FIGO", "MÜNCHEN", "münchen"])
def test_capitals_make_no_difference_in_lines_and_runs(word: str, signed_in: Client, cars: Project):
    logged(cars, ("[web] added Figo in München", "[web] added nothing"), name="nightly of Figo, München")
    assert hits(shown(signed_in, f"in:lines {word}")) == [1]
    assert "nightly of" in shown(signed_in, f"in:runs {word}")
