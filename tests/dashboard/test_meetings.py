"""The pages of meetings, through the client: what they say, to whom, and at what price."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard import factory, past
from tests.triage.meets import an_item
from triage.models import Decision, Duty, Item, Meeting, Project, Schedule
from triage.store.meetings.begin import begin

pytestmark = pytest.mark.django_db
LIVE = {"HTTP_HX_REQUEST": "true"}
HOSTILE = "<script>alert(1)</script> \x00\u202e ](javascript:alert(1))"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def full(cars: Project) -> Project:
    """A project with a failure that has history, and one of each other section."""
    group = past.a_group(cars)
    past.a_past(cars, group, 5, 4)
    past.a_failing_run(cars, group)
    Item.objects.create(project=cars, group=group, opened_at=now(), touched_at=now())
    old = an_item(cars, ago=timedelta(days=9), status="investigating", blocker=True)
    closed = an_item(cars, ago=timedelta(days=30), status="resolved", closed_at=now() - timedelta(days=3))
    Item.objects.create(project=cars, group=closed.group, earlier=closed, opened_at=now(), touched_at=now())
    an_item(cars, status="observing", passes_wanted=40, observing_since=old.opened_at, ago=timedelta(days=12))
    return cars


def met(project: Project, user: User, client: Client) -> Meeting:
    meeting = begin(project, user, now())
    client.get(f"/meetings/{meeting.pk}")
    meeting.refresh_from_db()
    return meeting


def do(client: Client, meeting: Meeting, name: str, **form: object):
    return client.post(f"/meetings/{meeting.pk}/do/{name}", form)


def test_a_meeting_is_begun_and_shows_its_agenda_with_reasons(signed_in: Client, full: Project):
    answer = signed_in.post("/p/cars-api/meetings/begin", follow=True)
    page = answer.content.decode()
    for words in ("Came back", "was fixed", "New", "11 of 19 runs", "Watching a fix", "0 of 40 passes"):
        assert words in page, words
    assert Meeting.objects.count() == 1
    assert signed_in.post("/p/cars-api/meetings/begin").headers["Location"] == f"/meetings/{Meeting.objects.get().pk}"


def test_an_empty_agenda_is_a_sensible_page(signed_in: Client, cars: Project, ada: User):
    assert "Nothing waits for a meeting" in signed_in.get("/p/cars-api/meetings").content.decode()
    meeting = met(cars, ada, signed_in)
    page = signed_in.get(f"/meetings/{meeting.pk}").content.decode()
    assert "Nothing is on the agenda." in page
    assert "A meeting runs" in signed_in.get("/p/cars-api/meetings").content.decode()


@pytest.mark.parametrize("role", ["viewer", "triager", "admin"])
def test_only_who_may_triage_decides_and_everybody_in_the_project_watches(role: str, client: Client, cars: Project):
    user = factory.person("rob")
    factory.project("another", user)
    cars.memberships.create(user=user, role=role)
    client.force_login(user)
    meeting = begin(cars, user, now())
    item = an_item(cars)
    may = role != "viewer"
    page = client.get(f"/meetings/{meeting.pk}")
    assert page.status_code == 200
    assert (b"End the meeting" in page.content) is may
    for name in ("decide", "undo", "move", "done", "skip", "take-up", "add", "line", "withdraw", "hand-over", "end"):
        form = {"text": "x", "act": "note", "group": str(item.group_id)}
        assert do(client, meeting, name, **form).status_code == (302 if may else 403), name
    for path in ("meetings/begin", "meetings/schedules", "duty", "duty/1/end", "meetings/schedules/1/pause"):
        assert client.post(f"/p/cars-api/{path}").status_code == (302 if may else 403), path
    assert client.post(f"/meetings/{meeting.pk}/send").status_code == (302 if may else 403)


def test_a_stranger_finds_nothing_at_any_address(client: Client, cars: Project, ada: User):
    meeting = begin(cars, ada, now())
    client.force_login(factory.person("eve"))
    for path in ("", "/now", "/minutes", "/minutes.md"):
        assert client.get(f"/meetings/{meeting.pk}{path}").status_code == 404, path
    for path in ("/do/decide", "/do/end", "/do/line", "/add", "/send"):
        assert client.post(f"/meetings/{meeting.pk}{path}").status_code == 404, path
    assert client.get("/p/cars-api/meetings").status_code == 404
    for path in ("meetings/begin", "meetings/schedules", "meetings/schedules/1/delete", "duty", "duty/1/end"):
        assert client.post(f"/p/cars-api/{path}").status_code == 404, path
    meeting.refresh_from_db()
    assert meeting.ended_at is None


def test_whoever_is_not_signed_in_is_asked_to(client: Client, cars: Project, ada: User):
    meeting = begin(cars, ada, now())
    assert client.get(f"/meetings/{meeting.pk}").headers["Location"].startswith("/sign-in")
    assert client.get(f"/meetings/{meeting.pk}/now", **LIVE).headers["HX-Refresh"] == "true"


def test_what_belongs_to_another_project_cannot_be_used_in_a_meeting(signed_in: Client, full: Project, ada: User):
    other = factory.project("other", factory.person("rob"))
    theirs, meeting = an_item(other), met(full, ada, signed_in)
    foreign = begin(other, ada, now())
    place = foreign.agenda.get()
    do(signed_in, meeting, "add", group=theirs.group_id)
    do(signed_in, meeting, "decide", agenda=place.pk, act="blocker")
    do(signed_in, meeting, "move", seen=meeting.current_id, to=place.pk)
    do(signed_in, meeting, "done", agenda=place.pk)
    signed_in.post(f"/p/cars-api/meetings/schedules/{_schedule(other).pk}/delete")
    theirs.refresh_from_db()
    place.refresh_from_db()
    assert not theirs.blocker
    assert place.done_at is None
    assert not meeting.agenda.filter(item=theirs).exists()
    assert Schedule.objects.filter(deleted_at=None).count() == 1


def _schedule(project: Project) -> Schedule:
    return Schedule.objects.create(
        project=project, name="Daily", weekdays=[0], at="09:30", timezone="UTC", next_at=now()
    )  # fmt: skip


def test_a_mistyped_owner_is_said_in_the_meeting_with_the_undo_beside_it(signed_in: Client, full: Project, ada: User):
    full.memberships.create(user=factory.person("bert"), role="triager")
    meeting = met(full, ada, signed_in)
    place = meeting.current
    assert place is not None
    form = {"agenda": place.pk, "act": "owner", "owner": "brt"}
    page = signed_in.post(f"/meetings/{meeting.pk}/do/decide", form, **LIVE).content.decode()
    said = page.partition('id="saying">')[2].partition("</div>")[0]
    assert "brt is no member of this project; nobody is told. Did you mean bert?" in said
    decision = Decision.objects.get(what="owner")
    assert f'name="decision" value="{decision.pk}"' in said
    do(signed_in, meeting, "decide", **form | {"owner": "bart"})
    page = signed_in.get(f"/meetings/{meeting.pk}").content.decode()
    assert "bart is no member" in page and 'data-does="undo what was done last"' in page


def test_minutes_begin_with_who_does_what_by_when(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    first, second, third = meeting.agenda.order_by("position")[:3]
    do(signed_in, meeting, "decide", agenda=first.pk, act="owner", owner="ada", due="2026-12-01")
    do(signed_in, meeting, "decide", agenda=first.pk, act="ticket", ticket="https://tickets.example/browse/CARS-7")
    do(signed_in, meeting, "decide", agenda=second.pk, act="accept", reason="seen in both logs")
    do(signed_in, meeting, "decide", agenda=second.pk, act="accept", reason="and in the third")
    do(signed_in, meeting, "decide", agenda=second.pk, act="note", text="Read the key")
    do(signed_in, meeting, "decide", agenda=third.pk, act="status", status="resolved")
    do(signed_in, meeting, "end")
    page = signed_in.get(f"/meetings/{meeting.pk}/minutes").content.decode()
    told = page.partition('id="to-do"')[2].partition("</section>")[0]
    mine, _, nobodys = told.partition('<h3 class="quiet">Nobody yet</h3>')
    assert "<h3>ada</h3>" in mine and "by 1 December 2026" in mine and ">CARS-7</a>" in mine
    assert nobodys.count("<li>") == 1 and "Read the key" in nobodys
    whole = signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content.decode()
    assert whole.index("## Who does what by when") < whole.index("## Came back")
    assert whole.count("Verdict accepted") <= 2 and "seen in both logs" not in whole


def test_every_decision_is_taken_from_the_meeting_and_stands_in_its_minutes(
    signed_in: Client, full: Project, ada: User
):
    meeting = met(full, ada, signed_in)
    place = meeting.agenda.get(item__group__test="tests/test_api_example.py::test_api_example")
    acts: tuple[dict[str, str], ...] = (
        {"act": "accept"},
        {"act": "owner", "owner": "API team", "due": "2026-12-01"},
        {"act": "ticket", "ticket": "https://tickets.example/CARS-7"},
        {"act": "blocker", "blocker": "yes"},
        {"act": "status", "status": "fix_claimed", "text": "reverted"},
        {"act": "watch", "passes": "12"},
        {"act": "note", "text": "Read SECRET_KEY from the environment"},
        {"act": "overrule", "kind": "test_error", "reason": "the fixture"},
    )
    for form in acts:
        answer = signed_in.post(f"/meetings/{meeting.pk}/do/decide", {"agenda": place.pk, **form}, **LIVE)
        assert b"data-problem" not in answer.content, form
    page = signed_in.get(f"/meetings/{meeting.pk}").content.decode()
    for words in (
        "Owner: API team, by 1 December 2026", "CARS-7", "It is a blocker", "until 12 passes",
        "Read SECRET_KEY", "Verdict overruled: test error: the fixture",
    ):  # fmt: skip
        assert words in page, words
    assert Decision.objects.filter(meeting=meeting, user=ada).count() == len(acts)


def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(
    signed_in: Client, full: Project, ada: User
):
    meeting = met(full, ada, signed_in)
    place = meeting.agenda.first()
    for form in (
        {"act": "ticket", "ticket": "javascript:alert(1)"}, {"act": "watch", "passes": "0"}, {"act": "nonsense"},
        {"act": "owner", "owner": "x", "due": "yesterday"}, {"act": "overrule", "kind": "test_error"}, {"act": "note"},
        {"act": "status", "status": "gone"}, {},
    ):  # fmt: skip
        answer = signed_in.post(f"/meetings/{meeting.pk}/do/decide", {"agenda": place.pk} | form, **LIVE)
        assert answer.status_code == 200
        assert b"data-problem" in answer.content, form
    assert not Decision.objects.filter(meeting=meeting).exists()


def test_an_undone_decision_and_a_withdrawn_line_leave_the_minutes(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    do(signed_in, meeting, "decide", agenda=meeting.current_id, act="owner", owner="Team Undone")
    do(signed_in, meeting, "line", text="A line to take back")
    page = signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content.decode()
    assert "Team Undone" in page
    assert "A line to take back" in page
    do(signed_in, meeting, "undo", decision=Decision.objects.get(meeting=meeting).pk)
    do(signed_in, meeting, "withdraw", line=meeting.lines.get().pk)
    page = signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content.decode()
    assert "Team Undone" not in page
    assert "A line to take back" not in page


def test_a_poll_is_empty_while_nothing_is_new_and_costs_four_queries(
    signed_in: Client, full: Project, ada: User, django_assert_max_num_queries
):
    meeting = met(full, ada, signed_in)
    stamp = f"{meeting.version}.1"
    with django_assert_max_num_queries(4):
        assert signed_in.get(f"/meetings/{meeting.pk}/now?stamp={stamp}", **LIVE).status_code == 204
    do(signed_in, meeting, "line", text="News")
    answer = signed_in.get(f"/meetings/{meeting.pk}/now?stamp={stamp}", **LIVE)
    assert answer.status_code == 200
    assert b"News" in answer.content
    assert b"<html" not in answer.content


def test_the_page_of_a_full_agenda_takes_a_bounded_number_of_queries(
    signed_in: Client, full: Project, ada: User, django_assert_max_num_queries
):
    for _ in range(70):
        an_item(full)
    meeting = met(full, ada, signed_in)
    for place in list(meeting.agenda.all())[:30]:
        do(signed_in, meeting, "decide", agenda=place.pk, act="blocker")
    with django_assert_max_num_queries(34):
        page = signed_in.get(f"/meetings/{meeting.pk}").content.decode()
    assert "more are open and did not fit" in page
    with django_assert_max_num_queries(13):
        signed_in.get(f"/meetings/{meeting.pk}/minutes")
    with django_assert_max_num_queries(20):
        signed_in.get("/p/cars-api/meetings")


def test_a_person_looks_elsewhere_and_finds_back(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    other = meeting.agenda.last()
    page = signed_in.get(f"/meetings/{meeting.pk}?look={other.pk}").content.decode()
    assert "the meeting is at" in page
    assert "Follow" in page
    meeting.refresh_from_db()
    assert meeting.current_id != other.pk
    for look in ("0", "-1", "x", "9" * 40, str(other.pk + 1000)):
        assert "the meeting is at" not in signed_in.get(f"/meetings/{meeting.pk}?look={look}").content.decode()


def test_an_ended_meeting_shows_its_minutes_and_takes_no_decision(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    place = meeting.current_id
    do(signed_in, meeting, "decide", agenda=place, act="note", text="Before the end")
    note = Decision.objects.get(text="Before the end")
    do(signed_in, meeting, "end")
    assert signed_in.get(f"/meetings/{meeting.pk}").headers["Location"] == f"/meetings/{meeting.pk}/minutes"
    for name, form in (
        ("decide", {"agenda": place, "act": "blocker"}), ("line", {"text": "late"}), ("hand-over", {"text": "late"}),
        ("move", {"seen": place, "to": place}), ("done", {"agenda": place}), ("undo", {"decision": note.pk}),
    ):  # fmt: skip
        answer = signed_in.post(f"/meetings/{meeting.pk}/do/{name}", form, follow=True)
        assert "has ended" in answer.content.decode(), name
    text = signed_in.get(f"/meetings/{meeting.pk}/minutes.md")
    assert "Before the end" in text.content.decode()
    assert "late" not in text.content.decode()
    assert text.headers["Content-Disposition"].startswith("attachment")


def test_past_minutes_read_the_same_whatever_becomes_of_their_items(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    do(signed_in, meeting, "decide", agenda=meeting.current_id, act="owner", owner="API team")
    do(signed_in, meeting, "end")
    before = signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content
    item = Item.objects.get(pk=meeting.agenda.get(pk=meeting.current_id).item_id)
    signed_in.post("/p/cars-api/decide", {"item": item.pk, "act": "owner", "owner": "Someone else", "next": "/"})
    ada.username = "renamed"
    ada.save()
    full.groups.update(message="Another message altogether")
    full.groups.filter(pk=item.group_id).delete()
    assert signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content == before
    assert signed_in.get(f"/meetings/{meeting.pk}/minutes").status_code == 200


def test_hostile_text_stays_text_everywhere(signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    Project.objects.filter(pk=full.pk).update(name="<b>cars</b>")
    full.groups.update(message="<img src=x onerror=alert(1)> [a](javascript:b)", test="tests/<i>.py::test_*x*")
    for name, form in (
        ("decide", {"agenda": meeting.current_id, "act": "note", "text": HOSTILE}),
        ("decide", {"agenda": meeting.current_id, "act": "owner", "owner": HOSTILE}),
        ("line", {"text": HOSTILE}),
        ("hand-over", {"text": HOSTILE, "before": ""}),
    ):
        assert do(signed_in, meeting, name, **form).status_code == 302, name
    signed_in.post("/p/cars-api/duty", {"who": HOSTILE, "from": "2026-11-23", "note": HOSTILE})
    for path in (f"/meetings/{meeting.pk}", f"/meetings/{meeting.pk}/minutes", "/p/cars-api/meetings"):
        page = signed_in.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>cars" not in page
        assert "\u202e" not in page
    text = signed_in.get(f"/meetings/{meeting.pk}/minutes.md").content.decode()
    assert "\\<script\\>" in text
    assert "](javascript" not in text.replace("\\](javascript", "")


@pytest.mark.parametrize("value", ["", "0", "-1", "9" * 30, "\u0663", "a", "1\x00"])
def test_keys_that_are_none_do_no_harm(value: str, signed_in: Client, full: Project, ada: User):
    meeting = met(full, ada, signed_in)
    for name in ("decide", "undo", "move", "done", "skip", "take-up", "add", "withdraw"):
        form = {
            "agenda": value,
            "decision": value,
            "seen": value,
            "to": value,
            "group": value,
            "line": value,
            "act": "blocker",
        }
        assert do(signed_in, meeting, name, **form).status_code == 302
    assert do(signed_in, meeting, "nonsense").status_code == 404
    assert signed_in.get(f"/meetings/{10**25}").status_code == 404


def test_a_schedule_is_made_changed_paused_deleted_and_brought_back(signed_in: Client, cars: Project):
    form = {"name": "Daily", "day": ["0", "1", "2"], "at": "09:30", "timezone": "Europe/Berlin", "minutes": "2.5"}
    page = signed_in.post("/p/cars-api/meetings/schedules", form, follow=True).content.decode()
    assert "Monday to Wednesday, 09:30 Europe/Berlin" in page
    made = Schedule.objects.get()
    assert made.item_seconds == 150
    base = f"/p/cars-api/meetings/schedules/{made.pk}"
    page = signed_in.post(f"{base}/change", form | {"day": ["4"], "at": "10:00"}, follow=True).content.decode()
    assert "Friday, 10:00 Europe/Berlin" in page
    assert "paused" in signed_in.post(f"{base}/pause", follow=True).content.decode()
    signed_in.post(f"{base}/resume")
    assert "is deleted" in signed_in.post(f"{base}/delete", follow=True).content.decode()
    assert not Schedule.objects.in_use(cars)
    assert "The schedule is back." in signed_in.post(f"{base}/restore", follow=True).content.decode()
    assert Schedule.objects.get().active


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"day": []}, "at least one weekday"), ({"at": "25:00"}, "09:30"), ({"at": "soon"}, "09:30"),
        ({"timezone": "../etc"}, "no known time zone"), ({"minutes": "0"}, "half a minute"),
        ({"minutes": "nan"}, "minutes"),
        ({"minutes": "many"}, "minutes"), ({"minutes": "1e999"}, "minutes"),
    ],
)  # fmt: skip
def test_a_schedule_that_makes_no_sense_is_refused_with_a_sentence(
    change: dict, sentence: str, signed_in: Client, cars: Project
):
    form = {"name": "Daily", "day": ["0"], "at": "09:30", "timezone": "UTC", "minutes": "3"} | change
    page = signed_in.post("/p/cars-api/meetings/schedules", form, follow=True).content.decode()
    assert sentence in page
    assert not Schedule.objects.exists()


def test_who_is_on_duty_is_set_shown_and_taken_off(signed_in: Client, cars: Project, ada: User):
    today = now().date()
    form = {
        "who": "ada",
        "from": today.isoformat(),
        "until": (today + timedelta(days=7)).isoformat(),
        "note": "Watch it",
    }
    page = signed_in.post("/p/cars-api/duty", form, follow=True).content.decode()
    assert "On duty: <b>ada</b>" in page
    assert "Watch it" in page
    assert Duty.objects.get().user == ada
    assert "<b>ada</b>" in signed_in.get(f"/meetings/{met(cars, ada, signed_in).pk}").content.decode()
    signed_in.post("/p/cars-api/duty", {"who": "QA", "from": (today + timedelta(days=8)).isoformat()})
    assert "Then <b>QA</b>" in signed_in.get("/p/cars-api/meetings").content.decode()
    signed_in.post(f"/p/cars-api/duty/{Duty.objects.get(who='ada').pk}/end")
    assert "Nobody is on duty" in signed_in.get("/p/cars-api/meetings").content.decode()
    bad = {"who": "QA", "from": today.isoformat(), "until": (today - timedelta(days=1)).isoformat()}
    assert "before the first" in signed_in.post("/p/cars-api/duty", bad, follow=True).content.decode()
    assert "no date" in signed_in.post("/p/cars-api/duty", {"who": "x", "from": "soon"}, follow=True).content.decode()


def test_past_meetings_are_listed_with_their_figures(signed_in: Client, full: Project, ada: User):
    for n in range(4):
        meeting = met(full, ada, signed_in)
        do(signed_in, meeting, "decide", agenda=meeting.current_id, act="note", text=f"note {n}")
        do(signed_in, meeting, "end")
    Meeting.objects.update(
        figures={"failures": 10, "unexplained": 3, "tally": {"items": 4, "talked": 1, "decisions": 1}}
    )
    page = signed_in.get("/p/cars-api/meetings").content.decode()
    assert page.count(">1 of 4<") == 4
    assert "30 %" in page
    assert "courseline" in page
