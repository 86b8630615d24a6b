"""Get your logs in: the lines to copy, with the project's own address, and the tokens that they need."""

from __future__ import annotations

from datetime import datetime

import msgspec

from dashboard.pages.words import age
from dashboard.timeline.text import visible
from triage.models import Project, Run, Token


class Snippet(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    where: str
    text: str


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    key: int
    name: str
    prefix: str
    scopes: str
    made: str
    used: str


class UploadPage(msgspec.Struct, frozen=True, kw_only=True):
    project: Project
    evidence_age: str
    curl: str
    snippets: tuple[Snippet, ...]
    tokens: tuple[TokenLine, ...]
    may_lead: bool
    secret: str  # a token just made, shown this once


def upload_page(project: Project, site: str, now: datetime, *, may_lead: bool, secret: str = "") -> UploadPage:
    """`site` is the address that CI jobs reach, such as https://lineup.example.org."""
    newest = Run.objects.newest_evidence(project)
    tokens = Token.objects.in_use(project) if may_lead else ()
    return UploadPage(
        project=project,
        evidence_age=age(newest, now) if newest else "",
        curl=curl_line(site, secret),
        snippets=_snippets(site),
        tokens=tuple(
            TokenLine(
                key=token.pk,
                name=visible(token.name) or "unnamed",
                prefix=token.prefix,
                scopes=", ".join(token.scopes),
                made=age(token.created_at, now),
                used=age(token.last_used_at, now),
            )
            for token in tokens
        ),
        may_lead=may_lead,
        secret=secret,
    )


def curl_line(site: str, secret: str = "") -> str:
    """One line that uploads two files. It waits a minute at most, and its failure does not fail the build."""
    token = secret or "$LINEUP_TOKEN"
    return (
        f'curl -sS --max-time 60 -H "Authorization: Bearer {token}" '
        '-F \'meta={"run_key": "try/1"}\' -F tests=@pytest.log -F server=@journal.txt '
        f"{site}/api/v1/runs || true"
    )


def _curl(site: str, key: str, indent: str) -> str:
    return f"\n{indent}".join(
        (
            'curl -sS --max-time 60 -H "Authorization: Bearer $LINEUP_TOKEN" \\',
            f"  -F meta='{{\"run_key\": \"'{key}'\"}}' \\",
            "  -F tests=@pytest.log -F server=@journal.txt \\",
            f"  {site}/api/v1/runs || true",
        )
    )


def _snippets(site: str) -> tuple[Snippet, ...]:
    github = '"github/$GITHUB_REPOSITORY/$GITHUB_RUN_ID/$GITHUB_RUN_ATTEMPT"'
    gitlab = '"gitlab/$CI_PROJECT_PATH/$CI_PIPELINE_ID/$CI_JOB_ID"'
    jenkins = '"jenkins/$JOB_NAME/$BUILD_NUMBER"'
    return (
        Snippet(
            key="github",
            name="GitHub Actions",
            where="as the last step of the job; LINEUP_TOKEN is a repository secret",
            text=(
                "- name: Send the logs to Lineup\n"
                "  if: always()\n"
                "  env:\n"
                "    LINEUP_TOKEN: ${{ secrets.LINEUP_TOKEN }}\n"
                "  run: |\n"
                f"    {_curl(site, github, '    ')}"
            ),
        ),
        Snippet(
            key="gitlab",
            name="GitLab CI",
            where="in the job that runs the tests; LINEUP_TOKEN is a masked variable",
            text=f"after_script:\n  - |\n    {_curl(site, gitlab, '    ')}",
        ),
        Snippet(
            key="jenkins",
            name="Jenkins",
            where="in the pipeline; LINEUP_TOKEN is a secret text credential",
            text=(
                "post {\n"
                "  always {\n"
                "    withCredentials([string(credentialsId: 'lineup', variable: 'LINEUP_TOKEN')]) {\n"
                "      sh '''\n"
                f"        {_curl(site, jenkins, '        ')}\n"
                "      '''\n"
                "    }\n"
                "  }\n"
                "}"
            ),
        ),
    )
