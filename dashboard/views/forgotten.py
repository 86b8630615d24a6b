"""A forgotten password: asking for a link by mail, and choosing a new password with it. Only where mail can be sent.

Whether an account has an address is never said, nor told by how long the answer takes.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from dashboard.pages.invitation import wrong_mail
from dashboard.views import attempts
from triage import tasks
from triage.client_address import client_address
from triage.limits import FORGOTTEN, FORGOTTEN_MAILS
from triage.store import accounts
from triage.store.text import clean

TOO_MANY = "Too many mails were asked for at your address. Try again in a quarter of an hour."
AWAY = "No mail can be sent at the moment. Try again in a few minutes."
ON_ITS_WAY = (
    "If an account has that address, a mail with a link is on its way to it. The link works once, within an hour."
)
CHANGED = "The password is changed, and every session of the account has ended. Sign in with the new one."


@csrf_protect
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    _offered()
    if request.method != "POST":
        return render(request, "forgotten.html")
    email = clean(request.POST.get("email", "").strip(), 254)
    problem, status = wrong_mail(email) if email else "Say which address your account has.", 422
    if not problem and not FORGOTTEN.note(client_address(request)):
        problem, status = TOO_MANY, 429
    if not problem and FORGOTTEN_MAILS.note(email.lower()) and not tasks.mail_password_link(email):
        problem, status = AWAY, 503
    if problem:
        return render(request, "forgotten.html", {"problem": problem, "email": email}, status=status)
    messages.info(request, ON_ITS_WAY)
    return redirect("sign-in")


class NewPassword(PasswordResetConfirmView):
    """Django's own: it takes the link's secret out of the address before anything is shown."""

    template_name = "new_password.html"
    success_url = reverse_lazy("sign-in")

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _offered()
        return super().dispatch(*args, **kwargs)

    def form_valid(self, form: SetPasswordForm[Any]) -> HttpResponse:
        answer = super().form_valid(form)
        accounts.end_sessions(form.user)
        attempts.forget(attempts.keys(form.user.get_username(), client_address(self.request)))
        messages.info(self.request, CHANGED)
        return answer


def _offered() -> None:
    if not (settings.MAIL and settings.PASSWORDS):
        raise Http404
