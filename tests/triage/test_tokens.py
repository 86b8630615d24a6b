"""Tokens: who gets in, who does not, and what a token leaves behind."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from tests.triage.made import a_project, a_run
from triage.access import SHOWN, digest_of, new_secret
from triage.models import Project, Token
from triage.store.projects import add_token, note_token_use

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs"


def a_token(*scopes: str, project: str = "cars") -> str:
    secret = new_secret()
    add_token(a_project(project), digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes)
    return secret


def get(client: Client, authorization: str | None, path: str = RUNS):
    return client.get(path, headers={} if authorization is None else {"Authorization": authorization})


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "missing_token"),
        ("", "missing_token"),
        ("Bearer", "bad_authorization"),
        ("Bearer ", "bad_authorization"),
        ("Basic dXNlcjpwYXNz", "bad_authorization"),
        ("Bearer nonsense", "unknown_token"),
        ("Bearer lineup_" + "A" * 43, "unknown_token"),
        ("Bearer " + "A" * 60_000, "unknown_token"),
        ("Bearer prüf\x00\x1b", "unknown_token"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_without_a_known_token_nobody_gets_in(client, authorization, code):
    for answer in (
        get(client, authorization),
        client.post(RUNS, headers={} if authorization is None else {"Authorization": authorization}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER "])
def test_a_known_token_gets_in(client, kind):
    assert get(client, f"{kind} {a_token('read')}").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "reads", "uploads"),
    [
        (["read"], 200, 403),
        (["triage"], 200, 403),
        (["upload"], 403, 415),  # let in, and then told that the body is no form
        (["upload", "read"], 200, 415),
        ([], 403, 403),
    ],
)
def test_a_token_does_what_its_scopes_say(client, scopes, reads, uploads):
    authorization = f"Bearer {a_token(*scopes)}"
    assert get(client, authorization).status_code == reads
    assert (
        client.generic("POST", RUNS, b"x", "text/plain", headers={"Authorization": authorization}).status_code
        == uploads
    )


def test_a_missing_scope_is_named(client):
    error = get(client, f"Bearer {a_token('upload')}").json()["error"]
    assert error["code"] == "missing_scope"
    assert "read" in error["message"]


def test_a_revoked_token_is_unknown(client):
    secret = a_token("read")
    Token.objects.update(revoked_at=timezone.now())
    assert get(client, f"Bearer {secret}").status_code == 401


def test_another_projects_run_is_a_run_that_is_not_there(client):
    run = a_run()
    for suffix in ("", "/steps?test=x"):
        mine = get(client, f"Bearer {a_token('read', 'triage', project='bikes')}", f"{RUNS}/{run.pk}{suffix}")
        none = get(client, f"Bearer {a_token('read')}", f"{RUNS}/00000000-0000-0000-0000-000000000000{suffix}")
        assert (mine.status_code, mine.json()) == (404, none.json())


def test_a_session_is_no_token(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root", password="x"))
    assert get(client, None).status_code == 401


def test_only_a_digest_of_the_token_is_kept(client):
    secret = a_token("read")
    row = Token.objects.values().get()
    assert secret not in str(row)
    assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()
    assert row["prefix"] == secret[:12]


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(client, django_assert_num_queries):
    secret = a_token("read")
    get(client, f"Bearer {secret}")
    noted = Token.objects.get().last_used_at
    assert noted is not None
    get(client, f"Bearer {secret}")
    assert Token.objects.get().last_used_at == noted
    token = Token.objects.get()
    with django_assert_num_queries(0):
        note_token_use(token, noted + timedelta(seconds=59))
    note_token_use(token, noted + timedelta(seconds=61))
    assert Token.objects.get().last_used_at == noted + timedelta(seconds=61)


def test_a_token_is_never_in_the_log(client, caplog):
    secret = a_token("upload")
    with caplog.at_level(logging.DEBUG):
        get(client, f"Bearer {secret}")
        get(client, f"Bearer {secret}x")
        client.generic("POST", RUNS, b"x", "text/plain", headers={"Authorization": f"Bearer {secret}"})
        client.get("/api/v1/nothing", headers={"Authorization": f"Bearer {secret}"})
    assert secret not in caplog.text


def command(*args: str) -> str:
    out = StringIO()
    call_command("token", *args, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_token_and_nothing_else(client):
    printed = command("new-project", "--scope", "upload,read")
    secret = printed.removesuffix("\n")
    assert secret.startswith("lineup_")
    assert len(secret) == len("lineup_") + 43
    assert Project.objects.get().slug == "new-project"
    assert Token.objects.get().scopes == ["upload", "read"]
    assert get(client, f"Bearer {secret}").status_code == 200


def test_the_command_uses_the_project_that_there_is():
    project = a_project("cars")
    assert command("cars", "--scope", "read") != command("cars", "--scope", " Read, triage,read ")
    assert list(Project.objects.all()) == [project]
    assert [token.scopes for token in Token.objects.order_by("pk")] == [["read"], ["read", "triage"]]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["cars", "--scope", "write"], "'write' is no scope; the scopes are upload, read, triage."),
        (["cars", "--scope", ""], "Name at least one scope"),
        (["cars", "--scope", ","], "Name at least one scope"),
        (["no slug", "--scope", "read"], "is no slug"),
        (["../cars", "--scope", "read"], "is no slug"),
        (["", "--scope", "read"], "is no slug"),
        (["c" * 81, "--scope", "read"], "at most 80 characters"),
    ],
)
def test_the_command_refuses_with_a_sentence_and_makes_nothing(args, sentence):
    with pytest.raises(CommandError, match=sentence):
        command(*args)
    assert not Project.objects.exists()
    assert not Token.objects.exists()
