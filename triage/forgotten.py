"""The mail to somebody who forgot their password. Its link leads to the configured site, never to a request's host."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.contrib.auth.forms import PasswordResetForm

from triage.notices.sending import site


def send_link(email: str) -> None:
    """Nobody gets one whose account is closed, or who signs in without a password. Django logs a mail that fails."""
    form = PasswordResetForm({"email": email})
    if form.is_valid():
        where = site()
        form.save(
            domain_override=urlsplit(where).netloc, use_https=where.startswith("https:"),
            subject_template_name="password_mail_subject.txt", email_template_name="password_mail.txt",
            extra_email_context={"site": where},
        )  # fmt: skip
