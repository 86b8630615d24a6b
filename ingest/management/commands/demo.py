"""`manage.py demo`: fills a demonstration project, as CI jobs would: the incidents of the test suite, one run each, and
the history of one failure over many runs."""

from __future__ import annotations

import json
import tarfile
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ingest.api.parcel import SIDES
from triage.access import SHOWN, Scope, digest_of, new_secret
from triage.store.projects import add_token, ensure_project
from triage.store.tokens import revoke

INCIDENTS = Path(settings.BASE_DIR) / "tests" / "incidents"
HISTORY = Path(settings.BASE_DIR) / "lab" / "histories" / "original-precise.tar.xz"
TIMEOUT_S = 30


class Command(BaseCommand):
    help = "Fills the project 'demo' through the upload API of a running server. Harmless to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}", help="the running server")
        parser.add_argument("--project", default="demo")
        parser.add_argument("--from", dest="folder", type=Path, default=INCIDENTS, help="a folder of incidents")
        parser.add_argument("--history", type=Path, default=HISTORY, help="recorded runs of one scenario, as tar.xz")

    def handle(self, *, url: str, project: str, folder: Path, history: Path, **options: Any) -> None:
        incidents = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        if not incidents:
            raise CommandError(f"There are no incidents in {folder}: the demonstration project stays as it is.")
        secret = new_secret()
        token = add_token(
            ensure_project(project, "Demonstration"),
            digest=digest_of(secret), prefix=secret[:SHOWN], scopes=[Scope.UPLOAD], name="manage.py demo",
        )  # fmt: skip
        try:
            with requests.Session() as session:
                session.trust_env = False  # a proxy of the environment knows nothing of the loopback address
                session.headers["Authorization"] = f"Bearer {secret}"
                problems = [p for incident in incidents if (p := _send(session, url, incident))]
                with TemporaryDirectory() as work:
                    runs = _unpacked(history, Path(work))
                    problems += [p for run in runs if (p := _send(session, url, run))]
        finally:
            revoke(token.project, token.pk, timezone.now())
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(incidents) + len(runs)} runs are in the project '{project}'.")


def _unpacked(history: Path, work: Path) -> list[Path]:
    """The folders of a history's runs in their order; none where there is no history."""
    if not history.is_file():
        return []
    with tarfile.open(history) as packed:
        packed.extractall(work, filter="data")
    return sorted((meta.parent for meta in work.glob("*/*/meta.json")), key=lambda folder: int(folder.name))


def _send(session: requests.Session, url: str, incident: Path) -> str:
    """Uploads one incident; a sentence where that did not work, else nothing."""
    try:
        with ExitStack() as files:
            meta = (None, json.dumps(_meta(incident)), "application/json")
            parts: list[Any] = [("meta", meta), *_parts(incident, files)]
            answer = session.post(f"{url.rstrip('/')}/api/v1/runs", files=parts, timeout=TIMEOUT_S)
    except (requests.RequestException, OSError, ValueError) as error:
        return f"{incident.name} could not be uploaded: {error}."
    if answer.status_code in (200, 202):
        return ""
    try:
        said = answer.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        said = answer.reason
    return f"{incident.name} was not accepted ({answer.status_code}): {said}"


def _meta(incident: Path) -> dict[str, Any]:
    path = incident / "meta.json"
    said = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {"run_key": f"incident/{incident.name}", "name": incident.name.replace("-", " "), **said}


def _parts(incident: Path, files: ExitStack) -> list[tuple[str, tuple[str, BinaryIO]]]:
    return [
        (side, (path.name, files.enter_context(path.open("rb"))))
        for side in SIDES
        for path in sorted((incident / side).glob("*"))
        if path.is_file()
    ]
