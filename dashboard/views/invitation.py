"""What an invitation's link leads to: joining as who one is, or making an account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dashboard.pages.account import read_new_person
from dashboard.pages.invitation import invitation_page, suits
from triage.access import digest_of
from triage.client_address import client_address
from triage.limits import INVITATIONS
from triage.models import Invitation
from triage.signing_in import let_in
from triage.store import accounts, people

LONGEST_SECRET = 200


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Links that never were, were used or withdrawn, or have run out, all get the same answer."""
    secret = request.GET.get("key", "")[:LONGEST_SECRET]
    where = client_address(request)
    if INVITATIONS.is_spent(where):
        return render(request, "invitation_gone.html", {"too_many": True}, status=429)
    found = Invitation.objects.open_with(digest_of(secret), timezone.now())
    if found is None:
        INVITATIONS.note(where)
        return render(request, "invitation_gone.html", status=404)
    if request.method != "POST":
        return _shown(request, found, secret)
    if request.user.is_authenticated:
        return _joined(request, found, secret)
    return _began(request, found, secret) if settings.PASSWORDS else _shown(request, found, secret)


def _joined(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    if not suits(found, request.user):
        return _shown(request, found, secret)
    if people.accept(found, request.user, timezone.now()) is None:
        return render(request, "invitation_gone.html", status=404)
    messages.info(request, f"You are in {found.project.name} now.")
    return redirect("overview", slug=found.project.slug)


def _began(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    draft, password, problems = read_new_person(request.POST.dict(), found.email)
    if not problems:
        try:
            user, _ = accounts.new_member(found, timezone.now(), password=password, **draft)
            let_in(request, user)
            messages.info(request, f"Welcome. You are in {found.project.name} now.")
            return redirect("overview", slug=found.project.slug)
        except people.Refused as refused:
            problems = {"username": str(refused)}
    return _shown(request, found, secret, draft, problems)


def _shown(
    request: HttpRequest, found: Invitation, secret: str, draft: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> HttpResponse:  # fmt: skip
    page = invitation_page(
        found, secret, request.user, passwords=settings.PASSWORDS, provider=settings.SINGLE_SIGN_ON.name, draft=draft,
        problems=problems,
    )  # fmt: skip
    return render(request, "invitation.html", {"page": page}, status=422 if problems else 200)
