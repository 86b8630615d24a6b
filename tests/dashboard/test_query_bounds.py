"""Every page asks Postgres as often with many rows as with a few. The pages are those of the table of roles."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.dashboard import factory, much
from tests.dashboard.build import TEST
from tests.dashboard.roles import ROWS, TOKEN, things
from tests.dashboard.test_roles import ADDRESSES
from triage.access import Scope, digest_of
from triage.models import Token

FEW, MANY = 3, 37
MOST = 40  # queries of one page, whatever it shows
SECRET = "lineup_" + "s" * 43

# The other faces of a page, by what follows the ? of its address.
FACES: dict[str, tuple[str, ...]] = {
    "overview": ("", "status=failing", "branch=main", "verdict=split_state", "days=90"),
    "groups": ("", "order=frequent", "order=oldest", "status=all", "owner=me", "owner=nobody", "q=cars", "overdue=yes"),
    "search": ("", "q=cars", "q=in:failures cars", "q=in:runs nightly", "q=in:lines cars", "q=zzz"),
    "run": ("", "span=run", "view=table", "times=raw"),
    "lines": ("step=0", "served=0"),
    "api-steps": (urlencode({"test": TEST}),),
}


@pytest.mark.django_db
def test_no_page_asks_more_often_where_there_is_more():
    ada, bob = factory.person("ada"), factory.person("bob")
    project = factory.project("cars-api", ada)
    project.memberships.create(user=bob)
    known = things(project, ada, bob)
    Token.objects.create(project=project, digest=digest_of(SECRET), prefix=SECRET[:12], scopes=[Scope.READ])
    meeting, group = much.of_everything(known)
    much.more(project, ada, meeting, group, FEW)
    few = asked(ada, known)
    much.more(project, ada, meeting, group, MANY)
    many = asked(ada, known)
    assert {page: (few[page], many[page]) for page in few if many[page] > few[page]} == {}
    assert {page: count for page, count in many.items() if count > MOST} == {}


def asked(person: Any, known: dict[str, Any]) -> dict[str, int]:
    """By page and face: how many queries it took."""
    client = Client()
    client.force_login(person)
    counts, unseen = {}, []
    for name, _, arguments in ADDRESSES:
        row = ROWS.get(name or "")
        if row is None or row.get is None:
            continue
        address = reverse(name, kwargs={each: known[row.own.get(each, each)] for each in arguments})
        token = {"HTTP_AUTHORIZATION": f"Bearer {SECRET}"} if row.get == TOKEN else {}
        for face in FACES.get(name, ("",)):
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(f"{address}?{face}", **token)
            counts[f"{name}?{face}"] = len(queries)
            if answer.status_code != 200 and not row.gone and name not in ELSEWHERE:
                unseen.append((name, face, answer.status_code))
    assert unseen == []
    return counts


# Addresses that send on somebody who is signed in.
ELSEWHERE = {"sign-in", "make-token", "upload"}
