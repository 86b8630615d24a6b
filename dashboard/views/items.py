"""Decisions on failures, one or many at once, and the way back from each. Triagers and admins only."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from dashboard.acts.items import MOST, Sent, act
from dashboard.offers import told, undo_of
from dashboard.pages.decided import decided
from dashboard.sent import back, form_of, key_of
from dashboard.timeline.text import visible
from triage.models import Decision, Item, Meeting, Project
from triage.people import for_people, triaged_project
from triage.store import items as store


@require_POST
@for_people
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    project = triaged_project(request, slug)
    sent = Sent(
        items=tuple(_chosen(request, project)),
        actor=store.Actor.of(request.user),
        form=form_of(request),
        meeting=_meeting(request, project),
    )
    if not sent.items:
        messages.error(request, "Choose at least one failure first.")
        return back(request, slug)
    try:
        for done in act(request.POST.get("act", ""), sent):
            told(request, done.sentence, undo_of(slug, done.decision) if done.decision is not None else None)
    except ValueError as wrong:
        messages.error(request, str(wrong))
    return back(request, slug)


@require_POST
@for_people
def undo(request: HttpRequest, slug: str) -> HttpResponse:
    project = triaged_project(request, slug)
    decision = Decision.objects.by_key(project, key_of(request.POST.get("decision", "")))
    if decision is None:
        raise Http404
    try:
        undone = store.undo(decision, store.Actor.of(request.user))
        many = f" on {len(undone)} failures" if len(undone) > 1 else ""
        again = undo_of(slug, undone[0].pk, "Redo") if undone and decision.judgement_id is None else None
        told(request, f"Undone{many}: {visible(decision.who)} {decided(decision).what}.", again)
    except ValueError as wrong:
        messages.error(request, str(wrong))
    except store.Overtaken as later:
        messages.error(request, str(later))
    return back(request, slug)


def _chosen(request: HttpRequest, project: Project) -> list[Any]:
    """The failures that a form names. Raises Http404 where one of them is not this project's."""
    keys = {key_of(text) for text in request.POST.getlist("item")[:MOST]}
    found = list(Item.objects.of_project(project).by_keys(keys)) if keys else []
    if len(found) != len(keys):
        raise Http404
    return found


def _meeting(request: HttpRequest, project: Project) -> Any:
    """The running meeting in which this is decided, or None."""
    key = request.POST.get("meeting", "")
    return Meeting.objects.running_in(project, key_of(key)) if key else None
