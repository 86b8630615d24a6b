"""`manage.py prepare`: what has to be true before the web processes start. Safe to repeat, and to run twice at once."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from config import home

_LOCK = 4_715_463  # any number that Lineup uses for nothing else


class Command(BaseCommand):
    help = "Applies migrations, collects static files and, where there is no user yet, makes the first one."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("check", databases=["default"], fail_level="ERROR")
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])  # held until this connection ends
        call_command("migrate", interactive=False, verbosity=1)
        call_command("collectstatic", interactive=False, verbosity=0)
        self._first_user()

    def _first_user(self) -> None:
        users = get_user_model().objects
        kept = settings.LINEUP_HOME / "admin-password"
        admin = users.filter(username="admin").first()
        if admin is None and not users.exists():
            users.create_superuser("admin", password=home.secret(settings.LINEUP_HOME, kept.name, size=18))
        elif kept.exists() and (admin is None or not admin.check_password(kept.read_text(encoding="utf-8").strip())):
            kept.unlink()  # it opens nothing any more, so nobody should be told to try it
