"""Items and decisions in the API: what it answers, what it changes, and for whom."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.api.item_operations import ITEM_EXAMPLES
from tests.dashboard.test_api_history import GROUPS
from tests.dashboard.test_api_openapi import conforms
from tests.dashboard.test_api_runs import a_token, error_of
from tests.triage.histories import TEST, ran
from tests.triage.items import a_person, an_item, ran_later, some_items
from tests.triage.made import a_project
from triage.models import Decision, Item, Judgement
from triage.store.items import Actor, set_owner, set_status, undo, watch

pytestmark = pytest.mark.django_db
ITEMS = "/api/v1/items"
ONE = f"{ITEMS}/{{id}}"
DECIDE = f"{ONE}/decisions"
UNDO = "/api/v1/decisions/{id}/undo"
HOSTILE = "<script>alert(1)</script>\u202e \x1b[31m"


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def item(cars):
    return an_item(cars)


@pytest.fixture
def ada(cars):
    return a_person("ada", cars)


@pytest.fixture
def get(client):
    token = a_token("read")
    return lambda path, **headers: client.get(path, headers={**token, **headers})


@pytest.fixture
def decide(client):
    token = a_token("triage")

    def post(item, **body):
        url = f"{ITEMS}/{item.pk}/decisions"
        answer = client.post(url, json.dumps(body), content_type="application/json", headers=token)
        conforms(answer, "POST", DECIDE)
        return answer

    return post


@pytest.fixture
def take_back(client):
    token = a_token("triage")

    def post(pk):
        answer = client.post(f"/api/v1/decisions/{pk}/undo", headers=token)
        conforms(answer, "POST", UNDO)
        return answer

    return post


def test_an_item_is_answered_in_full(get, cars, ada, item):
    answer = get(f"{ITEMS}/{item.pk}")
    conforms(answer, "GET", ONE)
    document = answer.json()
    assert document == {
        "id": item.pk, "url": f"http://testserver/groups/{item.group_id}", "group": item.group_id, "test": TEST,
        "verdict": document["verdict"], "status": "new", "owner": None, "due": None, "ticket": None, "blocker": False,
        "watch": None, "earlier": None, "opened_at": item.opened_at.isoformat(), "closed_at": None,
        "touched_at": item.touched_at.isoformat(), "version": 1, "decisions": document["decisions"],
    }  # fmt: skip
    (opened,) = document["decisions"]
    assert (opened["what"], opened["who"], opened["undone"]) == ("opened", "Lineup", False)
    assert document["verdict"]["kind"] == "split_state"
    again = get(f"{ITEMS}/{item.pk}", **{"If-None-Match": answer["ETag"]})
    conforms(again, "GET", ONE)
    assert again.status_code == 304


def test_what_is_watched_says_how_often_it_passed(get, cars, ada, item):
    watch([item], Actor.of(ada), 40)
    ran_later(cars, (TEST, False, False))
    ran_later(cars, (TEST, False, False))
    answer = get(f"{ITEMS}/{item.pk}")
    conforms(answer, "GET", ONE)
    watched = answer.json()["watch"]
    assert (watched["wanted"], watched["passed"], watched["failed"]) == (40, 2, 0)
    assert get(ITEMS).json()["items"][0]["watch"] == watched


def test_an_owner_is_a_name_and_never_an_accounts_key(get, item, ada):
    set_owner([item], Actor.of(ada), user=ada)
    answer = get(f"{ITEMS}/{item.pk}")
    conforms(answer, "GET", ONE)
    assert answer.json()["owner"] == "ada"
    decision = answer.json()["decisions"][0]
    assert (decision["before"], decision["after"]) == ({"owner": None}, {"owner": "ada"})


def test_items_are_listed_the_last_opened_first_and_narrowed(get, cars, ada):
    first, second = an_item(cars), an_item(cars, "t.py::test_x")
    set_status([first], Actor.of(ada), "resolved")
    set_owner([second], Actor.of(ada), name="API team")
    answer = get(ITEMS)
    conforms(answer, "GET", ITEMS)

    def found(query):
        return [each["id"] for each in get(f"{ITEMS}?{query}").json()["items"]]

    assert found("") == [second.pk, first.pk]
    assert found("status=open") == found("owner=API%20team") == found("status=new") == [second.pk]
    assert found("status=resolved&owner=-") == [first.pk]
    assert found("kind=test_error") == found("owner=%F0%9F%98%80") == []
    for query, field in (("status=x", "status"), ("kind=x", "kind"), ("cursor=!", "cursor"), ("owner=%00", "owner")):
        answer = get(f"{ITEMS}?{query}")
        conforms(answer, "GET", ITEMS)
        error_of(answer, 400, field)


def test_the_pages_of_items_miss_none_and_cost_a_bounded_number_of_queries(get, cars, django_assert_max_num_queries):
    items = some_items(cars, 250)
    Item.objects.filter(pk__in=[each.pk for each in items[::2]]).update(opened_at=timezone.now() - timedelta(days=3))
    seen, cursor = [], ""
    get(ITEMS)
    for size in (100, 100, 50):
        with django_assert_max_num_queries(3):
            page = get(f"{ITEMS}?cursor={cursor}").json()
        assert len(page["items"]) == size
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert len(set(seen)) == 250


def test_a_group_names_its_newest_item(get, cars, ada, item):
    set_status([item], Actor.of(ada), "resolved")
    ran_later(cars)
    new = Item.objects.open().get()
    for answer, path in ((get(f"{GROUPS}/{item.group_id}"), f"{GROUPS}/{{id}}"), (get(GROUPS), GROUPS)):
        conforms(answer, "GET", path)
        document = answer.json()
        care = document["groups"][0]["item"] if "groups" in document else document["item"]
        assert care == {
            "id": new.pk, "status": "new", "owner": None, "due": None, "ticket": None, "blocker": False,
        }  # fmt: skip
    assert get(f"{ITEMS}/{new.pk}").json()["earlier"] == item.pk
    Item.objects.all().delete()
    assert get(f"{GROUPS}/{item.group_id}").json()["item"] is None


def test_everything_can_be_decided_at_once(decide, item, ada):
    answer = decide(
        item, status="observing", watch=7, owner="ada", due="2027-01-15", ticket="https://t.example/7", blocker=True,
        accepted=True, note="@ada saw it",
    )  # fmt: skip
    assert answer.status_code == 201
    document = answer.json()
    assert [each["what"] for each in document["decisions"]] == [
        "status", "owner", "due", "ticket", "blocker", "accepted", "note",
    ]  # fmt: skip
    assert {each["who"].split()[0] for each in document["decisions"]} == {"token"}
    item.refresh_from_db()
    assert (item.status, item.passes_wanted, item.owner, item.blocker) == ("observing", 7, ada, True)
    assert (document["item"]["version"], document["item"]["watch"]["wanted"]) == (8, 7)
    assert Judgement.objects.get().accepted


def test_what_is_so_already_changes_nothing(decide, item):
    body = {"status": "investigating", "owner": "API team", "note": "seen"}
    assert decide(item, **body).status_code == 201
    answer = decide(item, **body)
    assert (answer.status_code, answer.json()["decisions"]) == (200, [])
    assert Decision.objects.count() == 4
    assert [each["what"] for each in decide(item, blocker=True, note="seen").json()["decisions"]] == ["blocker", "note"]
    assert [each["what"] for each in decide(item, blocker=False, note=None).json()["decisions"]] == ["blocker"]


def test_null_and_empty_take_away(decide, item, ada):
    decide(item, owner="API team", due="2027-01-15", ticket="https://t.example/7", blocker=True, watch=3)
    item.refresh_from_db()
    assert (item.owner, item.status) == (None, "observing")
    decide(item, owner=None, due=None, ticket="", blocker=False)
    item.refresh_from_db()
    assert (item.owner_name, item.due, item.ticket, item.blocker) == ("", None, "", False)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"colour": "red"}, None),
        ({"status": "gone"}, "status"),
        ({"status": None}, "status"),
        ({"status": 7}, "status"),
        ({"status": "resolved", "watch": 5}, "watch"),
        ({"watch": 0}, "watch"),
        ({"watch": 10**30}, "watch"),
        ({"watch": True}, "watch"),
        ({"watch": None}, "watch"),
        ({"owner": "x" * 151}, "owner"),
        ({"owner": ["ada"]}, "owner"),
        ({"owner": "a\0b"}, "owner"),
        ({"due": "15.1.2027"}, "due"),
        ({"due": "9999-12-31"}, "due"),
        ({"due": "0001-01-01"}, "due"),
        ({"due": 20270115}, "due"),
        ({"ticket": "javascript:alert(1)"}, "ticket"),
        ({"ticket": "https://" + "x" * 2_000}, "ticket"),
        ({"blocker": "yes"}, "blocker"),
        ({"blocker": None}, "blocker"),
        ({"note": "x" * 10_001}, "note"),
        ({"note": " \n"}, "note"),
        ({"accepted": "yes"}, "accepted"),
        ({"accepted": False}, "accepted"),
        ({"accepted": False, "kind": "gremlins", "reason": "r"}, "kind"),
        ({"accepted": False, "kind": "lost_state"}, "accepted"),
        ({"accepted": False, "kind": "split_state", "mechanism": "in_memory", "reason": "r"}, "accepted"),
        ({"kind": "lost_state"}, "kind"),
        ({"status": "investigating", "reason": "it is"}, "reason"),
        ({"status": "investigating", "ticket": "nowhere"}, "ticket"),
    ],
)
def test_what_makes_no_sense_is_refused_whole(body, field, decide, item):
    error_of(decide(item, **body), 400, field)
    item.refresh_from_db()
    assert (item.status, item.version, Decision.objects.count()) == ("new", 1, 1)


def test_an_overruled_verdict_keeps_what_it_was_instead(decide, item):
    answer = decide(item, accepted=False, kind="lost_state", mechanism="redeploy", reason="a deploy ran")
    (decision,) = answer.json()["decisions"]
    assert (decision["what"], decision["text"]) == ("overruled", "a deploy ran")
    assert decision["after"] == {"kind": "lost_state", "mechanism": "redeploy"}


def test_hostile_text_stays_text(decide, get, item):
    answer = decide(item, note=HOSTILE, owner=HOSTILE)
    assert answer.json()["decisions"][-1]["text"] == HOSTILE
    conforms(get(f"{ITEMS}/{item.pk}"), "GET", ONE)


def test_a_resolved_item_that_came_back_stays_closed(decide, cars, item):
    decide(item, status="resolved")
    ran_later(cars)
    answer = decide(item, status="new")
    assert error_of(answer, 400, "status") == "bad_field"
    assert "came back" in answer.json()["error"]["message"]


def test_a_decision_is_taken_back_once(decide, take_back, item):
    (decision,) = decide(item, status="resolved").json()["decisions"]
    answer = take_back(decision["id"])
    (back,) = answer.json()["decisions"]
    assert (back["what"], back["undoes"]) == ("undone", decision["id"])
    assert take_back(decision["id"]).json()["decisions"][0]["id"] == back["id"]
    item.refresh_from_db()
    assert item.status == "new"


def test_what_was_taken_at_once_is_taken_back_at_once(take_back, cars, ada):
    made = set_status(some_items(cars, 40), Actor.of(ada), "resolved")
    assert len(take_back(made[7].pk).json()["decisions"]) == 40


def test_what_somebody_changed_since_is_not_taken_back(decide, take_back, item, ada):
    (decision,) = decide(item, status="investigating").json()["decisions"]
    set_status([item], Actor.of(ada), "resolved")
    answer = take_back(decision["id"])
    assert error_of(answer, 409) == "overtaken"
    assert "ada changed the status" in answer.json()["error"]["message"]
    opened = Decision.objects.get(what="opened")
    assert error_of(take_back(opened.pk), 400) == "cannot_be_undone"
    assert error_of(take_back(10**30), 404) == "unknown_decision"


def test_another_projects_items_and_decisions_do_not_exist(client, cars, item):
    foreign = a_token("triage", project="trucks")
    decision = Decision.objects.get()
    body = {"data": '{"status": "resolved"}', "content_type": "application/json", "headers": foreign}
    assert error_of(client.get(f"{ITEMS}/{item.pk}", headers=foreign), 404) == "unknown_item"
    assert error_of(client.post(f"{ITEMS}/{item.pk}/decisions", **body), 404) == "unknown_item"
    assert error_of(client.post(f"/api/v1/decisions/{decision.pk}/undo", **body), 404) == "unknown_decision"
    assert client.get(ITEMS, headers=foreign).json()["items"] == []
    assert error_of(client.get(f"{ITEMS}/{10**30}", headers=foreign), 404) == "unknown_item"
    item.refresh_from_db()
    assert item.status == "new"


def test_a_member_of_another_project_is_a_teams_name_here(decide, item):
    eve = a_person("eve", a_project("trucks"))
    decide(item, owner="eve")
    item.refresh_from_db()
    assert (item.owner, item.owner_name, eve.pk > 0) == (None, "eve", True)


def test_an_owner_whom_nobody_tells_is_said_in_the_answer(decide, item, ada):
    def remarks(**body):
        return decide(item, **body).json()["remarks"]

    assert remarks(owner="adda") == ["adda is no member of this project; nobody is told. Did you mean ada?"]
    assert remarks(owner="API team") == ["API team is no member of this project; nobody is told."]
    assert remarks(blocker=True) == []
    assert remarks(owner="ada") == []
    assert remarks(owner=None) == []


def test_deciding_takes_the_scope_and_a_small_json_body(client, cars, item):
    url, undone = f"{ITEMS}/{item.pk}/decisions", f"/api/v1/decisions/{Decision.objects.get().pk}/undo"
    for path, shape in ((url, DECIDE), (undone, UNDO)):
        for token, status in ((a_token("read"), 403), (a_token("upload"), 403), ({}, 401)):
            answer = client.post(path, "{}", content_type="application/json", headers=token)
            conforms(answer, "POST", shape)
            assert answer.status_code == status
        assert client.get(path, headers=a_token("triage")).status_code == 405
    token = a_token("triage")
    for body, status in (("[]", 400), ("{", 400), (b"\xff", 400), (" " * 140_000, 413)):
        answer = client.post(url, body, content_type="application/json", headers=token)
        conforms(answer, "POST", DECIDE)
        assert answer.status_code == status
    for path, shape in ((ITEMS, ITEMS), (f"{ITEMS}/{item.pk}", ONE)):
        for token, status in ((a_token("upload"), 403), ({}, 401), (a_token("triage"), 200)):
            answer = client.get(path, headers=token)
            conforms(answer, "GET", shape)
            assert answer.status_code == status


def test_the_examples_do_what_they_say(client, cars, item, decide, ada):
    page = client.get("/api/").content.decode()
    assert "Decide on an item" in page
    assert "Undo a decision" in page
    body = json.loads(re.search(r"-d '(\{.*\})'", ITEM_EXAMPLES["decide"], re.S)[1])
    assert decide(item, **body).status_code == 201
    token = a_token("triage")
    for name, path in (("listItems", r"SERVER(\S+)\""), ("readItem", r"SERVER(\S+) ")):
        address = re.search(path, ITEM_EXAMPLES[name])[1].replace("$ITEM_ID", str(item.pk))
        assert client.get(address, headers=token).status_code == 200
    decision = Decision.objects.of_item(item)[0]
    address = re.search(r"SERVER(\S+) ", ITEM_EXAMPLES["undoDecision"])[1].replace("$DECISION_ID", str(decision.pk))
    assert client.post(address, headers=token).status_code == 200


def test_a_decision_undone_and_taken_again_reads_so(get, item, ada, cars):
    by = Actor.of(ada)
    (decision,) = set_status([item], by, "resolved")
    (back,) = undo(decision, by)
    undo(back, by)
    ran(cars, (TEST, False, False))
    told = get(f"{ITEMS}/{item.pk}").json()["decisions"]
    assert [(each["what"], each["undone"]) for each in told] == [
        ("undone", False), ("undone", True), ("status", True), ("opened", False),
    ]  # fmt: skip
