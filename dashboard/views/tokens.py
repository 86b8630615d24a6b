"""A project's tokens: its admins make and revoke them."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.pages.tokens import SCOPES, tokens_page
from dashboard.sent import HIGHEST_KEY
from dashboard.views.overview import site
from triage.access import SHOWN, Scope, digest_of, new_secret
from triage.models import Project
from triage.people import for_people, led_project, project_or_404
from triage.store import tokens as store
from triage.store.projects import add_token
from triage.store.text import clean

log = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def tokens(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer to a POST shows the new token; it is stored nowhere, so no later page can."""
    if request.method != "POST":
        return _shown(request, project_or_404(request, slug))
    project = led_project(request, slug)
    name = " ".join(clean(request.POST.get("name", ""), 100).split())
    scopes = SCOPES.get(request.POST.get("scopes", ""), SCOPES["upload"])
    secret = new_secret()
    add_token(
        project, digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes, name=name, made_by=request.user
    )  # fmt: skip
    log.info("%s made a token of %s that may %s", request.user, slug, ", ".join(scopes))
    return _shown(request, project, secret, uploads=Scope.UPLOAD in scopes)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def make_token(request: HttpRequest, slug: str) -> HttpResponse:
    """Where tokens were made before they had a page of their own."""
    if request.method == "POST":
        return tokens(request, slug)
    return redirect("tokens", slug=project_or_404(request, slug).slug)


@require_POST
@for_people
def revoke_token(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    if key <= HIGHEST_KEY and store.revoke(project, key, timezone.now()):
        log.info("%s revoked token %s of %s", request.user, key, slug)
        messages.info(request, "The token is revoked: whatever uses it is refused from now on.")
    return redirect("tokens", slug=slug)


def _shown(request: HttpRequest, project: Project, secret: str = "", *, uploads: bool = False) -> HttpResponse:
    may_lead = Project.objects.is_led_by(request.user, project)
    page = tokens_page(
        project, site(request), timezone.now(), may_lead=may_lead, secret=secret, uploads=uploads
    )  # fmt: skip
    response = render(request, "tokens.html", {"page": page, "project": project})
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response
