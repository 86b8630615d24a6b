"""Views worth keeping: save, rename, delete and the way back. Everybody keeps their own; triagers share them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.offers import Offer, told
from dashboard.sent import back
from dashboard.timeline.text import visible
from triage.models import Project, SavedView
from triage.people import for_people, project_or_404
from triage.store import saved


@require_POST
@for_people
def save_view(request: HttpRequest, slug: str) -> HttpResponse:
    project, sent = project_or_404(request, slug), request.POST
    shared = sent.get("shared") == "yes"
    if shared and not Project.objects.is_triaged_by(request.user, project):
        raise PermissionDenied
    try:
        view = saved.save(
            project, request.user, sent.get("page", ""), sent.get("name", ""), sent.get("query", ""), shared=shared
        )
    except saved.Refused as why:
        messages.error(request, str(why))
        return back(request, slug)
    told(request, f"Saved as “{visible(view.name)}”.", _offer("delete-view", slug, view))
    return redirect(f"{reverse(view.page, args=[slug])}?{view.query}")


@require_POST
@for_people
def rename_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    view = _led(request, slug, pk)
    try:
        before = saved.rename(view, request.POST.get("name", ""))
        told(request, f"Renamed to “{visible(view.name)}”.", _offer("rename-view", slug, view, ("name", before)))
    except saved.Refused as why:
        messages.error(request, str(why))
    return back(request, slug)


@require_POST
@for_people
def delete_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    view = _led(request, slug, pk)
    saved.delete(view, timezone.now())
    told(request, f"The view “{visible(view.name)}” is deleted.", _offer("restore-view", slug, view))
    return back(request, slug)


@require_POST
@for_people
def restore_view(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    view = _led(request, slug, pk)
    try:
        saved.restore(view)
        messages.info(request, f"The view “{visible(view.name)}” is back.")
    except saved.Refused as why:
        messages.error(request, str(why))
    return back(request, slug)


def _led(request: HttpRequest, slug: str, pk: int) -> Any:
    """A view that this person may change: their own, or as an admin of the project a shared one."""
    project = project_or_404(request, slug)
    view = SavedView.objects.seen_as(project, request.user, pk)
    if view is None:
        raise Http404
    if view.user_id != request.user.pk and not Project.objects.is_led_by(request.user, project):
        raise PermissionDenied
    return view


def _offer(name: str, slug: str, view: SavedView, *fields: tuple[str, str]) -> Offer:
    return Offer(action=reverse(name, args=[slug, view.pk]), fields=fields)
