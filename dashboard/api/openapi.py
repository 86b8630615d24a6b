"""The OpenAPI 3.1 document of the API, written by hand and held to the truth by the tests."""

from __future__ import annotations

from typing import Any

from dashboard.api.schemas import KIND, SCHEMAS, STATUS, Schema, array, ref, text

VERSION = "1.0.0"
INTRODUCTION = """\
Upload what a test run printed and what the servers logged; read which process served which step, and why each
failing test failed. All bodies are UTF-8 JSON unless said otherwise, all times are RFC 3339 with an offset; unknown
fields are ignored on input and may appear on output."""
STATUSES = {
    400: "Something is missing or wrong; `field` names it.",
    401: "The token is missing, unknown or revoked.",
    403: "The token lacks the scope.",
    404: "The project has no such thing.",
    405: "The address does not answer this method.",
    408: "The upload stalled or took too long.",
    413: "The upload, a part or the number of parts is too large.",
    415: "The body is no multipart form, or its Content-Encoding is unknown.",
    500: "Lineup failed; nothing was changed.",
    503: "The database does not answer; nothing was changed. Try again in a moment.",
    507: "The parts could not be stored.",
}


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


def _operation(name: str, summary: str, description: str, answers: dict[int, Schema], **more: Any) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "responses": {str(status): answer for status, answer in sorted(answers.items())},
    } | more


def _answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _errors(*statuses: int) -> dict[int, Schema]:
    return {status: _answer(STATUSES[status], ref("Error")) for status in (*statuses, 401, 403, 405, 500, 503)}


def _query(name: str, description: str, schema: Schema, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema, "required": required}


_RUN_ID = {"name": "id", "in": "path", "required": True, "schema": text("", format="uuid")}
_UNCHANGED = {304: {"description": "Nothing has changed since the answer whose ETag was sent as If-None-Match."}}


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
    return _operation(
        "uploadRun",
        "Upload a run",
        "Scope: upload. Everything is durable before the answer is sent. The same run_key with the same content "
        "changes nothing; with other content the new parts are added and the run is analysed again. A run without "
        "parts is taken too: its evidence may come later. The whole request may be Content-Encoding: gzip.",
        {
            200: _answer("The run was there; what was new has been added.", ref("Received")),
            202: _answer("The run is new and queued.", ref("Received")),
            **_errors(400, 408, 413, 415, 507),
        },
        requestBody=body,
    )


def _list() -> Schema:
    return _operation(
        "listRuns",
        "List runs",
        "Scope: read or triage. Newest first, at most 100 a page; conditions are joined by and.",
        {200: _answer("A page.", ref("RunPage")), **_UNCHANGED, **_errors(400)},
        parameters=[
            _query("branch", "runs of that branch", text()),
            _query("status", "runs in that state", STATUS),
            _query("verdict", "runs with a failing test of that verdict", KIND),
            _query("since", "runs received then or later", text("", format="date-time")),
            _query("cursor", "next_cursor of the page before", text()),
        ],
    )


def _show() -> Schema:
    return _operation(
        "readRun",
        "Read a run",
        "Scope: read or triage. Poll it with If-None-Match until status is ready or failed.",
        {200: _answer("The run.", ref("Run")), **_UNCHANGED, **_errors(404)},
    )


def _steps() -> Schema:
    return _operation(
        "readSteps",
        "Read the steps of a test",
        "Scope: read or triage. Every step of one test in order, with the processes that may have served it.",
        {200: _answer("The steps.", ref("Steps")), **_UNCHANGED, **_errors(400, 404)},
        parameters=[_query("test", "the test's node id", text(), required=True)],
    )
