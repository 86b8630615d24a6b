"""The OpenAPI document is valid, and real answers are what it says: none of it is a promise only."""

from __future__ import annotations

import copy
import re
from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import validate

from dashboard.api.openapi import openapi
from dashboard.api.schemas import SCHEMAS
from tests.dashboard.reported import FAILED, a_ready_run
from tests.dashboard.test_api_runs import RUNS, a_token
from tests.triage.made import a_part, a_run

pytestmark = pytest.mark.django_db
META = '{"run_key": "ci/9", "branch": "main", "environment": {"server_workers": 3}}'


def closed(schema: Any) -> Any:
    """The schema with every object closed, so that a field that is answered and not documented is found too."""
    if isinstance(schema, dict):
        found = {name: closed(value) for name, value in schema.items()}
        if "properties" in found and "additionalProperties" not in found:
            found["additionalProperties"] = False
        return found
    return [closed(item) for item in schema] if isinstance(schema, list) else schema


def conforms(answer, method: str, path: str) -> None:
    document = openapi("http://testserver")
    documented = document["paths"][path][method.lower()]["responses"]
    assert str(answer.status_code) in documented, f"{method} {path} answers {answer.status_code}: not documented"
    content = documented[str(answer.status_code)].get("content")
    if content is None:
        assert answer.content == b""
        return
    assert answer["Content-Type"] == "application/json"
    schema = closed(copy.deepcopy(content["application/json"]["schema"]))
    schema["components"] = {"schemas": closed(copy.deepcopy(SCHEMAS))}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer.json())


def test_the_document_is_valid_openapi(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://testserver"}]


def test_every_schema_is_a_schema_and_is_used():
    text = str(openapi("http://x"))
    for name, schema in SCHEMAS.items():
        Draft202012Validator.check_schema(schema)
        assert f"#/components/schemas/{name}'" in text, f"{name} is documented and used nowhere"


def test_every_answer_of_reading_is_as_documented(client):
    run = a_ready_run()
    a_part(a_run("ci/2", status="processing", stage="parsing", done=1, total=2))
    failed = a_run("ci/3", status="failed", error="No part of this run could be read.")
    token = a_token("triage")
    one, steps = "/api/v1/runs/{id}", "/api/v1/runs/{id}/steps"
    calls = [
        (RUNS, RUNS, 200),
        (f"{RUNS}?cursor=x", RUNS, 400),
        (f"{RUNS}/{run.pk}", one, 200),
        (f"{RUNS}/{failed.pk}", one, 200),
        (f"{RUNS}/{failed.pk}/steps?test=x", steps, 404),
        (f"{RUNS}/{run.pk}/steps?test={quote(FAILED)}", steps, 200),
        (f"{RUNS}/{run.pk}/steps", steps, 400),
        (f"{RUNS}/00000000-0000-0000-0000-000000000000", one, 404),
    ]
    for url, path, status in calls:
        answer = client.get(url, headers=token)
        assert answer.status_code == status
        conforms(answer, "GET", path)
        if status == 200:
            conforms(client.get(url, headers={**token, "If-None-Match": answer["ETag"]}), "GET", path)
        conforms(client.get(url), "GET", path)
        conforms(client.get(url, headers=a_token("upload")), "GET", path)


def test_every_answer_of_uploading_is_as_documented(client, settings, tmp_path, monkeypatch):
    settings.LINEUP_HOME = tmp_path
    monkeypatch.setattr("ingest.api.upload.enqueue", lambda run: None)
    token = a_token("upload")
    calls: list[tuple[int, dict[str, Any]]] = [
        (202, {"data": {"meta": META}}),
        (200, {"data": {"meta": META}}),
        (400, {"data": {"meta": "{}"}}),
        (413, {"data": {"meta": " " * 70_000}}),
        (415, {"data": "x", "content_type": "text/plain"}),
    ]
    for status, more in calls:
        answer = client.post(RUNS, headers=token, **more)
        assert answer.status_code == status
        conforms(answer, "POST", RUNS)
    conforms(client.post(RUNS), "POST", RUNS)
    conforms(client.post(RUNS, headers=a_token("read")), "POST", RUNS)


def test_the_page_shows_every_operation_without_script_or_foreign_address(client):
    answer = client.get("/api/", HTTP_HOST="localhost:8123")
    page = answer.content.decode()
    assert answer.status_code == 200
    for operation in (
        "Upload a run", "List runs", "Read a run", "Read the steps of a test", "Judge a verdict", "List failure groups",
        "Read a failure group",
    ):  # fmt: skip
        assert operation in page
    for name in SCHEMAS:
        assert f'id="{name}"' in page
    assert "curl --fail-with-body http://localhost:8123/api/v1/runs" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page), "the page asks another host for something"
    assert "<script>" not in page
    assert "style=" not in page


def test_the_page_names_the_public_address_where_one_is_set(client, settings):
    settings.BASE_URL = "https://lineup.example.org"
    assert b"https://lineup.example.org/api/v1/runs" in client.get("/api/").content
    assert client.get("/api/v1/openapi.json").json()["servers"] == [{"url": "https://lineup.example.org"}]
