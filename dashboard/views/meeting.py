"""A running meeting: its page, what polls ask, and what people do in it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.acts.items import Done
from dashboard.acts.meeting import ACTS, Asked, do
from dashboard.offers import told, undo_of
from dashboard.pages.meeting import meeting_page, stamp_of
from dashboard.sent import form_of, key_of
from triage.models import Meeting, Project
from triage.people import for_people, meeting_or_404, triaged_meeting
from triage.store.items import Overtaken
from triage.store.meetings.running import FRESH, arrive, seen
from triage.store.refused import Refused

NOTHING = Done()
BEAT_S = 5  # somebody's presence is written at most so often


@require_safe
@for_people
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    found = meeting_or_404(request, pk)
    if found.ended_at is not None:
        return redirect("minutes", pk=pk)
    arrive(found, request.user, timezone.now())
    return _shown(request, meeting_or_404(request, pk), "meeting.html")


@require_safe
@for_people
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """204 where nothing is new since the stamp that the page has; else the whole of it. Two queries of its own."""
    at = timezone.now()
    pulse = Meeting.objects.pulse(request.user, pk, at - FRESH)
    if pulse is None:
        raise Http404
    if pulse.ended_at is None and (pulse.seen_at is None or (at - pulse.seen_at).total_seconds() >= BEAT_S):
        seen(pk, request.user, at)
    if request.GET.get("stamp") == stamp_of(pulse.version, pulse.people):
        return HttpResponse(status=204)
    return _shown(request, meeting_or_404(request, pk), "_meeting.html")


@require_POST
@for_people
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    found = triaged_meeting(request, pk)
    if name not in ACTS:
        raise Http404
    done, problem = NOTHING, ""
    try:
        done = do(name, Asked(meeting=found, user=request.user, form=form_of(request), now=timezone.now()))
    except (Refused, Overtaken, ValueError) as error:
        problem = str(error)
    if request.headers.get("HX-Request"):
        return _shown(request, meeting_or_404(request, pk), "_meeting.html", done, problem)
    if problem:
        messages.error(request, problem)
    elif done.sentence:
        told(request, done.sentence, undo_of(found.project.slug, done.decision) if done.decision is not None else None)
    look = key_of(request.POST.get("look", ""))
    return redirect(reverse("meeting", args=[pk]) + (f"?look={look}" if look else ""))


def _shown(request: HttpRequest, found: Model, template: str, done: Done = NOTHING, problem: str = "") -> HttpResponse:
    may = Project.objects.is_triaged_by(request.user, found.project)
    look = key_of(request.POST.get("look", "") or request.GET.get("look", ""))
    said, offer = done.sentence, done.decision
    page = meeting_page(found, request.user, look, timezone.now(), may=may, said=said, offer=offer, problem=problem)
    return render(request, template, {"page": page, "project": found.project})
