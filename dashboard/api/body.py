"""The JSON object that a request carries."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest

from triage.api import ApiError


def json_object(request: HttpRequest, most: int, what: str, example: str) -> dict[str, Any]:
    """Raises ApiError 413 where it is longer than so many bytes, 400 where it is no JSON object."""
    if int(request.headers.get("Content-Length") or 0) > most:
        raise ApiError(413, "too_large", f"{what} is at most {most:,} bytes long.")
    try:
        sent = orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "bad_json", f"The body is no JSON in UTF-8: {error}.") from error
    if not isinstance(sent, dict):
        raise ApiError(400, "bad_json", f"The body must be a JSON object: {example}.")
    return sent


def text_in(sent: dict[str, Any], name: str, most: int | None = None) -> str | None:
    """A string of the body, None where it is missing, null or empty. Raises ApiError 400."""
    value = sent.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or "\0" in value:
        raise ApiError(400, "bad_field", f"'{name}' must be a string without NUL.", name)
    if most is not None and len(value) > most:
        raise ApiError(400, "bad_field", f"'{name}' has at most {most:,} characters.", name)
    return value
