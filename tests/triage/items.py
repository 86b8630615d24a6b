"""Items and people for the tests of what a team decides: runs of long ago, so that people decide after them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from tests.triage.histories import TEST, ran
from triage.models import FailureGroup, Item, Membership, Project, Run

TESTS = tuple(f"t.py::test_{n}" for n in range(3))


def a_person(name: str, *projects: Project, role: str = "triager") -> User:
    user = User.objects.create_user(name)
    for project in projects:
        Membership.objects.create(project=project, user=user, role=role)
    return user


def an_item(project: Project, test: str = TEST) -> Item:
    """The item of a test that failed, as a run opens it."""
    ran(project, (test, True, None))
    return Item.objects.select_related("group", "project").get(group__test=test, project=project, closed_at=None)


def some_items(project: Project, count: int) -> list[Item]:
    """The same, of many tests, without their runs."""
    groups = FailureGroup.objects.bulk_create(
        FailureGroup(
            project=project, key=f"{n:040x}", version=1, test=f"t.py::test_{n}", test_key=n, normal="E", occurrences=1,
            kind="split_state", confidence=0.9, last_seen=timezone.now(),
        )
        for n in range(count)
    )  # fmt: skip
    now = timezone.now()
    return Item.objects.bulk_create(Item(project=project, group=g, opened_at=now, touched_at=now) for g in groups)


def ran_later(project: Project, *cases: tuple[str, bool, bool | None], minutes: float = 0, **fields: Any) -> Run:
    """A run that began after everything decided so far."""
    at = timezone.now() + timedelta(minutes=minutes, microseconds=1)
    return ran(project, *cases, received_at=at, changed_at=at, received_on=at.date(), **fields)


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each gives, or the exception that it ends in; all begin at the same moment, in threads of their own."""
    ready, given = threading.Barrier(len(works)), [None] * len(works)

    def do(place: int) -> None:
        try:
            ready.wait(10)
            given[place] = works[place]()
        except Exception as error:
            given[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return given
