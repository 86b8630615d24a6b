"""Every page that there is, out of the table of addresses in which none can be missing."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from tests.dashboard.roles import ROWS, TOKEN
from tests.dashboard.test_roles import ADDRESSES

# What some addresses have to be asked, so that they show something.
ASKED = {"lines": "?step=0", "search": "?q=cars"}


def whole_pages(known: dict[str, Any], client: Client) -> dict[str, str]:
    """Every address that answers with a page, out of the table in which no address can be missing."""
    found = {}
    for name, _, arguments in ADDRESSES:
        row = ROWS.get(name or "")
        if row is None or row.get in (None, TOKEN):
            continue
        path = reverse(name, kwargs={each: known[row.own.get(each, each)] for each in arguments}) + ASKED.get(name, "")
        answer = client.get(path)
        if answer.status_code == 200 and not answer.streaming and b"<html" in answer.content[:400]:
            found[name] = path
    return found
