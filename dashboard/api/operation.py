"""Pieces that the OpenAPI document's operations are made of."""

from __future__ import annotations

from typing import Any

from dashboard.api.schema import Schema, ref

STATUSES = {
    400: "Something is missing or wrong; `field` names it.",
    401: "The token is missing, unknown or revoked.",
    403: "The token lacks the scope.",
    404: "The project has no such thing.",
    405: "The address does not answer this method.",
    408: "The upload stalled or took too long.",
    409: "Somebody changed it since; the message says who.",
    413: "The upload, a part or the number of parts is too large.",
    415: "The body is no multipart form, or its Content-Encoding is unknown.",
    500: "Lineup failed; nothing was changed.",
    503: "The database does not answer; nothing was changed. Try again in a moment.",
    507: "The parts could not be stored.",
}
UNCHANGED = {304: {"description": "Nothing has changed since the answer whose ETag was sent as If-None-Match."}}


def operation(name: str, summary: str, description: str, answers: dict[int, Schema], **more: Any) -> Schema:
    return {
        "operationId": name,
        "summary": summary,
        "description": description,
        "responses": {str(status): answer for status, answer in sorted(answers.items())},
    } | more


def answer(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def errors(*statuses: int) -> dict[int, Schema]:
    return {status: answer(STATUSES[status], ref("Error")) for status in (*statuses, 401, 403, 405, 500, 503)}


def query(name: str, description: str, schema: Schema, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema, "required": required}
