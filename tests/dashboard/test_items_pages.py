"""Triage on the pages: the list with its filters, the page of a failure, and every decision with its way back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.dashboard import cared, factory, past
from tests.dashboard.cared import decide
from tests.dashboard.states import HOSTILE
from tests.dashboard.test_history_pages import shown
from tests.dashboard.test_run_page import Elements, plain
from triage.models import Decision, Item, Judgement, Meeting, Mention, Project
from triage.store import items as store
from triage.store.meetings.begin import begin

LIST = "/p/cars-api/groups"


@pytest.fixture
def item(cars: Project) -> Item:
    return cared.a_failure(cars, "count")


def listed(client: Client, query: str = "") -> list[str]:
    return re.findall(r'class="test" title="tests/t?[\w/]*\.py::(\w+)"', shown(client, LIST + query))


def page_of(item: Item) -> str:
    return f"/groups/{item.group_id}"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"fresh", "mine", "late", "watched", "back", "bare"}),
        ("?status=new", {"fresh", "mine", "late", "back"}),
        ("?status=came_back", {"back"}),
        ("?status=waiting", {"watched"}),
        ("?status=resolved", {"gone"}),
        ("?status=all", {"fresh", "mine", "late", "watched", "back", "gone", "bare"}),
        ("?owner=me", {"mine"}),
        ("?owner=ADA", {"mine"}),
        ("?owner=API+team", {"late"}),
        ("?owner=nobody", {"fresh", "watched", "back", "bare"}),
        ("?overdue=yes", {"late"}),
        ("?blocker=yes", {"fresh"}),
        ("?owner=me&overdue=yes", set()),
        ("?order=oldest&status=all", {"fresh", "mine", "late", "watched", "back"}),
        ("?status=%00&owner=%3Cb%3E", set()),
    ],
)
def test_failures_are_narrowed_by_what_is_done_about_them(
    query: str, names: set[str], signed_in: Client, cars: Project, ada: User, django_assert_max_num_queries
):
    cared.a_failure(cars, "fresh", blocker=True)
    cared.a_failure(cars, "mine", owner=ada, owner_name="ada")
    cared.a_failure(cars, "late", owner_name="API team", due=date(2020, 1, 1))
    cared.a_failure(cars, "watched", status="observing", observing_since=datetime.now(UTC), passes_wanted=20)
    gone = cared.resolved(past.a_group(cars, test="tests/test_gone.py::gone"))
    before = cared.resolved(past.a_group(cars, test="tests/test_back.py::back"))
    cared.an_item(before.group, earlier=before)
    past.a_group(cars, test="tests/test_bare.py::bare")
    assert gone.status == "resolved"
    with django_assert_max_num_queries(14):
        assert set(listed(signed_in, query)) == names


def test_the_longest_open_come_first_where_that_is_asked(signed_in: Client, cars: Project):
    for days, name in ((2, "b"), (9, "a"), (1, "c")):
        cared.a_failure(cars, name, ago=timedelta(days=days))
    assert listed(signed_in, "?order=oldest") == ["a", "b", "c"]


def test_pages_of_the_longest_open_follow_each_other(signed_in: Client, cars: Project):
    for n in range(90):
        cared.a_failure(cars, f"t{n}", ago=timedelta(hours=n))
    seen: list[str] = []
    query = "?order=oldest"
    for _ in range(4):
        html = shown(signed_in, LIST + query)
        seen += re.findall(r'class="test" title="[^"]*::(t\d+)"', html)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if older is None:
            break
        query = older.group(1).replace("&amp;", "&")
    assert seen == [f"t{n}" for n in reversed(range(90))]


def test_a_line_tells_all_that_a_meeting_asks_of_a_failure(signed_in: Client, cars: Project, ada: User):
    cared.a_failure(
        cars, "count", status="observing", observing_since=datetime.now(UTC) - timedelta(hours=40), passes_wanted=40,
        owner=ada, owner_name="ada", due=date(2020, 5, 2), blocker=True,
        ticket="https://example.org/org/repo/issues/12",
    )  # fmt: skip
    text = plain(shown(signed_in, LIST))
    for words in (
        "Split state confirmed",
        "58 %",
        "11 runs",
        "observing",
        "0 of 40 passes",
        "ada",
        "2 May 2020",
        "org/repo#12",
        "blocker",
    ):
        assert words in text, words


def test_passes_are_counted_from_when_the_fix_was_claimed(signed_in: Client, cars: Project):
    item = cared.a_failure(
        cars, "count", status="observing", observing_since=datetime.now(UTC) - timedelta(hours=5), passes_wanted=4
    )
    for hours in (1, 2, 30):
        run = factory.empty_run(cars, ago=timedelta(hours=hours))
        past.an_occasion(run, item.group, failed=False, same=True)
    for path in (LIST, page_of(item)):
        html = shown(signed_in, path)
        assert "2 of 4 passes" in plain(html)
        assert '<rect width="50" height="6"/>' in html


def test_a_page_of_many_failures_is_bounded_in_queries_and_size(
    signed_in: Client, cars: Project, django_assert_max_num_queries
):
    for n in range(60):
        cared.a_failure(cars, f"t{n}", status="observing", observing_since=datetime.now(UTC), passes_wanted=9)
    with django_assert_max_num_queries(14):
        html = shown(signed_in, LIST)
    assert html.count("data-choose") == 40
    assert len(html) < 120_000


def test_status_owner_due_date_ticket_and_blocker_are_decided_one_by_one(
    signed_in: Client, cars: Project, ada: User, item: Item
):
    for fields in (
        {"act": "status", "status": "investigating"},
        {"act": "owner", "owner": "me", "due": "2031-05-28"},
        {"act": "ticket", "ticket": "https://jira.example.org/browse/CARS-7"},
        {"act": "blocker:yes"},
        {"act": "note", "text": "It fails with three workers only."},
    ):
        answer = decide(signed_in, item, next=page_of(item), **fields)
        assert answer.redirect_chain == [(page_of(item), 302)]
    text = plain(answer.content.decode())
    for words in (
        "investigating", "ada set the status to investigating ; it was new", "ada gave it to ada, due 28 May 2031",
        "ada linked the ticket CARS-7", "said that it blocks the release", "It fails with three workers only.",
    ):  # fmt: skip
        assert words in text, words
    item.refresh_from_db()
    assert (item.status, item.owner, item.due, item.blocker) == ("investigating", ada, date(2031, 5, 28), True)


def test_a_form_without_an_act_sets_every_field_that_is_filled_in(signed_in: Client, item: Item):
    decide(signed_in, item, status="", owner="API team", due="2031-05-28", ticket="")
    item.refresh_from_db()
    assert (item.status, item.owner_name, item.due) == ("new", "API team", date(2031, 5, 28))


def test_many_failures_are_decided_on_at_once_and_undone_at_once(signed_in: Client, cars: Project):
    made = [cared.a_failure(cars, f"t{n}") for n in range(3)]
    text = plain(decide(signed_in, *made, act="owner", owner="API team").content.decode())
    assert "3 failures: given to API team. API team is no member of this project; nobody is told. Undo" in text
    assert set(Item.objects.values_list("owner_name", flat=True)) == {"API team"}
    decision = Decision.objects.get(item=made[0], what="owner")
    undone = signed_in.post("/p/cars-api/undo", {"decision": decision.pk, "next": LIST}, follow=True)
    assert "Undone on 3 failures: ada gave it to API team. Redo" in plain(undone.content.decode())
    assert set(Item.objects.values_list("owner_name", flat=True)) == {""}


def test_what_was_decided_on_many_at_once_says_so_on_each_page_and_is_undone_everywhere(
    signed_in: Client, cars: Project
):
    made = [cared.a_failure(cars, f"t{n}") for n in range(3)]
    decide(signed_in, *made, act="status", status="investigating")
    decide(signed_in, made[0], act="blocker", blocker="yes")
    html = shown(signed_in, page_of(made[0]))
    assert html.count(", here and on 2 other failures") == 1 and html.count("Undo everywhere</button>") == 1
    undone = {"decision": Decision.objects.filter(what="status", item=made[0]).get().pk, "next": page_of(made[0])}
    answer = signed_in.post("/p/cars-api/undo", undone, follow=True).content.decode()
    assert "Undone on 3 failures" in answer
    assert not Item.objects.filter(status="investigating").exists()


def test_an_undone_decision_stays_in_the_history_struck_through(signed_in: Client, item: Item):
    decide(signed_in, item, act="status:resolved")
    signed_in.post("/p/cars-api/undo", {"decision": Decision.objects.get(what="status").pk, "next": page_of(item)})
    html = shown(signed_in, page_of(item))
    assert re.search(r"<s><b>ada</b> set the status to resolved<span[^>]*>; it was new</span></s>", html)
    assert "undone by ada" in html
    item.refresh_from_db()
    assert (item.status, item.closed_at) == ("new", None)


def test_what_somebody_changed_since_is_not_undone(signed_in: Client, item: Item):
    decide(signed_in, item, act="status:investigating")
    first = Decision.objects.get(what="status")
    decide(signed_in, item, act="status:fix_claimed")
    answer = signed_in.post("/p/cars-api/undo", {"decision": first.pk, "next": page_of(item)}, follow=True)
    assert "ada changed the status" in plain(answer.content.decode())
    item.refresh_from_db()
    assert item.status == "fix_claimed"


def test_the_verdict_of_a_group_is_accepted_overruled_and_taken_back_where_it_is_shown(signed_in: Client, item: Item):
    text = plain(decide(signed_in, item, act="accept", next=page_of(item)).content.decode())
    assert "Accepted: Split state, session key drawn per worker by ada" in text
    assert "ada accepted the verdict" in text
    wrong = {"act": "overrule", "kind": "consistent_failure", "mechanism": "", "next": page_of(item)}
    assert "needs a reason" in plain(decide(signed_in, item, **wrong, reason=" ").content.decode())
    text = plain(decide(signed_in, item, **wrong, reason="The price list changed.").content.decode())
    assert "Overruled: Consistent failure by ada" in text
    assert "The price list changed." in text
    newest = Decision.objects.get(what="overruled")
    text = plain(
        signed_in.post("/p/cars-api/undo", {"decision": newest.pk, "next": page_of(item)}, follow=True).content.decode()
    )
    assert "Accepted: Split state" in text
    assert Judgement.objects.count() == 3


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"act": "status", "status": "<b>"}, "There is no such status"),
        ({"act": "due", "due": "soon"}, "That is no date"),
        ({"act": "due", "due": "0001-01-01"}, "That is no date"),
        ({"act": "ticket", "ticket": "javascript:alert(1)"}, "A link to a ticket begins with https://"),
        ({"act": "ticket", "ticket": "https://[::1"}, "no address"),
        ({"act": "watch", "passes": "-4"}, "a number from 1"),
        ({"act": "watch", "passes": "٣"}, "a number from 1"),
        ({"act": "watch", "passes": "9" * 400}, "a number from 1"),
        ({"act": "note", "text": " \n"}, "A note needs some words."),
        ({"act": "note", "text": "x" * 20_000}, "too long"),
        ({"act": "dance"}, "There is no such thing"),
        ({"act": ":"}, "Say what to change"),
        ({}, "Say what to change"),
        ({"act": "overrule", "kind": "nothing", "reason": "x"}, "choose one of the seven verdicts"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(
    fields: dict[str, str], said: str, signed_in: Client, item: Item
):
    assert said in plain(decide(signed_in, item, **fields).content.decode())
    assert Decision.objects.filter(user__isnull=False).count() == 0


def test_a_form_that_names_no_failure_says_so(signed_in: Client, item: Item):
    assert "Choose at least one failure first." in plain(decide(signed_in, act="status:new").content.decode())


@pytest.mark.parametrize("key", ["0", "99999999999999999999", "x", "-1", "\0", "1e3"])
def test_a_failure_that_is_not_there_is_not_found(key: str, signed_in: Client, item: Item):
    assert signed_in.post(cared.ON, {"item": [item.pk, key], "act": "status:resolved"}).status_code == 404
    assert signed_in.post("/p/cars-api/undo", {"decision": key}).status_code == 404
    item.refresh_from_db()
    assert item.status == "new"


def test_failures_of_another_project_cannot_be_decided_on(client: Client, cars: Project, item: Item, ada: User):
    eve = factory.person("eve")
    factory.project("eves", eve)
    done = store.set_status([item], store.Actor.of(ada), "investigating")[0]
    client.force_login(eve)
    for slug in ("eves", "cars-api"):
        assert client.post(f"/p/{slug}/decide", {"item": item.pk, "act": "status:resolved"}).status_code == 404
        assert client.post(f"/p/{slug}/undo", {"decision": done.pk}).status_code == 404
    item.refresh_from_db()
    assert item.status == "investigating"


def test_viewers_see_everything_and_decide_nothing(client: Client, cars: Project, item: Item):
    cared.member(client, cars, "viewer")
    assert client.post(cared.ON, {"item": item.pk, "act": "status:resolved"}).status_code == 403
    assert client.post("/p/cars-api/undo", {"decision": 1}).status_code == 403
    for path in (LIST, page_of(item)):
        html = shown(client, path)
        assert "data-bar" not in html
        assert 'action="/p/cars-api/decide"' not in html


def test_triagers_decide(client: Client, cars: Project, item: Item):
    cared.member(client, cars, "triager")
    decide(client, item, act="status:resolved")
    item.refresh_from_db()
    assert item.status == "resolved"


def test_decisions_need_a_post_and_a_token_against_forgery(signed_in: Client, ada: User, item: Item):
    assert signed_in.get(cared.ON).status_code == 405
    assert signed_in.get("/p/cars-api/undo").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    assert strict.post(cared.ON, {"item": item.pk, "act": "status:resolved"}).status_code == 403


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "/\\evil.example", "groups"]
)
def test_nobody_is_sent_to_another_site(to: str, signed_in: Client, item: Item):
    answer = signed_in.post(cared.ON, {"item": item.pk, "act": "status:resolved", "next": to})
    assert answer.headers["Location"] == LIST


def test_hostile_words_in_every_field_stay_words(signed_in: Client, cars: Project, item: Item):
    for fields in (
        {"act": "note", "text": f"@ada {HOSTILE}\n<script>alert(1)</script>"},
        {"act": "owner", "owner": f"<img src=x onerror=1>{HOSTILE}"[:140]},
        {"act": "ticket", "ticket": "https://example.org/a'\"><img>"},
        {"act": "status", "status": "resolved", "text": HOSTILE},
    ):
        assert decide(signed_in, item, **fields).status_code == 200
    for path in (page_of(item), LIST + "?status=all"):
        html = shown(signed_in, path)
        assert "img" not in Elements(html).names
        assert "<script>alert" not in html
        for char in ("\x1b", "\u202e", "\0"):
            assert char not in html


def test_a_nul_is_read_the_same_on_a_page_and_in_a_meeting(signed_in: Client, cars: Project, ada: User, item: Item):
    meeting = begin(cars, ada, timezone.now())
    place = meeting.agenda.get(item=item)
    for act, field in (("note", "text"), ("owner", "owner"), ("overrule", "reason")):
        sent = {"act": act, field: f"a\0b {act}", "kind": "consistent_failure"}
        signed_in.post("/p/cars-api/decide", {"item": item.pk, **sent})
        signed_in.post(f"/meetings/{meeting.pk}/do/decide", {"agenda": place.pk, **sent, field: f"a\0b {act} again"})
    texts = list(Decision.objects.exclude(what="opened").values_list("text", "after"))
    assert all("\u2400" in str(told) and "\0" not in str(told) for told in texts), texts
    assert len(texts) == 6


def test_a_note_asks_a_member_who_finds_it_on_the_overview_until_they_have_looked(
    signed_in: Client, client: Client, cars: Project, item: Item
):
    bob = factory.person("bob")
    cars.memberships.create(user=bob, role="viewer")
    decide(signed_in, item, act="note", text="@bob is that yours?\nSince Monday.")
    assert Mention.objects.get().user == bob
    html = shown(signed_in, page_of(item))
    assert "<mark>@bob</mark> is that yours?<br>Since Monday." in html
    client.force_login(bob)
    asked = shown(client, page_of(item))
    assert f'<b>ada</b> asked you to look here: <a href="#d{Mention.objects.get().decision_id}">' in asked
    assert client.post(f"{page_of(item)}/seen").headers["Location"] == page_of(item)
    assert "asked you to look here" not in shown(client, page_of(item))


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_page_that_is_only_loaded_in_advance_marks_nothing_as_seen(
    method: str, signed_in: Client, client: Client, cars: Project, item: Item
):
    bob = factory.person("bob")
    cars.memberships.create(user=bob, role="viewer")
    decide(signed_in, item, act="note", text="@bob is that yours?")
    client.force_login(bob)
    for path in (page_of(item), f"{page_of(item)}/seen"):
        getattr(client, method)(path)
        assert Mention.objects.get().seen_at is None
    mark = client.get("/p/cars-api/fresh").headers["ETag"]
    assert client.post(f"{page_of(item)}/seen", HTTP_HX_REQUEST="true").status_code == 204
    assert Mention.objects.get().seen_at is not None
    assert client.get("/p/cars-api/fresh").headers["ETag"] != mark  # an overview that is open follows


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("brt", "brt is no member of this project; nobody is told. Did you mean bert?"),
        ("Bert Maier", "Bert Maier is no member of this project; nobody is told. Did you mean bert?"),
        ("API team", "API team is no member of this project; nobody is told."),
    ],
)
def test_an_owner_who_is_no_member_is_kept_and_said_at_once_with_an_undo(
    name: str, told: str, signed_in: Client, cars: Project, item: Item
):
    cars.memberships.create(user=factory.person("bert"), role="triager")
    User.objects.filter(username="bert").update(first_name="Bert", last_name="Meier")
    html = decide(signed_in, item, act="owner", owner=name).content.decode()
    assert f"{told}</span>" in html
    assert 'data-does="undo what was done last"' in html
    item.refresh_from_db()
    assert (item.owner_name, item.owner_id) == (name, None)
    for known in ("bert", "Bert Meier", "me", "nobody"):
        assert "is no member" not in decide(signed_in, item, act="owner", owner=known).content.decode()


def test_a_failure_that_came_back_names_the_time_before(signed_in: Client, cars: Project):
    group = past.a_group(cars)
    before = cared.resolved(group, owner_name="API team", ticket="https://example.org/browse/CARS-1")
    now = cared.an_item(group, earlier=before)
    text = plain(shown(signed_in, page_of(now)))
    assert "Second time: it came back after it was resolved on" in text
    assert "First time : opened" in text
    assert "CARS-1" in text
    assert "came back" in plain(shown(signed_in, LIST))


def test_the_page_of_a_failure_is_bounded_however_much_was_decided(
    signed_in: Client, cars: Project, ada: User, django_assert_max_num_queries
):
    group = past.a_group(cars)
    past.a_past(cars, group)
    item = cared.an_item(group, earlier=cared.resolved(group))
    for n in range(150):
        store.note(item, store.Actor.of(ada), f"@ada note {n}")
    with django_assert_max_num_queries(28):
        html = shown(signed_in, page_of(item))
    assert len(html) < 200_000


def test_the_rate_over_time_stands_beside_the_expected_rate(signed_in: Client, cars: Project):
    group = past.a_group(cars)
    past.a_past(cars, group)
    html = shown(signed_in, f"/groups/{group.pk}")
    assert "Rate of this failure by day: 11 of 19 runs failed, 58 %; expected 65 %." in html
    text = plain(html)
    assert "The same as a table" in text
    assert "two requests meet different processes in 50.0 % of cases" in text


def test_a_test_with_an_endless_name_fills_no_line(signed_in: Client, cars: Project):
    name = "test_" + "x" * 3_000 + "_end"
    group = past.a_group(cars, test=f"tests/t.py::{name}")
    html = shown(signed_in, f"/groups/{group.pk}")
    crumb = re.search(r'<p class="crumb">.*?<b[^>]*>([^<]*)</b>', html, re.DOTALL)
    assert crumb is not None
    assert len(crumb.group(1)) <= 64
    assert crumb.group(1).startswith("test_xxx")
    assert crumb.group(1).endswith("_end")
    assert f"<code data-copied>tests/t.py::{name}</code>" in html
    listed_name = re.search(r'class="test" title="tests/t.py::[^"]*">([^<]*)<', shown(signed_in, LIST))
    assert listed_name is not None
    assert len(listed_name.group(1)) <= 90


def test_all_of_a_page_can_be_chosen_without_scripts(signed_in: Client, cars: Project, item: Item):
    html = shown(signed_in, LIST + "?choose=all")
    assert "data-choose checked" in html
    assert "data-choose checked" not in shown(signed_in, LIST)


def test_a_failure_is_put_on_the_agenda_of_the_meeting_that_runs(signed_in: Client, cars: Project, item: Item):
    assert "Put it on the agenda" not in shown(signed_in, page_of(item))
    now = datetime.now(UTC)
    meeting = Meeting.objects.create(project=cars, name="Monday", since=now, began_at=now)
    html = shown(signed_in, page_of(item))
    assert re.search(r"Monday\s+is on\.\s+Put it on the agenda", plain(html))
    signed_in.post(f"/meetings/{meeting.pk}/add", {"group": item.group_id})
    assert meeting.agenda.get().item == item
    html = shown(signed_in, page_of(item))
    assert "this is on its agenda" in html and "Put it on the agenda" not in html
    assert f"/meetings/{meeting.pk}?look={meeting.agenda.get().pk}" in html
