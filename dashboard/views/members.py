"""A project's members: everybody in it sees who they are, its admins decide who."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.offers import Offer, told
from dashboard.pages.members import WORDS, seal_of, unsealed
from dashboard.views.invitations import members_shown
from triage.models import Project
from triage.people import for_people, led_project, project_or_404
from triage.store import people
from triage.store.text import clean

log = logging.getLogger(__name__)
HIGHEST_KEY = 2**31 - 1  # of a person


@require_safe
@for_people
def members(request: HttpRequest, slug: str) -> HttpResponse:
    return members_shown(request, project_or_404(request, slug))


@require_POST
@for_people
def set_role(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    role = request.POST.get("role", "")
    if role in WORDS and key <= HIGHEST_KEY:
        try:
            changed = people.set_role(project, key, role)
            if changed is not None:
                log.info("%s made %s a %s of %s", request.user, changed.user, role, project.slug)
                messages.info(request, f"{changed.user.get_username()} is now {_an(WORDS[role].lower())}.")
        except people.Refused as refused:
            messages.error(request, str(refused))
    return redirect("members", slug=slug)


@require_POST
@for_people
def remove_member(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    """Admins remove anybody, and everybody may leave."""
    project = project_or_404(request, slug)
    leaves = key == request.user.pk
    if not leaves and not Project.objects.is_led_by(request.user, project):
        raise PermissionDenied
    back = reverse("members", args=[slug])
    try:
        gone = people.remove_member(project, key) if key <= HIGHEST_KEY else None
    except people.Refused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    if gone is None:
        return redirect(back)
    log.info("%s removed %s from %s", request.user, gone.user, project.slug)
    if leaves:
        messages.info(request, f"You left {project.name}. Its admins can invite you again.")
        return redirect("home")
    undo = Offer(action=reverse("restore-member", args=[slug]), fields=(("seal", seal_of(gone)),))
    told(request, f"{gone.user.get_username()} is not in {project.name} any more.", undo)
    return redirect(back)


@require_POST
@for_people
def restore_member(request: HttpRequest, slug: str) -> HttpResponse:
    project = led_project(request, slug)
    found = unsealed(clean(request.POST.get("seal", "")), project)
    user = people.restore_member(project, found[0], found[1]) if found else None
    if user:
        log.info("%s brought %s back to %s", request.user, user, project.slug)
        messages.info(request, f"{user.get_username()} is a member again.")
    else:
        messages.error(request, "That was too long ago to be undone: invite them again.")
    return redirect("members", slug=slug)


def _an(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
