"""One's own account."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.pages.account import LONGEST_PASSWORD, account_page, read_details, wrong_password
from triage.limits import PASSWORDS
from triage.people import for_people
from triage.store import accounts

NOT_YOURS = "That is not your present password."
TOO_MANY = "Too many wrong passwords. Try again in a quarter of an hour."


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def account(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request)
    details, problems = read_details(request.POST.dict())
    if problems:
        return _shown(request, details, problems)
    accounts.save_details(request.user, **details, mail_mentions="mail_mentions" in request.POST)
    messages.info(request, "Saved.")
    return redirect("account")


@sensitive_post_parameters("present", "password")
@require_POST
@for_people
def change_password(request: HttpRequest) -> HttpResponse:
    """Everybody else who is signed in to the account is signed out by it."""
    problems = _wrong_with_passwords(request)
    if problems:
        return _shown(request, problems=problems)
    request.user.set_password(request.POST["password"])
    request.user.save(update_fields=["password"])
    update_session_auth_hash(request, request.user)
    accounts.end_sessions(request.user, but=request.session.session_key or "")
    messages.info(request, "The password is changed, and you are signed out everywhere else.")
    return redirect("account")


@require_POST
@for_people
def end_sessions(request: HttpRequest) -> HttpResponse:
    if request.POST.get("which") == "all":
        accounts.end_sessions(request.user)
        logout(request)
        messages.info(request, "You are signed out everywhere.")
        return redirect("sign-in")
    ended = accounts.end_sessions(request.user, but=request.session.session_key or "")
    messages.info(request, "You are signed out everywhere else." if ended else "You were signed in nowhere else.")
    return redirect(reverse("account") + "#sessions")


def _wrong_with_passwords(request: HttpRequest) -> dict[str, str]:
    user, who = request.user, str(request.user.pk)
    if not (settings.PASSWORDS and user.has_usable_password()):
        return {"present": "This account has no password: you sign in without one."}
    if PASSWORDS.is_spent(who):
        return {"present": TOO_MANY}
    if not user.check_password(request.POST.get("present", "")[:LONGEST_PASSWORD]):
        PASSWORDS.note(who)
        return {"present": NOT_YOURS}
    wrong = wrong_password(request.POST.get("password", ""), user)
    return {"password": wrong} if wrong else {}


def _shown(
    request: HttpRequest, details: dict[str, str] | None = None, problems: dict[str, str] | None = None
) -> HttpResponse:
    page = account_page(
        request.user, request.session.session_key or "", timezone.now(), mails=settings.MAIL,
        passwords=settings.PASSWORDS, provider=settings.SINGLE_SIGN_ON.name, details=details, problems=problems,
    )  # fmt: skip
    return render(request, "account.html", {"page": page}, status=422 if problems else 200)
