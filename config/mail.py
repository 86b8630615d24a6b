"""EMAIL_URL as Django's settings: how mail goes out, or that none does."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from config import environment

SCHEMES = ("smtp", "smtp+tls", "smtps", "console")
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def settings(site: str) -> dict[str, Any]:
    """Django's EMAIL_… settings by name; without EMAIL_URL mail goes nowhere, and no page offers to send any."""
    url = urlsplit(environment.url("EMAIL_URL", SCHEMES))
    name = "dummy" if not url.scheme else "console" if url.scheme == "console" else "smtp"
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{name}.EmailBackend",
        "EMAIL_HOST": url.hostname or "localhost",
        "EMAIL_PORT": url.port or PORTS.get(url.scheme, 25),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": environment.text(
            "EMAIL_FROM", f"Lineup <lineup@{urlsplit(site).hostname or 'localhost'}>"
        ),
    }
