"""The OpenAPI 3.1 document of the API, written by hand and held to the truth by the tests."""

from __future__ import annotations

from typing import Any

from dashboard.api.history_operations import GROUP_ID, judge, list_groups, show_group
from dashboard.api.item_operations import ITEM_ID, decide, list_items, show_item, undo
from dashboard.api.operation import UNCHANGED, answer, errors, operation, query
from dashboard.api.schema import Schema, array, ref, text
from dashboard.api.schemas import KIND, SCHEMAS, STATUS

VERSION = "1.0.0"
INTRODUCTION = """\
Upload what a test run printed and what the servers logged; read which process served which step, and why each
failing test failed. All bodies are UTF-8 JSON unless said otherwise, all times are RFC 3339 with an offset; unknown
fields are ignored on input and may appear on output."""


def openapi(server: str) -> dict[str, Any]:
    """The document; `server` is the address that its paths hang under, without a slash at the end."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lineup", "version": VERSION, "description": INTRODUCTION},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": {
            "/api/v1/runs": {"post": _upload(), "get": _list()},
            "/api/v1/runs/{id}": {"parameters": [_RUN_ID], "get": _show()},
            "/api/v1/runs/{id}/steps": {"parameters": [_RUN_ID], "get": _steps()},
            "/api/v1/runs/{id}/judgements": {"parameters": [_RUN_ID], "post": judge()},
            "/api/v1/groups": {"get": list_groups()},
            "/api/v1/groups/{id}": {"parameters": [GROUP_ID], "get": show_group()},
            "/api/v1/items": {"get": list_items()},
            "/api/v1/items/{id}": {"parameters": [ITEM_ID], "get": show_item()},
            "/api/v1/items/{id}/decisions": {"parameters": [ITEM_ID], "post": decide()},
            "/api/v1/decisions/{id}/undo": {"parameters": [ITEM_ID], "post": undo()},
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token belongs to one project and carries scopes: upload, read, triage.",
                }
            },
        },
    }


_RUN_ID = {"name": "id", "in": "path", "required": True, "schema": text("", format="uuid")}


def _upload() -> Schema:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {
        "type": "object",
        "required": ["meta"],
        "properties": {
            "meta": ref("Meta") | {"description": "a JSON object; as a field or as a file"},
            "tests": array(file, "what pytest printed or wrote, in any supported format; gzip or zstd are unpacked"),
            "server": array(file, "what the server side logged; the file's name may hint at the host (web1.journal)"),
        },
    }
    body = {
        "required": True,
        "content": {"multipart/form-data": {"schema": form, "encoding": {"meta": {"contentType": "application/json"}}}},
    }
    return operation(
        "uploadRun",
        "Upload a run",
        "Scope: upload. Everything is durable before the answer is sent. The same run_key with the same content "
        "changes nothing; with other content the new parts are added and the run is analysed again. A run without "
        "parts is taken too: its evidence may come later. The whole request may be Content-Encoding: gzip.",
        {
            200: answer("The run was there; what was new has been added.", ref("Received")),
            202: answer("The run is new and queued.", ref("Received")),
            **errors(400, 408, 413, 415, 507),
        },
        requestBody=body,
    )


def _list() -> Schema:
    return operation(
        "listRuns",
        "List runs",
        "Scope: read or triage. Newest first, at most 100 a page; conditions are joined by and.",
        {200: answer("A page.", ref("RunPage")), **UNCHANGED, **errors(400)},
        parameters=[
            query("branch", "runs of that branch", text()),
            query("status", "runs in that state", STATUS),
            query("verdict", "runs with a failing test of that verdict", KIND),
            query("since", "runs received then or later", text("", format="date-time")),
            query("cursor", "next_cursor of the page before", text()),
        ],
    )


def _show() -> Schema:
    return operation(
        "readRun",
        "Read a run",
        "Scope: read or triage. Poll it with If-None-Match until status is ready or failed.",
        {200: answer("The run.", ref("Run")), **UNCHANGED, **errors(404)},
    )


def _steps() -> Schema:
    return operation(
        "readSteps",
        "Read the steps of a test",
        "Scope: read or triage. Every step of one test in order, with the processes that may have served it.",
        {200: answer("The steps.", ref("Steps")), **UNCHANGED, **errors(400, 404)},
        parameters=[query("test", "the test's node id", text(), required=True)],
    )
