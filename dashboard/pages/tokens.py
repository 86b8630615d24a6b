"""The tokens that CI jobs and scripts sign with: what each may do, who made it, and when it was used last."""

from __future__ import annotations

from datetime import datetime

import msgspec

from dashboard.pages.members import called
from dashboard.pages.snippets import curl_line
from dashboard.pages.words import age
from dashboard.timeline.text import visible
from triage.access import Scope
from triage.models import Project, Run, Token

SHOWN = 200
# What people choose among, what it gives, and what that means.
CHOICES = (
    ("upload", (Scope.UPLOAD,), "upload", "sends runs, sees nothing: right for a CI job"),
    ("read", (Scope.READ,), "read", "sees runs, verdicts and failure groups: right for a script"),
    ("upload,read", (Scope.UPLOAD, Scope.READ), "upload and read", "sends runs, and may wait for their verdicts"),
    ("triage", (Scope.TRIAGE,), "read and triage", "sees everything, and may change status, owner and verdicts"),
)
SCOPES = {key: scopes for key, scopes, _, _ in CHOICES}


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    prefix: str
    scopes: str
    by: str  # "" where nobody is known: a command made it
    made: str
    used: str
    never_used: bool


class TokensPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    tokens: tuple[TokenLine, ...]
    more: bool  # than are shown
    choices: tuple[tuple[str, str, str], ...]  # value, word, meaning
    may_lead: bool
    secret: str  # a token just made, shown this once
    curl: str


def tokens_page(
    project: Project, site: str, now: datetime, *, may_lead: bool, secret: str = "", uploads: bool = False
) -> TokensPage:
    """`site` is the address that CI jobs reach; `uploads` says whether the token of that secret may."""
    newest = Run.objects.newest_evidence(project)
    rows = list(Token.objects.in_use(project).select_related("made_by")[: SHOWN + 1]) if may_lead else []
    return TokensPage(
        evidence_age=age(newest, now) if newest else "",
        tokens=tuple(
            TokenLine(
                key=row.pk,
                name=visible(row.name) or "unnamed",
                prefix=row.prefix,
                scopes=", ".join(row.scopes),
                by=called(row.made_by) if row.made_by else "",
                made=age(row.created_at, now),
                used=age(row.last_used_at, now),
                never_used=row.last_used_at is None,
            )
            for row in rows[:SHOWN]
        ),
        more=len(rows) > SHOWN,
        choices=tuple((key, word, meaning) for key, _, word, meaning in CHOICES),
        may_lead=may_lead,
        secret=secret,
        curl=curl_line(site, secret) if uploads else "",
    )
