"""`manage.py token PROJECT --scope upload,read`: makes a token and shows it, once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug

from triage.access import SHOWN, digest_of, new_secret, parse_scopes
from triage.store.projects import add_token, ensure_project

LONGEST_SLUG = 80


class Command(BaseCommand):
    help = "Prints a new token of a project, once; makes the project if it is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's slug: lower-case letters, digits and hyphens")
        parser.add_argument("--scope", default="upload", help="upload, read, triage; several with commas")
        parser.add_argument("--name", default="", help="what the token is for, such as the CI job's name")

    def handle(self, *, project: str, scope: str, name: str, **options: Any) -> None:
        try:
            scopes = parse_scopes(scope)
            validate_slug(project)
        except ValidationError:
            raise CommandError(f"{project!r} is no slug: use letters, digits, hyphens and underscores.") from None
        except ValueError as error:
            raise CommandError(str(error)) from error
        if len(project) > LONGEST_SLUG or len(name) > 100:
            raise CommandError(f"A project's slug has at most {LONGEST_SLUG} characters, a token's name at most 100.")
        secret = new_secret()
        add_token(ensure_project(project), digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes, name=name)
        self.stdout.write(secret)
