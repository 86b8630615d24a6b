"""Where a project's evidence comes from."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.pages.snippets import curl_line, snippets
from tests.dashboard import factory
from tests.dashboard.test_run_page import plain
from triage.core.records import Side
from triage.models import Project, Token
from triage.store.projects import add_token

SOURCES = "/p/cars-api/sources"


def token(made: Project, name: str = "nightly", **more: object) -> Token:
    row = add_token(made, digest=name.ljust(64, "_"), prefix="lineup_AbCd1", scopes=["upload"], name=name)
    Token.objects.filter(pk=row.pk).update(**more)
    return Token.objects.get(pk=row.pk)


def text_of(client: Client) -> str:
    return plain(client.get(SOURCES).content.decode())


def test_a_project_without_sources_says_what_to_do(signed_in: Client, cars: Project):
    text = text_of(signed_in)
    assert "Nothing delivers to this project yet" in text
    assert "Make or revoke tokens" in text
    for name in ("GitHub Actions", "GitLab CI", "Jenkins", "Buildkite", "Azure Pipelines", "CircleCI", "a shell"):
        assert name in text


def test_each_source_tells_when_it_last_delivered_and_how_much(signed_in: Client, cars: Project, ada: User):
    nightly, unused = token(cars, last_used_at=datetime.now(UTC)), token(cars, "unused")
    for n in range(3):
        run = factory.empty_run(cars, ago=timedelta(hours=3 + n), token=nightly)
    factory.empty_run(cars, ago=timedelta(days=3), dropped_by=ada)
    html = signed_in.get(SOURCES).content.decode()
    text = plain(html)
    assert re.search(
        r"nightly API token lineup_AbCd1… · used (just now|\d+ s ago) Delivers last 3 h ago 3 runs in 4 weeks", text
    )
    assert re.search(r"unused API token .* Nothing yet no run yet 0 runs", text)
    assert re.search(r"ada files dropped by hand By hand last 3 days ago 1 run", text)
    assert f'href="/runs/{run.pk}"' not in html, "an older run than the newest"
    assert unused.name in text


def test_a_source_that_stopped_is_warned_of_and_one_that_never_was_regular_is_not(signed_in: Client, cars: Project):
    stopped, rare, long_gone = token(cars, "stopped"), token(cars, "rare"), token(cars, "long gone")
    for n in range(10):
        factory.empty_run(cars, ago=timedelta(days=9, hours=10 * n), token=stopped)
        factory.empty_run(cars, ago=timedelta(days=50, hours=10 * n), token=long_gone)
    factory.empty_run(cars, ago=timedelta(days=9), token=rare)
    text = text_of(signed_in)
    assert text.count("Stopped") == 2
    assert "Nothing has come for 9 days; in the weeks before, the longest pause was 10 hours." in text
    assert "It delivered regularly, and nothing has come for 50 days." in text


def test_the_last_unreadable_part_of_a_source_is_named(signed_in: Client, cars: Project):
    nightly = token(cars)
    for n in range(3):
        run = factory.empty_run(cars, ago=timedelta(hours=n), token=nightly)
        problem = f"This is a PNG image {n}."
        factory.part(run, Side.TESTS, "<b>shot\u202e.png", state="unreadable", problem=problem)
    html = signed_in.get(SOURCES).content.decode()
    assert "PNG image 0." in html
    assert "PNG image 1." not in html
    assert "&lt;b&gt;shot\\u202e.png" in html


def test_a_revoked_token_stays_while_its_runs_are_recent(signed_in: Client, cars: Project):
    now = datetime.now(UTC)
    factory.empty_run(cars, token=token(cars, "revoked yesterday", revoked_at=now))
    token(cars, "revoked unused", revoked_at=now)
    text = text_of(signed_in)
    assert "revoked yesterday" in text
    assert "Revoked" in text
    assert "revoked unused" not in text


def test_many_sources_and_runs_cost_no_more_queries(signed_in: Client, cars: Project, django_assert_max_num_queries):
    tokens = [token(cars, f"t{n}") for n in range(20)]
    for n in range(100):
        run = factory.empty_run(cars, ago=timedelta(hours=n), token=tokens[n % 20])
        factory.part(run, Side.SERVER, "x", state="unreadable", problem="p")
    with django_assert_max_num_queries(14):
        html = signed_in.get(SOURCES).content.decode()
    assert html.count('class="source ') == 20


def test_a_viewer_sees_the_sources_and_makes_nothing(client: Client, db: None):
    bob = factory.person("bob")
    factory.project("cars-api", bob, role="viewer")
    client.force_login(bob)
    html = client.get(SOURCES).content.decode()
    assert "Make or revoke tokens" not in html
    assert "data-drop" not in html
    assert "An admin of this project makes the tokens" in html


def test_the_old_address_leads_here(signed_in: Client, cars: Project):
    assert signed_in.get("/p/cars-api/upload").headers["Location"] == SOURCES


def test_no_line_can_break_a_build_or_hold_it_up():
    texts = [each.text for each in snippets("https://lineup.example.org")] + [curl_line("https://lineup.example.org")]
    for text in texts:
        assert text.count("curl") == text.count("|| true") == text.count("--max-time 60") == 1
        assert "https://lineup.example.org/api/v1/runs" in text


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_lines_are_what_a_shell_understands(tmp_path):
    """A stand-in for curl prints what it was given; the meta it gets must be JSON with the key of that CI."""
    (tmp_path / "curl").write_text(
        '#!/bin/bash\nfor a in "$@"; do case "$a" in meta=*) echo "${a#meta=}";; esac; done\nexit 22\n'
    )
    (tmp_path / "curl").chmod(0o755)
    text = next(each.text for each in snippets("http://x") if each.key == "shell")
    done = subprocess.run(
        ["bash", "-ec", text], env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert re.fullmatch(r'\{"run_key": "ci/\d+"\}\n', done.stdout)
