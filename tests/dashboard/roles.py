"""Who may do what: a row for every address that there is. An address without a row fails tests/dashboard/test_roles.py.

A new address gets a row: Row(get=…, post=…), each with the least role that may; None where the method is not answered.
`own` names the thing that an argument of the address stands for, where it is not the plain one (see `things`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from django.contrib.auth.models import User
from django.utils import timezone

from tests.dashboard import factory, past
from tests.dashboard.build import original
from triage.access import digest_of
from triage.models import (
    Duty,
    Identity,
    Invitation,
    Item,
    LineFormat,
    Meeting,
    NoticeRule,
    Project,
    RedactionPattern,
    SavedView,
    Schedule,
    Token,
)  # fmt: skip

ROLES = ("nobody", "stranger", "viewer", "triager", "admin")
ANYBODY, PEOPLE, VIEWER, TRIAGER, ADMIN = ROLES  # the least role that may
TOKEN = "token"  # answers to a token alone: no session opens it


class Row(msgspec.Struct, frozen=True, kw_only=True):
    get: str | None = None
    post: str | None = None
    own: dict[str, str] = {}
    gone: bool = False  # 404 (or 503) is an answer, too: it takes more than an address to name the thing


SETTINGS = Row(get=VIEWER, post=ADMIN)
ROWS: dict[str, Row] = {
    "healthz": Row(get=ANYBODY),
    "readyz": Row(get=ANYBODY, gone=True),
    # signing in, and one's own account
    "sign-in": Row(get=ANYBODY, post=ANYBODY),
    "single-sign-on": Row(get=ANYBODY, gone=True),  # no provider is set here
    "single-sign-on-callback": Row(get=ANYBODY, gone=True),
    "forgotten-password": Row(get=ANYBODY, post=ANYBODY, gone=True),  # no mail can be sent here
    "new-password": Row(get=ANYBODY, post=ANYBODY, own={"uidb64": "reset", "token": "reset"}, gone=True),
    "sign-out": Row(post=ANYBODY),
    "invitation": Row(get=ANYBODY, post=ANYBODY, gone=True),  # the secret is in the query
    "account": Row(get=PEOPLE, post=PEOPLE),
    "change-password": Row(post=PEOPLE),
    "end-sessions": Row(post=PEOPLE),
    "link-identity": Row(post=PEOPLE, gone=True),
    "unlink-identity": Row(post=PEOPLE, own={"key": "identity"}),
    "home": Row(get=PEOPLE),
    "new-project": Row(get=PEOPLE, post=PEOPLE),
    "drop": Row(get=PEOPLE, post=PEOPLE),
    # a project
    "overview": Row(get=VIEWER),
    "fresh": Row(get=VIEWER),
    "groups": Row(get=VIEWER),
    "group": Row(get=VIEWER, own={"pk": "group"}),
    "fresh-group": Row(get=VIEWER, own={"pk": "group"}),
    "seen": Row(post=VIEWER, own={"pk": "group"}),
    "search": Row(get=VIEWER),
    "line": Row(get=VIEWER),
    "accuracy": Row(get=VIEWER),
    "sources": Row(get=VIEWER),
    "fresh-sources": Row(get=VIEWER),
    "upload": Row(get=VIEWER),
    "drop-files": Row(get=TRIAGER, post=TRIAGER),
    "run": Row(get=VIEWER),
    "lines": Row(get=VIEWER, gone=True),
    "lineup-svg": Row(get=VIEWER),
    "lineup-png": Row(get=VIEWER),
    "progress": Row(get=VIEWER),
    "analyse-again": Row(post=TRIAGER),
    "experiment": Row(post=TRIAGER),
    "judgement": Row(post=TRIAGER, gone=True),
    "decide": Row(post=TRIAGER),
    "undo": Row(post=TRIAGER, gone=True),
    "save-view": Row(post=VIEWER),
    "rename-view": Row(post=VIEWER, own={"pk": "view"}, gone=True),
    "delete-view": Row(post=VIEWER, own={"pk": "view"}, gone=True),
    "restore-view": Row(post=VIEWER, own={"pk": "view"}, gone=True),
    # meetings
    "meetings": Row(get=VIEWER),
    "begin-meeting": Row(post=TRIAGER),
    "add-schedule": Row(post=TRIAGER),
    "change-schedule": Row(post=TRIAGER, own={"pk": "schedule", "name": "schedule act"}),
    "set-duty": Row(post=TRIAGER),
    "end-duty": Row(post=TRIAGER, own={"pk": "duty"}),
    "meeting": Row(get=VIEWER, own={"pk": "meeting"}),
    "meeting-now": Row(get=VIEWER, own={"pk": "meeting"}),
    "minutes": Row(get=VIEWER, own={"pk": "meeting"}),
    "minutes-markdown": Row(get=VIEWER, own={"pk": "meeting"}),
    "send-minutes": Row(post=TRIAGER, own={"pk": "meeting"}),
    "meeting-add": Row(post=TRIAGER, own={"pk": "meeting"}),
    "meeting-act": Row(post=TRIAGER, own={"pk": "meeting", "name": "meeting act"}),
    # settings
    "project-settings": SETTINGS,
    "members": Row(get=VIEWER),
    "restore-member": Row(post=ADMIN),
    "set-role": Row(post=ADMIN, own={"key": "member"}),
    "remove-member": Row(post=ADMIN, own={"key": "member"}),  # oneself: test_members.py
    "invite": Row(post=ADMIN),
    "withdraw-invitation": Row(post=ADMIN, own={"key": "invitation"}),
    "tokens": SETTINGS,
    "make-token": SETTINGS,
    "revoke-token": Row(post=ADMIN, own={"key": "token"}),
    "retention": SETTINGS,
    "notifications": Row(get=ADMIN, post=ADMIN),
    "notice-rule": Row(get=ADMIN, post=ADMIN, own={"key": "rule"}),
    "change-notice-rule": Row(post=ADMIN, own={"key": "rule", "act": "rule act"}),
    "send-again": Row(post=ADMIN, own={"key": "notice"}, gone=True),
    "line-formats": Row(get=VIEWER),
    "new-line-format": Row(get=ADMIN, post=ADMIN),
    "try-line-format": Row(post=VIEWER),
    "line-format": Row(get=VIEWER, post=ADMIN, own={"key": "line format"}),
    "delete-line-format": Row(post=ADMIN, own={"key": "line format"}),
    "restore-line-format": Row(post=ADMIN, own={"key": "line format"}),
    "redaction": Row(get=VIEWER, post=VIEWER),  # trying one out is everybody's; saving: test_settings_pages.py
    "try-redaction": Row(post=VIEWER),
    "delete-redaction": Row(post=ADMIN, own={"key": "redaction"}),
    "restore-redaction": Row(post=ADMIN, own={"key": "redaction"}),
    "formats": Row(get=PEOPLE),
    "try-lines": Row(post=PEOPLE),
    # the API
    "api": Row(get=ANYBODY),
    "openapi": Row(get=ANYBODY),
    "api-runs": Row(get=TOKEN, post=TOKEN),
    "api-run": Row(get=TOKEN),
    "api-steps": Row(get=TOKEN),
    "api-judgements": Row(post=TOKEN),
    "api-groups": Row(get=TOKEN),
    "api-group": Row(get=TOKEN, own={"pk": "group"}),
    "api-items": Row(get=TOKEN),
    "api-item": Row(get=TOKEN, own={"pk": "item"}),
    "api-decisions": Row(post=TOKEN, own={"pk": "item"}),
    "api-undo": Row(post=TOKEN, own={"pk": "item"}),
}


def things(project: Project, admin: User, member: User) -> dict[str, Any]:
    """One of everything in the project, by the argument of an address or by what a row calls it."""
    run = factory.analysed(project, original())
    group = past.a_group(project)
    now = timezone.now()
    item = Item.objects.filter(group=group).first() or Item.objects.create(
        project=project, group=group, opened_at=now, touched_at=now
    )
    return {
        "slug": project.slug,
        "run_id": run.pk,
        "position": 0,
        "number": 1,
        "group": group.pk,
        "item": item.pk,
        "view": SavedView.objects.create(project=project, user=admin, page="groups", name="mine", query="").pk,
        "schedule": Schedule.objects.create(project=project, name="daily", at="09:00", next_at=now).pk,
        "schedule act": "delete",
        "duty": Duty.objects.create(project=project, user=admin, who="ada", from_on=now.date()).pk,
        "meeting": Meeting.objects.create(project=project, name="now", since=now, began_at=now).pk,
        "meeting act": "end",
        "member": member.pk,
        "identity": Identity.objects.create(user=admin, issuer="https://id.example", subject="1").pk,
        "invitation": Invitation.objects.create(
            project=project, digest=digest_of("secret"), expires_at=now + timedelta(days=1)
        ).pk,
        "reset": "x-y",
        "token": Token.objects.create(project=project, digest="0" * 64, prefix="lineup_0", scopes=["read"]).pk,
        "rule": NoticeRule.objects.create(project=project, name="chat", channel="mail", target="a@example.org").pk,
        "rule act": "delete",
        "notice": 1,
        "line format": LineFormat.objects.create(
            project=project, name="own", slug="custom-own", side="server", kind="template",
            pattern="{time} {message}", created_at=now, changed_at=now,
        ).pk,
        "redaction": RedactionPattern.objects.create(
            project=project, name="customer", pattern="C-[0-9]+", created_at=now
        ).pk,
    }  # fmt: skip
