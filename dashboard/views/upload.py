"""Get your logs in, and the tokens that this takes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard.pages.upload import upload_page
from dashboard.views.overview import site
from triage.access import SHOWN, Scope, digest_of, new_secret
from triage.models import Project
from triage.people import for_people, led_project, project_or_404
from triage.store import tokens
from triage.store.projects import add_token

SCOPES = {
    "upload": (Scope.UPLOAD,),
    "upload,read": (Scope.UPLOAD, Scope.READ),
    "read": (Scope.READ,),
    "triage": (Scope.TRIAGE,),
}


@require_safe
@for_people
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    return _shown(request, project_or_404(request, slug))


@require_POST
@for_people
def make_token(request: HttpRequest, slug: str) -> HttpResponse:
    """The answer shows the token; it is stored nowhere, so no later page can."""
    project = led_project(request, slug)
    name = request.POST.get("name", "").replace("\0", "").strip()[:100]
    scopes = SCOPES.get(request.POST.get("scopes", ""), SCOPES["upload"])
    secret = new_secret()
    add_token(project, digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes, name=name)
    return _shown(request, project, secret)


@require_POST
@for_people
def revoke_token(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    if tokens.revoke(project, key, timezone.now()):
        messages.info(request, "The token is revoked: uploads that use it are refused from now on.")
    return redirect("upload", slug=project.slug)


def _shown(request: HttpRequest, project: Project, secret: str = "") -> HttpResponse:
    may_lead = Project.objects.is_led_by(request.user, project)
    page = upload_page(project, site(request), timezone.now(), may_lead=may_lead, secret=secret)
    response = render(request, "upload.html", {"page": page, "project": project})
    if secret:
        response.headers["Cache-Control"] = "no-store"
    return response
