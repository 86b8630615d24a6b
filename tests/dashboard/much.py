"""As many rows as wanted of everything that a page may list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from tests.dashboard import factory, past
from tests.dashboard.build import TEST, original
from tests.triage.meets import an_item
from triage.models import (
    AgendaItem,
    Attendance,
    Decision,
    Delivery,
    Duty,
    FailureGroup,
    Identity,
    Invitation,
    Item,
    Judgement,
    LineFormat,
    Meeting,
    Mention,
    MinuteLine,
    Notice,
    NoticeRule,
    Project,
    RedactionPattern,
    Run,
    SavedView,
    Schedule,
    Token,
)


def more(project: Project, admin: User, meeting: Meeting, group: FailureGroup, count: int) -> None:
    """As many more of everything; what belongs to a meeting or a failure goes to these."""
    now = datetime.now(UTC)
    runs = [_run(project, group, admin) for _ in range(count)]
    people = [_person(project, meeting, now) for _ in range(count)]
    for n in range(count):
        item = an_item(project, ago=timedelta(hours=1 + n), status=_STATUSES[n % 4], owner=people[n], due=now.date())
        old = _returned(project, now)
        _decided(project, admin, meeting, group, item, now)
        place = AgendaItem.objects.create(
            meeting=meeting, item=item, position=meeting.agenda.count(), section="new", reason="1 of 1"
        )
        MinuteLine.objects.create(meeting=meeting, about=place, user=admin, who="ada", text="so", at=now)
        _told(project, now)
        _set(project, admin, people[n], now)
        _ran(project, runs[n], old.group, now)


_STATUSES = ("new", "investigating", "fix_claimed", "observing")


def _run(project: Project, group: FailureGroup, by: User) -> Run:
    token = Token.objects.create(project=project, digest=uuid4().hex * 2, prefix="lineup_x", scopes=["upload"])
    run = factory.analysed(project, original(), token=token, branch=f"b{uuid4().hex[:4]}", dropped_by=by)
    past.an_occasion(run, group, failed=True, same=False)
    past.a_change(run, group)
    return run


def _person(project: Project, meeting: Meeting, now: datetime) -> User:
    user = User.objects.create(username=f"u{uuid4().hex[:8]}")
    project.memberships.create(user=user)
    Attendance.objects.create(meeting=meeting, user=user, came_at=now, seen_at=now)
    return user


def _returned(project: Project, now: datetime) -> Item:
    """A failure that came back, with the item that it came back from."""
    first = an_item(project, status="resolved", closed_at=now)
    return Item.objects.create(
        project=project, group=first.group, earlier=first, opened_at=now, touched_at=now, status="observing",
        observing_since=now, passes_wanted=5,
    )  # fmt: skip


def _decided(
    project: Project, admin: User, meeting: Meeting, group: FailureGroup, item: Item, now: datetime
) -> None:  # fmt: skip
    for about in (item, Item.objects.line_of(group)[0]):
        first = Decision.objects.create(
            project=project, item=about, meeting=meeting, user=admin, who="ada", what="note", text="@ada car", at=now
        )
        Mention.objects.create(decision=first, user=admin)
        Decision.objects.create(
            project=project, item=about, meeting=meeting, user=admin, who="ada", what="undone", undoes=first, at=now
        )
        Decision.objects.create(
            project=project, item=about, meeting=meeting, user=admin, who="ada", what="blocker",
            before={"blocker": False}, after={"blocker": True}, at=now,
        )  # fmt: skip


def _told(project: Project, now: datetime) -> None:
    rule = NoticeRule.objects.create(project=project, name="chat", channel="mail", target="a@example.org")
    delivery = Delivery.objects.create(project=project, rule=rule, headline="one", due_at=now, sent_at=now)
    Notice.objects.create(project=project, rule=rule, delivery=delivery, event="opened", key="1", due_at=now)
    Delivery.objects.create(project=project, rule=rule, headline="two", due_at=now, given_up_at=now, problem="no")


def _set(project: Project, admin: User, user: User, now: datetime) -> None:
    name = uuid4().hex[:8]
    Invitation.objects.create(
        project=project, digest=uuid4().hex * 2, expires_at=now + timedelta(days=1), invited_by=admin
    )
    Identity.objects.create(user=admin, issuer="https://id.example", subject=name)
    Schedule.objects.create(project=project, name=name, at="09:00", next_at=now, created_by=admin)
    Duty.objects.create(project=project, user=user, who="u", from_on=now.date() + timedelta(days=1))
    past_one = Meeting.objects.create(project=project, name="then", since=now, began_at=now, ended_at=now)
    Attendance.objects.create(meeting=past_one, user=user, came_at=now, seen_at=now)
    for page in ("overview", "groups", "search"):
        SavedView.objects.create(project=project, user=admin, page=page, name=name, query="", shared=True)
    LineFormat.objects.create(
        project=project, name=name, slug=f"custom-{name}", side="server", kind="template", pattern="{time} {message}",
        created_at=now, changed_at=now, created_by=admin,
    )  # fmt: skip
    RedactionPattern.objects.create(project=project, name=name, pattern="C-[0-9]+", created_at=now, created_by=admin)
    other = Project.objects.create(slug=f"p-{name}", name=name)
    other.memberships.create(user=admin, role="admin")


def _ran(project: Project, run: Run, group: FailureGroup, now: datetime) -> None:
    past.an_occasion(factory.empty_run(project, status="ready"), group, failed=True, same=True)
    for target, about in ((f"run {run.pk}", None), (f"group {group.pk}", group)):
        Judgement.objects.create(
            project=project, target=target, group=about, run=run, test=TEST, who="ada", accepted=False,
            kind="test_error", verdict={}, was_kind="split_state", was_level="likely", was_confidence=0.8,
            core_version=1, at=now,
        )  # fmt: skip


def of_everything(known: dict[str, Any]) -> tuple[Meeting, FailureGroup]:
    """What `roles.things` made, as rows."""
    return Meeting.objects.get(pk=known["meeting"]), FailureGroup.objects.get(pk=known["group"])
