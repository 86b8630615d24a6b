"""Signing in and out. What is wrong with a sign-in is never said, only that it is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.views import attempts


@sensitive_post_parameters("password")
@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_target(request))
    if request.method != "POST":
        return _asked(request, AuthenticationForm(request))
    who = attempts.keys(request.POST.get("username", ""), request.META.get("REMOTE_ADDR", ""))
    if attempts.spent(who):
        return _asked(request, AuthenticationForm(request), refused=True, status=429)
    form = AuthenticationForm(request, data=request.POST)
    if not form.is_valid():
        attempts.note(who)
        return _asked(request, form)
    attempts.forget(who)
    login(request, form.get_user())
    return redirect(_target(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _asked(request: HttpRequest, form: AuthenticationForm, *, refused: bool = False, status: int = 200) -> HttpResponse:
    wrong = form.is_bound and not refused
    name = request.POST.get("username", "")[:150] if wrong else ""
    context = {"wrong": wrong, "refused": refused, "name": name, "next": _target(request, "")}
    return render(request, "sign_in.html", context, status=status)


def _target(request: HttpRequest, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where the person was going; nowhere outside this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else otherwise
