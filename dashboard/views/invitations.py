"""Invitations: made and withdrawn by a project's admins, accepted by whoever follows the link."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.pages.invitation import read_invitation
from dashboard.pages.members import WORDS, called, members_page
from dashboard.views.overview import site
from triage.limits import MAILS
from triage.models import Invitation, Project
from triage.people import for_people, led_project
from triage.store import people

log = logging.getLogger(__name__)


@require_POST
@for_people
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """The link is mailed to whom it is for, or else shown in the answer. Only its hash is kept: no later page can."""
    project = led_project(request, slug)
    draft, problem = read_invitation(request.POST)
    if not problem:
        try:
            made, secret = people.invite(
                project, request.user, timezone.now(), role=draft["role"], email=draft["email"]
            )
            log.info("%s invited somebody to %s as %s", request.user, slug, made.role)
            link = f"{site(request)}{reverse('invitation')}?{urlencode({'key': secret})}"
            if _sent(request, made, link):
                return redirect("members", slug=slug)
            return members_shown(request, project, link=link, link_for=made.email)
        except people.Refused as refused:
            problem = str(refused)
    return members_shown(request, project, problem=problem, draft=draft)


@require_POST
@for_people
def withdraw_invitation(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    if key < 2**63 and people.withdraw(project, key, timezone.now()):
        messages.info(request, "The invitation is withdrawn: its link opens nothing any more.")
    return redirect("members", slug=slug)


def members_shown(request: HttpRequest, project: Project, **more: Any) -> HttpResponse:
    """The page of members, with what was done there just now."""
    may_lead = Project.objects.is_led_by(request.user, project)
    page = members_page(project, request.user, timezone.now(), may_lead=may_lead, mails=settings.MAIL, **more)
    status = 422 if page.problem else 200
    response = render(request, "members.html", {"page": page, "project": project}, status=status)
    if page.link:
        response.headers["Cache-Control"] = "no-store"
    return response


def _sent(request: HttpRequest, invitation: Invitation, link: str) -> bool:
    """Whether it went to the address that it is for. Where it should have and failed, that is said, too."""
    if not (settings.MAIL and invitation.email):
        return False
    if not MAILS.note(str(request.user.pk)):
        messages.error(request, "You sent many invitations today already: copy this link instead.")
        return False
    told = {"invitation": invitation, "link": link, "by": called(request.user), "role": WORDS[invitation.role].lower()}
    name = " ".join(invitation.project.name.split())
    try:
        body = render_to_string("invitation_mail.txt", told)
        send_mail(f"Lineup: you are invited to {name}", body, None, [invitation.email])
        messages.info(request, f"The invitation went to {invitation.email}, and nobody else has its link.")
        return True
    except (SMTPException, OSError) as error:
        log.error("an invitation could not be sent: %s", type(error).__name__)
        messages.error(request, "The mail could not be sent: copy the link and send it yourself.")
        return False
