"""`explain` in the list of `manage.py help`; manage.py itself answers it without loading Django."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand

from ingest.explain import main


class Command(BaseCommand):
    help = "Says why the tests failed, from files: the tests' output and the server's log."

    def run_from_argv(self, argv: list[str]) -> None:
        sys.exit(main(argv[2:]))
