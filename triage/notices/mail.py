"""Mail, through the server that the operator named."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from triage.core.notices.mail import letter
from triage.core.notices.records import Later, Message, Never, Outcome, Sent
from triage.secrets import named

NOT_SET_UP = "Mail is not set up on this Lineup: the operator names a mail server in EMAIL_URL."


def send(addresses: Sequence[str], message: Message, name: str, why: str) -> Outcome:
    """`name` is the message's own and stays the same when it is sent again, so that mailboxes can tell."""
    if not settings.MAIL:
        return Never(problem=NOT_SET_UP)
    written = letter(message, why)
    mail = EmailMultiAlternatives(
        written.subject, written.text, to=list(addresses),
        headers={
            "Message-ID": f"<{named(name)}@{urlsplit(settings.BASE_URL).hostname or 'lineup.localdomain'}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
        },
    )  # fmt: skip
    mail.attach_alternative(written.html, "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refused(min(codes, default=550), "takes mail for none of these addresses")
    except smtplib.SMTPAuthenticationError:
        return Never(problem="The mail server refused Lineup's own sign-in: the operator has to look at EMAIL_URL.")
    except smtplib.SMTPNotSupportedError:
        return Never(problem="The mail server lacks what EMAIL_URL asks of it, such as TLS or a sign-in.")
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, "refused it")
    except (smtplib.SMTPException, OSError):
        return Later(problem="The mail server could not be reached, or broke off.")
    return Sent(answer="taken by the mail server")


def _refused(code: int, how: str) -> Outcome:
    sentence = f"The mail server {how} (SMTP {code})."
    return Later(problem=sentence) if 400 <= code < 500 else Never(problem=sentence)
