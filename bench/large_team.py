"""What the people of the large data set did: items of all groups, decisions on them, meetings, judgements."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from bench.history_rows import copied
from triage.models import AgendaItem, Attendance, Decision, Duty, FailureGroup, Item, Meeting, MinuteLine, Project

STATUSES = ("new", "new", "investigating", "fix_claimed", "observing", "resolved", "resolved", "resolved")
NOTES = (
    "The session key is drawn in each worker; see the deploy of Tuesday.",
    "Seen again after the restart, @person3 please look at the proxy's log.",
    "Only with three workers. One worker passed 40 of 40.",
)
MEETINGS, AGENDA = 60, 12


class Team:
    def __init__(self) -> None:
        self._chance = Random(3)  # noqa: S311
        self._people = list(User.objects.order_by("pk"))
        self._now = datetime.now(UTC)
        Item.objects.all().delete()  # those that deciding on the one run may have made

    def make(self) -> Iterator[str]:
        groups = list(FailureGroup.objects.order_by("pk"))
        copied(Item, (self._item(n, group) for n, group in enumerate(groups, start=1)))
        yield f"{len(groups):,} groups with items"
        copied(Decision, self._decisions(groups))
        yield "decisions"
        self._meetings(groups)
        yield "meetings"
        with connection.cursor() as cursor:
            for model in (Item, Decision, Meeting, AgendaItem, MinuteLine, Attendance):
                table = model._meta.db_table
                cursor.execute(f"SELECT setval('{table}_id_seq', (SELECT coalesce(max(id), 1) FROM {table}))")  # noqa: S608

    def _item(self, number: int, group: Any) -> dict[str, Any]:
        status, owner = STATUSES[number % len(STATUSES)], self._people[number % len(self._people)]
        at = group.first_seen or self._now
        held = number % 3 > 0
        return {
            "id": number, "project_id": group.project_id, "group_id": group.pk, "status": status, "opened_at": at,
            "touched_at": at + timedelta(hours=3),
            "closed_at": at + timedelta(days=2) if status == "resolved" else None,
            "owner_id": owner.pk if held else None, "owner_name": owner.username if held else "",
            "due": self._now.date() + timedelta(days=number % 20 - 6) if number % 4 == 0 else None,
            "ticket": f"https://tracker.example.com/browse/SHOP-{number}" if number % 5 == 0 else "",
            "observing_since": at + timedelta(days=1) if status == "observing" else None,
            "passes_wanted": 20 if status == "observing" else None, "opened_by_id": group.newest_run_id,
        }  # fmt: skip

    def _decisions(self, groups: list[Any]) -> Iterator[dict[str, Any]]:
        place = 0
        for number, group in enumerate(groups, start=1):
            at = group.first_seen or self._now
            person = self._people[number % len(self._people)]
            for step, what in enumerate(("opened", "status", "owner", "note", "note")):
                place += 1
                yield {
                    "id": place, "project_id": group.project_id, "item_id": number, "what": what,
                    "user_id": person.pk if step else None, "who": person.username if step else "Lineup",
                    "before": {"status": "new"} if what == "status" else {},
                    "after": {"status": "investigating"} if what == "status" else {},
                    "text": NOTES[(number + step) % len(NOTES)] if what == "note" else "",
                    "at": at + timedelta(minutes=10 * step), "batch": uuid.UUID(int=place),
                }  # fmt: skip

    def _meetings(self, groups: list[Any]) -> None:
        project = Project.objects.order_by("pk")[0]
        own = [number for number, group in enumerate(groups, start=1) if group.project_id == project.pk]
        meetings, agenda, lines, seats = [], [], [], []
        for number in range(1, MEETINGS + 1):
            began = self._now - timedelta(days=2 * (MEETINGS - number), hours=1)
            ended = None if number == MEETINGS else began + timedelta(minutes=28)
            meetings.append(
                {
                    "id": number, "project_id": project.pk, "name": f"Morning triage {number}",
                    "since": began - timedelta(days=2),
                    "began_at": began, "ended_at": ended, "began_by_id": self._people[0].pk,
                    "current_id": None if ended else number * 100, "current_since": began,
                }
            )  # fmt: skip
            for place, item in enumerate(self._chance.sample(own, min(AGENDA, len(own)))):
                key = number * 100 + place
                section = ("new", "came_back", "open", "observing")[place % 4]
                agenda.append(
                    {
                        "id": key, "meeting_id": number, "item_id": item, "position": place, "section": section,
                        "reason": "11 of 19", "done_at": ended, "seconds": 90,
                    }
                )  # fmt: skip
                lines.append(
                    {
                        "id": key, "meeting_id": number, "about_id": key, "user_id": self._people[1].pk,
                        "who": "person1", "text": NOTES[place % len(NOTES)], "at": began,
                    }
                )  # fmt: skip
            for place, person in enumerate(self._people[:6]):
                seats.append(
                    {
                        "id": number * 100 + place, "meeting_id": number, "user_id": person.pk, "came_at": began,
                        "seen_at": began,
                    }
                )  # fmt: skip
        for model, rows in ((Meeting, meetings), (AgendaItem, agenda), (MinuteLine, lines), (Attendance, seats)):
            copied(model, rows)
        Duty.objects.create(project=project, user=self._people[2], who="person2", from_on=self._now.date())
