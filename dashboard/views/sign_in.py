"""Signing in and out. What is wrong with a sign-in is never said, only that it is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.pages.sign_in import sign_in_page
from dashboard.views import attempts
from triage.client_address import client_address
from triage.signing_in import let_in

WRONG = "That name and password do not belong together."
REFUSED = "Too many attempts. Try again in a quarter of an hour."


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(target(request))
    if request.method != "POST" or not settings.PASSWORDS:
        return asked(request)
    who = attempts.keys(request.POST.get("username", ""), client_address(request))
    if attempts.spent(who):
        return asked(request, problem=REFUSED, status=429)
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        attempts.note(who)
        return asked(request, problem=WRONG, name=request.POST.get("username", "")[:150])
    attempts.forget(who)
    let_in(request, form.get_user())
    return redirect(target(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def asked(request: HttpRequest, *, problem: str = "", name: str = "", status: int = 200) -> HttpResponse:
    """The page that asks who one is, with what was wrong the last time."""
    page = sign_in_page(
        settings.SINGLE_SIGN_ON.name, problem=problem, name=name, goes_on=target(request, ""),
        passwords=settings.PASSWORDS, mails=settings.MAIL,
    )  # fmt: skip
    return render(request, "sign_in.html", {"page": page}, status=status)


def target(request: HttpRequest, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where the person was going; nowhere outside this site."""
    wanted = (request.POST.get("next") or request.GET.get("next") or "")[:2_000]
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise
