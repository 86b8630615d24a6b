"""How a management command is run: with a database that answers, and with its troubles told in a sentence."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, execute_from_command_line

from config.borrowed import database_for
from config.embedded import CannotStart
from config.environment import BadVariable


def run(argv: Sequence[str]) -> int:
    """The exit code."""
    try:
        with database_for(argv) as borrowed:
            if borrowed:  # a database of our own making is brought up to date unasked
                django.setup()
                call_command("migrate", interactive=False, verbosity=0)
            execute_from_command_line(list(argv))
    except (BadVariable, CannotStart, ImproperlyConfigured) as error:
        print(error, file=sys.stderr)
        return 1
    return 0
