"""Saved views on a page: a person's own, the project's, and the form that keeps the filters of now."""

from __future__ import annotations

from typing import Any

import msgspec
from django.urls import reverse

from dashboard.timeline.text import visible
from triage.models import Project, SavedView
from triage.store.refused import Refused
from triage.store.saved import NAME, filters_of

Tab = tuple[str, str]  # what a page itself offers: a name, and the filters it stands for


class ViewLink(msgspec.Struct, frozen=True, kw_only=True):
    href: str
    name: str
    here: bool  # these are the filters of now
    of: str  # whose it is, where it is somebody else's
    shared: bool


class OwnView(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    shared: bool
    rename: str
    delete: str


class SavedMenu(msgspec.Struct, frozen=True, kw_only=True):
    tabs: tuple[ViewLink, ...]
    views: tuple[ViewLink, ...]
    own: tuple[OwnView, ...]  # those that this person may rename and delete
    save: str  # where the form goes
    page: str
    query: str  # the filters of now; "" where there are none to keep
    back: str
    longest: int
    may_share: bool


def saved_menu(
    project: Project, user: Any, page: str, query: str, tabs: tuple[Tab, ...] = (), *, may: bool | None = None
) -> SavedMenu:
    """`query`: the page's filters as its address has them; `may`: whether the person triages, where that is known."""
    try:
        now = filters_of(query)
    except Refused:
        now = ""
    views = SavedView.objects.offered(project, user, page)
    base, here = reverse(page, args=[project.slug]), _same(now)
    listed = any(_same(filters) == here for _, filters in tabs) or any(_same(view.query) == here for view in views)
    return SavedMenu(
        tabs=tuple(_link(base, name, filters, here) for name, filters in tabs),
        views=tuple(
            _link(base, view.name, view.query, here, "" if view.user_id == user.pk else view.user.username, view.shared)
            for view in views
        ),
        own=tuple(_own(project, view) for view in views if view.user_id == user.pk),
        save=reverse("save-view", args=[project.slug]),
        page=page,
        query="" if listed else now,
        back=f"{base}?{now}" if now else base,
        longest=NAME,
        may_share=Project.objects.is_triaged_by(user, project) if may is None else may,
    )


def _link(base: str, name: str, filters: str, here: list[str], of: str = "", shared: bool = False) -> ViewLink:
    return ViewLink(
        href=f"{base}?{filters}" if filters else base, name=visible(name), here=_same(filters) == here,
        of=visible(of), shared=shared,
    )  # fmt: skip


def _own(project: Project, view: SavedView) -> OwnView:
    return OwnView(
        name=visible(view.name),
        shared=view.shared,
        rename=reverse("rename-view", args=[project.slug, view.pk]),
        delete=reverse("delete-view", args=[project.slug, view.pk]),
    )


def _same(filters: str) -> list[str]:
    """The order of filters says nothing."""
    return sorted(filters.split("&")) if filters else []
