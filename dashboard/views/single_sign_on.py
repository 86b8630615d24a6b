"""To the OpenID provider and back: signing in, and linking an identity to the account that one is signed in to."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dashboard import openid
from dashboard.views.sign_in import asked, target
from triage.access import digest_of
from triage.client_address import client_address
from triage.limits import SINGLE_SIGN_ONS
from triage.models import Invitation
from triage.people import for_people
from triage.signing_in import let_in
from triage.store import identities
from triage.store.refused import Refused

TOO_MANY = "Too many sign-ins began at your address. Try again in a quarter of an hour."


@require_safe
@never_cache
def single_sign_on(request: HttpRequest) -> HttpResponse:
    """A link, not a form: a browser holds every redirect after a form against form-action, the provider's own too."""
    _offered()
    if not SINGLE_SIGN_ONS.note(client_address(request)):
        return asked(request, problem=TOO_MANY, status=429)
    try:
        return redirect(openid.begin(request, goes_on=target(request, "")))
    except openid.Failed as failed:
        return asked(request, problem=str(failed), status=failed.status)


@require_safe
@never_cache
def callback(request: HttpRequest) -> HttpResponse:
    _offered()
    try:
        came = openid.finish(request)
        if came.links:
            return _linked(request, came)
        goes_on = came.goes_on or settings.LOGIN_REDIRECT_URL
        now, policy = timezone.now(), settings.SINGLE_SIGN_ON
        user = identities.person_of(came.claims, policy, now, invited=_is_invited(came))
    except openid.Failed as failed:
        return asked(request, problem=str(failed), status=failed.status)
    except Refused as refused:
        return asked(request, problem=str(refused), status=403)
    let_in(request, user)
    return redirect(goes_on)


@require_POST
@for_people
def link_identity(request: HttpRequest) -> HttpResponse:
    """By POST, or a page elsewhere could link a stranger's identity to the account of whoever looks at it."""
    _offered()
    try:
        address = openid.begin(request, links=request.user.pk)
    except openid.Failed as failed:
        messages.error(request, str(failed))
        return redirect("account")
    return render(request, "on_the_way.html", {"address": address, "name": settings.SINGLE_SIGN_ON.name})


@require_POST
@for_people
def unlink_identity(request: HttpRequest, key: int) -> HttpResponse:
    try:
        if identities.unlink(request.user, key, passwords=settings.PASSWORDS):
            messages.info(request, "That identity does not lead to your account any more.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("account") + "#single-sign-on")


def _linked(request: HttpRequest, came: openid.Came) -> HttpResponse:
    """Only in the very session that asked for it, still signed in as the same person."""
    if request.user.pk != came.links:
        raise openid.Failed(openid.STALE, 400)
    try:
        identities.link(request.user, came.claims, timezone.now())
        messages.info(request, f"From now on you can sign in with {settings.SINGLE_SIGN_ON.name}.")
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("account") + "#single-sign-on")


def _is_invited(came: openid.Came) -> bool:
    """Whether the person is on their way to an invitation that is open, to them or to whoever has its link."""
    goes_on = urlsplit(came.goes_on)
    if goes_on.path != reverse("invitation"):
        return False
    secret = parse_qs(goes_on.query).get("key", [""])[0][:200]
    found = Invitation.objects.open_with(digest_of(secret), timezone.now())
    return found is not None and found.email.lower() in ("", came.claims.email.lower())


def _offered() -> None:
    if not settings.SINGLE_SIGN_ON.issuer:
        raise Http404
