"""What a project set for the reading of its parts: its own line formats, and what it wants redacted."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from django.conf import settings

from ingest.formats.base import Format
from ingest.formats.line_format import Kind, LineFormat, preferred
from ingest.redaction.own import BadPattern, OwnPattern, compiled
from ingest.redaction.redactor import Redactor
from triage.core.records import Side
from triage.models import LineFormat as LineFormatRow
from triage.models import Project, RedactionPattern


def formats_of(project: Project, slot: Side | None) -> Sequence[Format]:
    """What a part of this project that was sent in that slot may be: its own formats first."""
    described = [
        LineFormat(
            name=row.name,
            pattern=row.pattern,
            side=Side(row.side),
            kind=Kind(row.kind),
            time=row.time,
            sample=row.sample,
        )
        for row in LineFormatRow.objects.in_use(project)
    ]
    return preferred(described, slot)


def redactor_of(project: Project) -> Redactor:
    """Redacts with the project's own patterns and key, so that no two projects' placeholders can be compared."""
    own = []
    for row in RedactionPattern.objects.in_use(project):
        pattern = OwnPattern(name=row.name, pattern=row.pattern)
        try:
            compiled((pattern,))
        except BadPattern:
            continue  # it was good when it was saved: the settings page shows what is wrong with it now
        own.append(pattern)
    return Redactor(redaction_key(project), own)


def redaction_key(project: Project) -> bytes:
    """Drawn from the installation's secret: the same in every process, another for every project."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"redaction of project {project.pk}".encode(), hashlib.sha256)
