"""What people decide about items: written once, with who, and never lost."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from tests.triage.histories import TEST, ran
from tests.triage.items import TESTS, a_person, an_item, some_items
from tests.triage.made import a_project
from triage.models import Decision, Item, Judgement, Meeting, Mention, Notice
from triage.store.items import (
    Actor,
    answer,
    note,
    set_blocker,
    set_due,
    set_owner,
    set_status,
    set_ticket,
    watch,
)
from triage.store.items.mentions import names_in
from triage.store.mentions import seen

HOSTILE = "<script>alert(1)</script>\u202e\0\ud800 @ada"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail(settings):
    settings.MAIL = True  # people are written to


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def ada(cars):
    return a_person("ada", cars)


@pytest.fixture
def bob(cars):
    return a_person("bob", cars)


@pytest.fixture
def by(ada):
    return Actor.of(ada)


@pytest.fixture
def item(cars):
    return an_item(cars)


def a_meeting(project, item=None):
    now = timezone.now()
    meeting = Meeting.objects.create(project=project, name="Triage", since=now, began_at=now)
    if item is not None:
        meeting.agenda.create(item=item, position=0, section="new", reason="")
    return meeting


def test_a_status_is_written_with_who_and_when(item, by, ada):
    (decision,) = set_status([item], by, "investigating", text=" looks real ")
    item.refresh_from_db()
    assert (item.status, item.version, item.touched_at) == ("investigating", 2, decision.at)
    assert (decision.what, decision.user, decision.who, decision.text) == ("status", ada, "ada", "looks real")
    assert (decision.before, decision.after, decision.batch) == ({"status": "new"}, {"status": "investigating"}, None)
    assert decision.project_id == item.project_id


def test_the_same_decision_twice_is_one(item, by, bob):
    meeting = a_meeting(item.project, item)
    decisions = (
        lambda: set_status([item], by, "observing", passes_wanted=5, text="deployed"),
        lambda: set_owner([item], by, user=bob, due=date(2026, 12, 1)),
        lambda: set_ticket([item], by, "https://tickets.example/7"),
        lambda: set_blocker([item], by, True),
        lambda: note(item, by, "see the ticket"),
    )
    for decide in (twice for each in decisions for twice in (each, each)):
        decide()
    told = ["opened", "status", "owner", "ticket", "blocker", "note"]
    assert [each.what for each in Decision.objects.of_item(item)][::-1] == told
    item.refresh_from_db()
    meeting.refresh_from_db()
    assert (item.version, meeting.version) == (6, 6)


def test_what_changes_nothing_writes_nothing(item, by):
    version = Item.objects.get().version
    assert set_status([item], by, "new") == ()
    assert set_owner([item], by) == ()
    assert set_due([item], by, None) == set_ticket([item], by, " ") == set_blocker([item], by, False) == ()
    assert Item.objects.get().version == version


def test_words_that_come_with_no_change_are_kept_as_a_note(item, by):
    (decision,) = set_status([item], by, "new", text="still nobody")
    assert (decision.what, decision.text) == ("note", "still nobody")
    assert set_status([item], by, "new", text="still nobody") == ()


@pytest.mark.parametrize("first", Item.Status.values)
@pytest.mark.parametrize("then", Item.Status.values)
def test_any_status_may_follow_any(first, then, item, by):
    set_status([item], by, first)
    set_status([item], by, then)
    item.refresh_from_db()
    assert item.status == then
    assert (item.closed_at is not None) == (then == "resolved")
    if then in ("fix_claimed", "observing"):
        assert item.observing_since is not None
    if then in ("new", "investigating"):
        assert item.observing_since is None
    assert (item.passes_wanted == 20) == (then == "observing" or (first, then) == ("observing", "resolved"))


def test_watching_counts_from_its_beginning_whatever_number_is_wanted_later(item, by):
    watch([item], by, 40)
    item.refresh_from_db()
    since = item.observing_since
    (decision,) = watch([item], by, 60)
    item.refresh_from_db()
    assert (item.status, item.passes_wanted, item.observing_since) == ("observing", 60, since)
    assert (decision.what, decision.after) == ("watch", {"passes_wanted": 60})
    set_status([item], by, "investigating")
    watch([item], by, 60)
    item.refresh_from_db()
    assert item.observing_since > since


@pytest.mark.parametrize(
    "bad",
    [
        lambda i, by: set_status([i], by, "gone"),
        lambda i, by: set_status([i], by, "new\0"),
        lambda i, by: set_status([i], by, "observing", passes_wanted=0),
        lambda i, by: watch([i], by, 10**9),
        lambda i, by: watch([i], by, -1),
        lambda i, by: set_status([i], by, "resolved", text="x" * 10_001),
        lambda i, by: note(i, by, " \n "),
        lambda i, by: note(i, by, "x" * 10_001),
        lambda i, by: set_owner([i], by, name="x" * 151),
        lambda i, by: set_owner([i], by, name="o", due=date(1, 1, 1)),
        lambda i, by: set_due([i], by, date(9999, 12, 31)),
        lambda i, by: set_due([i], by, date.min),
        lambda i, by: set_ticket([i], by, "javascript:alert(1)"),
        lambda i, by: set_ticket([i], by, "tickets.example/1"),
        lambda i, by: set_ticket([i], by, "https://"),
        lambda i, by: set_ticket([i], by, "https://[::1"),
        lambda i, by: set_ticket([i], by, "https://a b"),
        lambda i, by: set_ticket([i], by, "https://ada:secret@tickets.example/1"),
        lambda i, by: set_ticket([i], by, "https://a\0b"),
        lambda i, by: set_ticket([i], by, "https://a/\u202eb"),
        lambda i, by: set_ticket([i], by, "https://a/\ud800"),
        lambda i, by: set_ticket([i], by, "https://a/" + "b" * 2_000),
        lambda i, by: answer(i, by, False),
        lambda i, by: answer(i, by, False, "lost_state"),
        lambda i, by: answer(i, by, False, "gremlins", reason="r"),
        lambda i, by: answer(i, by, False, "lost_state", "gremlins", reason="r"),
        lambda i, by: answer(i, by, False, "split_state", "in_memory", reason="r"),
        lambda i, by: answer(i, by, True, reason="x" * 2_001),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(bad, item, by):
    with pytest.raises(ValueError, match=r"^[A-Z].*[.?]$"):
        bad(item, by)
    item.refresh_from_db()
    assert (item.status, item.version, Decision.objects.count()) == ("new", 1, 1)
    assert not Judgement.objects.exists()


def test_a_due_date_may_be_long_ago_or_far_away_and_a_moment_is_its_day(item, by):
    set_due([item], by, date(2000, 1, 1))
    set_due([item], by, date(2100, 12, 31))
    set_due([item], by, datetime(2027, 2, 3, 23, 59, tzinfo=UTC))
    item.refresh_from_db()
    assert item.due == date(2027, 2, 3)


def test_an_owner_is_a_member_or_a_teams_name_and_is_told_once(item, by, bob, ada):
    bob.email = "bob@example.org"
    bob.save()
    set_owner([item], by, user=bob, due=date(2026, 12, 1))
    item.refresh_from_db()
    assert (item.owner, item.owner_name, item.due) == (bob, "bob", date(2026, 12, 1))
    assert list(Notice.objects.values_list("user", "event")) == [(bob.pk, "assigned")]
    set_owner([item], by, user=ada)
    set_owner([item], by, name="  API \n team ")
    item.refresh_from_db()
    assert (item.owner, item.owner_name, item.due) == (None, "API team", date(2026, 12, 1))
    (decision,) = set_owner([item], by)
    assert decision.before == {"owner_name": "API team"}
    assert Notice.objects.count() == 1, "nobody is told what they did themselves"


def test_nobody_from_elsewhere_can_own_an_item(item, by):
    eve = a_person("eve", a_project("trucks"))
    with pytest.raises(ValueError, match="eve is no member of this project"):
        set_owner([item], by, user=eve)
    root = a_person("root")
    root.is_superuser = True
    root.save()
    assert set_owner([item], by, user=root)


def test_only_a_due_date_that_changes_with_the_owner_is_a_decision_on_it(item, by, bob):
    set_owner([item], by, user=bob)
    (decision,) = set_owner([item], by, user=bob, due=date(2026, 12, 1))
    assert (decision.what, decision.after) == ("due", {"due": "2026-12-01"})


def test_an_account_that_goes_leaves_its_name(item, by, bob, ada):
    set_owner([item], by, user=bob)
    bob.delete()
    ada.delete()
    item.refresh_from_db()
    assert (item.owner, item.owner_name) == (None, "bob")
    assert [each.who for each in Decision.objects.of_item(item)] == ["ada", "Lineup"]


def test_hostile_text_is_kept_as_text(item, by, ada, cars):
    eve = Actor(None, "token \0\ud800" + "x" * 500)
    decision = note(item, eve, HOSTILE)
    set_owner([item], eve, name=HOSTILE)
    decision.refresh_from_db()
    assert decision.text.startswith("<script>alert(1)</script>\u202e\u2400?")
    assert len(decision.who) == 150
    assert Mention.objects.get().user == ada
    assert "\0" not in Item.objects.get().owner_name


def test_a_note_sent_twice_is_kept_once_and_a_later_one_again(item, by, bob):
    first = note(item, by, "retried")
    assert note(item, by, " retried ").pk == first.pk
    assert note(item, Actor.of(bob), "retried").pk != first.pk
    assert note(item, by, "retried").pk > first.pk


def test_lines_that_a_browser_ends_its_own_way_are_kept_as_lines(item, by):
    """Forms end lines in CR LF: pages showed a \\x0d at the end of every line of a note."""
    assert note(item, by, "\r\none\r\ntwo\rthree\r\n").text == "one\ntwo\nthree"
    set_status([item], by, "investigating", text="why\r\nnot")
    assert Decision.objects.get(what="status").text == "why\nnot"
    assert answer(item, by, True, reason="one\r\ntwo").text == "one\ntwo"
    assert Judgement.objects.get().reason == "one\ntwo"


def test_what_is_decided_at_once_is_one_batch_with_a_bounded_number_of_queries(
    cars, by, bob, django_assert_max_num_queries
):
    items = some_items(cars, 1_000)
    with django_assert_max_num_queries(14):
        made = set_owner(reversed(items), by, user=bob, due=date(2026, 12, 1))
    assert (len(made), len({each.batch for each in made})) == (1_000, 1)
    assert made[0].batch is not None
    with django_assert_max_num_queries(12):
        set_status(items, by, "resolved", text="all the same bug, @bob")
    assert Item.objects.open().count() == 0
    with django_assert_max_num_queries(14):
        set_status(items[:500], by, "observing")
    assert Notice.objects.count() == 2, "one message each, however many items"
    assert Mention.objects.count() == 1_000


def test_items_of_two_projects_are_never_decided_on_at_once(cars, by):
    trucks = a_project("trucks")
    items = [an_item(cars), an_item(trucks)]
    with pytest.raises(ValueError, match="one project"):
        set_blocker(items, by, True)
    with pytest.raises(ValueError, match="one project"):
        set_blocker(items[:1], by, True, meeting=a_meeting(trucks))
    assert not Item.objects.filter(blocker=True).exists()


def test_items_that_are_gone_are_left_out(cars, by):
    items = some_items(cars, 2)
    Item.objects.filter(pk=items[0].pk).delete()
    assert len(set_blocker(items, by, True)) == 1
    with pytest.raises(ValueError, match="no such item"):
        note(items[0], by, "hello")
    with pytest.raises(ValueError, match="no such item"):
        answer(items[0], by, True)


def test_a_resolved_item_is_opened_again_by_hand_only_while_it_is_the_newest(cars, by):
    old = an_item(cars)
    set_status([old], by, "resolved")
    set_status([old], by, "investigating")
    assert Item.objects.get().closed_at is None
    set_status([old], by, "resolved")
    now = timezone.now()
    Item.objects.create(project=cars, group=old.group, earlier=old, opened_at=now, touched_at=now)
    with pytest.raises(ValueError, match=r"came back on .* decide on the newer item"):
        set_status([old], by, "new")


def test_decisions_in_a_meeting_belong_to_it_and_everybody_there_is_told(item, by):
    meeting, ended = a_meeting(item.project, item), a_meeting(item.project, item)
    Meeting.objects.filter(pk=ended.pk).update(ended_at=timezone.now())
    note(item, by, "seen", meeting=meeting)
    set_status([item], by, "investigating", meeting=meeting)
    assert [each.what for each in Decision.objects.of_meeting(meeting)] == ["note", "status"]
    meeting.refresh_from_db()
    ended.refresh_from_db()
    assert (meeting.version, ended.version) == (3, 1)


def test_an_accepted_verdict_is_judged_once(item, by, ada):
    decision = answer(item, by, True)
    assert answer(item, by, True).pk == decision.pk
    judgement = Judgement.objects.get()
    assert (decision.what, decision.judgement, judgement.group) == ("accepted", judgement, item.group)
    over = answer(item, by, False, "lost_state", "redeploy", "a deploy ran @bob")
    assert (over.what, over.text, over.after) == (
        "overruled", "a deploy ran @bob", {"kind": "lost_state", "mechanism": "redeploy"},
    )  # fmt: skip
    assert answer(item, Actor(None, "token ci"), True).judgement.who == "token ci"


def test_a_failure_without_a_verdict_cannot_be_answered(cars, by):
    (item,) = some_items(cars, 1)
    type(item.group).objects.update(kind="")
    item.refresh_from_db()
    with pytest.raises(ValueError, match="no verdict yet"):
        answer(item, by, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada look", ["ada"]),
        ("hello @Ada, and (@bob.smith)", ["ada", "bob.smith"]),
        ("@bob.smith.", ["bob.smith"]),
        ("@bob.smithers", ["bob"]),
        ("@bob.", ["bob"]),
        ("@bob_", []),
        ("@eve@example.org!", ["eve@example.org"]),
        ("@eve@example.com", []),
        ("mail ada@example.org or x@ada", []),
        ("@@ada", []),
        ("@", []),
        ("@nobody @ada @ada", ["ada"]),
        ("@ada\u202e", ["ada"]),
        ("@" * 100_000, []),
        (("@" + "." * 200) * 60, []),
    ],
)
def test_who_is_mentioned(text, names, item, by, cars):
    for name in ("ada2", "bob", "bob.smith", "eve@example.org"):
        a_person(name, cars)
    a_person("nobody", a_project("trucks"))
    gone = a_person("gone", cars)
    gone.is_active = False
    gone.save()
    decision = note(item, Actor(None, "token ci"), text[:9_900] + " @gone")
    assert [mention.user.username for mention in decision.mentions.order_by("pk")] == names
    assert sorted(Notice.objects.values_list("user__username", flat=True)) == sorted(names)


def test_looking_for_names_is_bounded():
    assert len(names_in("@a " * 100_000)) == 50
    assert max(len(names) for names in names_in(("@" + "a." * 200 + " ") * 3)) <= 15


def test_mentions_are_unseen_until_looked_at(item, by, bob, cars):
    note(item, by, "@bob @ada please")
    (mention,) = Mention.objects.waiting_for(bob, cars)
    assert mention.test == TEST
    assert not Mention.objects.filter(user__username="ada").exists()
    assert Mention.objects.waiting_for(bob, a_project("trucks")) == []
    seen(bob, item.group, timezone.now())
    assert Mention.objects.waiting_for(bob, cars) == []


def test_items_are_found_by_what_is_asked(cars, by, bob):
    for test in TESTS:
        ran(cars, (test, True, None))
    first, second, third = Item.objects.order_by("pk")
    set_owner([first], by, user=bob, due=date(2026, 1, 1))
    set_status([second], by, "resolved")
    set_blocker([third], by, True)
    mine = Item.objects.of_project(cars)
    assert set(mine.open()) == {first, third}
    assert list(mine.narrowed(status="resolved")) == [second]
    assert list(mine.narrowed(owner="bob")) == [first]
    assert set(mine.narrowed(owner="-")) == {second, third}
    assert list(mine.narrowed(blocker=True)) == [third]
    assert list(mine.narrowed(due_before=date(2026, 1, 2))) == [first]
    assert mine.narrowed(kind="split_state").count() == 3
    assert list(mine.narrowed(named="TEST_1", level="suspected")) == [second]
    assert mine.narrowed(kind="test_error").count() == 0
    assert Item.objects.current_of([second.group_id])[second.group_id] == second
    assert Item.objects.by_key(cars, first.pk) == first
    assert Item.objects.by_key(a_project("trucks"), first.pk) is None
