"""Every address there is, held against the table of who may do what: no role sees or changes more than its row says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.dashboard import factory
from tests.dashboard.roles import ADMIN, ANYBODY, PEOPLE, ROLES, ROWS, TOKEN, Row, things
from triage.models import Project

NAMELESS = {"api/"}  # whatever else lies under it is a 404 in JSON


def addresses(
    patterns: Iterable[URLPattern | URLResolver], before: str = ""
) -> Iterator[tuple[str | None, str, tuple]]:
    """(name, route, names of its arguments) of everything that the URL configuration answers."""
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, route)
        else:
            yield one.name, route, tuple(one.pattern.converters)


ADDRESSES = list(addresses(get_resolver().url_patterns))


def test_every_address_has_a_row_and_every_row_an_address():
    assert {route for name, route, _ in ADDRESSES if name is None} == NAMELESS
    assert sorted(ROWS) == sorted({name for name, _, _ in ADDRESSES if name})


@pytest.fixture
def project(db: None) -> Project:
    return factory.project("cars-api")


def somebody(name: str) -> User:
    return User.objects.create(username=name)


@pytest.fixture
def sessions(project: Project) -> dict[str, str]:
    """The key of a session for each role; "" for nobody's."""
    found = {ANYBODY: ""}
    for role in ROLES[1:]:
        person = somebody(f"a-{role}")
        factory.project("elsewhere", person) if role == PEOPLE else project.memberships.create(user=person, role=role)
        client = Client()
        client.force_login(person)
        found[role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found


def browser(session: str) -> Client:
    """A new one for each request: some of them end the session."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def test_no_role_may_more_than_its_row_says(project: Project, sessions: dict[str, str]):
    admin, member = somebody("ada"), somebody("bob")
    project.memberships.create(user=admin, role=ADMIN)
    project.memberships.create(user=member)
    known = things(project, admin, member)
    wrong = []
    for name, _, arguments in ADDRESSES:
        row = ROWS.get(name or "", Row())
        told = {each: known[row.own.get(each, each)] for each in arguments} if name in ROWS else {}
        for method, least in (("get", row.get), ("post", row.post)) if name in ROWS else ():
            for role in ROLES:
                with transaction.atomic():
                    answer = getattr(browser(sessions[role]), method)(reverse(name, kwargs=told))
                    transaction.set_rollback(True)
                if not fits(answer, role, least, row):
                    wrong.append((name, method, role, answer.status_code, answer.headers.get("Location")))
    assert wrong == []


def fits(answer: Any, role: str, least: str | None, row: Row) -> bool:
    """Whether the answer is what the table promises that role."""
    status = answer.status_code
    sent_to_sign_in = status == 302 and answer.headers["Location"].startswith("/sign-in?")
    if least is None:
        return status == 405
    if least == TOKEN:
        return status == 401
    if ROLES.index(role) >= ROLES.index(least):
        refused = status in (401, 403, 405) or sent_to_sign_in
        return not refused and (row.gone or (status < 500 and status != 404)) and status != 500
    if role == ANYBODY:
        return sent_to_sign_in
    return status == 404 if role == PEOPLE else status == 403


def test_a_member_of_another_project_finds_nothing_even_as_its_admin(sessions: dict[str, str], project: Project):
    person = project.memberships.get(user__username=f"a-{ADMIN}").user
    project.memberships.filter(user=person).delete()
    factory.project("bikes", person)
    assert browser(sessions[ADMIN]).get(f"/p/{project.slug}/").status_code == 404
    assert browser(sessions[ADMIN]).get("/p/bikes/").status_code == 200
