"""The API's own page: it tells of every address that there is, and its examples do what they say when pasted."""

from __future__ import annotations

import html
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from dashboard.api.openapi import openapi
from dashboard.api.page import EXAMPLES
from tests.dashboard.reported import a_ready_run
from tests.dashboard.test_api_runs import a_token
from tests.ingest.uploads import JOURNAL, TESTS
from tests.triage.items import some_items
from triage.models import Decision, Item, Judgement, Run

SELF = "/api/v1/openapi.json"


def addresses(patterns: Any, before: str = "/") -> list[str]:
    found: list[str] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern) and (before + str(one.pattern)).startswith("/api/v1/"):
            found.append(re.sub(r"<\w+:\w+>", "{id}", before + str(one.pattern)))
    return found


@pytest.mark.django_db
def test_every_address_and_method_of_the_api_is_described(client):
    paths = openapi("http://testserver")["paths"]
    assert {*addresses(get_resolver().url_patterns)} - {SELF} == {*paths}
    for path, described in paths.items():
        key = "00000000-0000-0000-0000-000000000000" if path.startswith("/api/v1/runs/") else "1"
        allowed = client.put(path.replace("{id}", key)).headers["Allow"].split(", ")
        assert {name.lower() for name in allowed} - {"head"} == {*described} - {"parameters"}, path
        assert all(described[name]["operationId"] in EXAMPLES for name in described if name != "parameters"), path


@pytest.mark.django_db(transaction=True)
def test_every_example_works_when_it_is_pasted(client, live_server, tmp_path: Path, settings, monkeypatch):
    settings.LINEUP_HOME = tmp_path / "home"
    monkeypatch.setattr("ingest.api.upload.enqueue", lambda run: None)
    run = a_ready_run()
    (item,) = some_items(run.project, 1)
    (tmp_path / "test.log").write_bytes(TESTS)
    (tmp_path / "journal.txt").write_bytes(JOURNAL)
    token = a_token("upload", "read", "triage")["Authorization"].removeprefix("Bearer ")
    given = {"LINEUP_TOKEN": token, "RUN_ID": run.pk, "ITEM_ID": item.pk, "GROUP_ID": item.group_id}
    page = client.get("/api/", HTTP_HOST=live_server.url.removeprefix("http://")).content.decode()
    pasted = [
        html.unescape(one)
        for one in re.findall(r'<pre class="cmd" tabindex="0" aria-label[^>]*>(.*?)</pre>', page, re.S)
    ]
    assert len(pasted) == len(EXAMPLES) == 11
    for line in pasted:
        made = Decision.objects.filter(what="status").first()
        known = {
            **os.environ,
            **{name: str(value) for name, value in given.items()},
            "DECISION_ID": str(made and made.pk),
        }
        ran = subprocess.run(["bash", "-c", line], capture_output=True, cwd=tmp_path, env=known, timeout=60)
        assert ran.returncode == 0, (line, ran.stderr)
        assert not orjson.loads(ran.stdout).get("error"), (line, ran.stdout)
    assert Run.objects.get(run_key="my-first-run").parts.count() == 2
    assert Judgement.objects.get().reason == "the worker was restarted"
    assert Item.objects.get().status == "new"  # the last example has undone what the one before it decided
