"""`manage.py up`, which `make up` calls."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.up.run import up


class Command(BaseCommand):
    help = "Starts everything on embedded defaults and keeps it running until Ctrl-C or SIGTERM."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verbose", action="store_true", help="show every line that every process writes")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(up(options["verbose"]))
