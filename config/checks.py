"""System checks: what is set but cannot work, said before the first request with what to do."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connections


@register(Tags.security)
def the_secret_key_is_long_enough(**_: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) >= 32 and len(set(settings.SECRET_KEY)) >= 8:
        return []
    return [
        Error(
            "SECRET_KEY is too short or too regular to protect sessions.",
            hint='Set it to the output of: python -c "import secrets; print(secrets.token_urlsafe(50))"',
            id="lineup.E001",
        )
    ]


@register
def the_home_folder_can_be_written(**_: Any) -> list[CheckMessage]:
    folder = settings.LINEUP_HOME
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"LINEUP_HOME ({settings.LINEUP_HOME}) cannot be written by this user.",
            hint="Point LINEUP_HOME at a folder that this user owns, or give it this one.",
            id="lineup.E002",
        )
    ]


@register
def a_production_site_knows_its_own_address(**_: Any) -> list[CheckMessage]:
    if not settings.PRODUCTION:
        return []
    if not settings.BASE_URL:
        return [
            Error(
                "BASE_URL is not set, so links in API answers and host checks have nothing to go by.",
                hint="Set BASE_URL to the address people use, such as https://lineup.example.com",
                id="lineup.E003",
            )
        ]
    if not settings.HTTPS:
        return [
            Warning(
                "BASE_URL is plain http: passwords and tokens cross the network readable.",
                hint="Put a proxy with TLS in front and set BASE_URL to its https address.",
                id="lineup.W001",
            )
        ]
    return []


@register(Tags.database)
def postgres_is_new_enough(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in databases or []:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SHOW server_version_num")
                version = int(cursor.fetchone()[0])
        except DatabaseError:
            found.append(
                Error(
                    "The database does not answer.",
                    hint="Check DATABASE_URL and that its server runs; without DATABASE_URL, `make up` brings its own.",
                    id="lineup.E004",
                )
            )
            continue
        if version < 140_000:
            found.append(
                Error(
                    f"Postgres {version // 10_000} is too old: Lineup needs 14 or newer.",
                    hint="Point DATABASE_URL at a newer server.",
                    id="lineup.E005",
                )
            )
    return found
