"""Writes of saved views. A name is one view: saving under it again replaces what it held."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction

from triage.models import Project, SavedView
from triage.store.refused import Refused
from triage.store.text import clean

NAME = 60  # characters
QUERY = 2_000
VIEWS = 30  # of one person on one page
PAGES = ("overview", "groups", "search")
PASSING = ("cursor", "choose")  # where somebody was in a list, and what they chose there, is nothing to keep
TAKEN = "There is a view of that name already. Give this one another name."


def filters_of(query: str) -> str:
    """The filters of an address, in one spelling: empty ones and the place in the list left out."""
    try:
        pairs = parse_qsl(clean(query.removeprefix("?"), QUERY), max_num_fields=40)
    except ValueError:
        raise Refused("These are more filters than a view can hold.") from None
    return urlencode([(name, value) for name, value in pairs if name not in PASSING])


@transaction.atomic
def save(project: Project, user: Any, page: str, name: str, query: str, *, shared: bool) -> SavedView:
    """Raises Refused."""
    if page not in PAGES:
        raise Refused("That page keeps no views.")
    name, query = _name(name), filters_of(query)
    if len(query) > QUERY:
        raise Refused("These are more filters than a view can hold.")
    Project.objects.locked(project.pk)  # two saves at once meet the same limit
    own = SavedView.objects.own(project, user, page)
    found = own.called(name).first()
    if found is None and own.count() >= VIEWS:
        raise Refused(f"You have {VIEWS} views here: delete one that is of no use any more.")
    if found is None:
        found = SavedView(project=project, user=user, page=page, name=name)
    found.query, found.shared = query, shared
    found.save()
    return found


def rename(view: SavedView, name: str) -> str:
    """Gives back the name it had. Raises Refused."""
    before = view.name
    view.name = _name(name)
    _write(view, "name")
    return before


def delete(view: SavedView, now: datetime) -> None:
    view.deleted_at = now
    view.save(update_fields=["deleted_at"])


def restore(view: SavedView) -> None:
    """Raises Refused where its name was taken since."""
    view.deleted_at = None
    _write(view, "deleted_at")


def _name(name: str) -> str:
    name = " ".join(clean(name, 10 * NAME).split())
    if not name:
        raise Refused("A view needs a name.")
    if len(name) > NAME:
        raise Refused(f"A name has at most {NAME} characters.")
    return name


def _write(view: SavedView, field: str) -> None:
    try:
        with transaction.atomic():
            view.save(update_fields=[field])
    except IntegrityError:
        raise Refused(TAKEN) from None
