"""What the tests of the upload send, and the tokens they send it with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.triage.made import a_project
from triage.access import SHOWN, digest_of, new_secret
from triage.store.projects import add_token

RUNS = "/api/v1/runs"
TESTS = b"2024-05-23 12:11:10 | INFO | Base_Logging | log_result | FAIL: Total car count\n"
JOURNAL = b"May 23 12:11:07 web1 gunicorn[51463]: [2024-05-23 12:34:06,721] INFO in cars_app: added\n"


def a_token(*scopes: str, project: str = "cars") -> str:
    secret = new_secret()
    add_token(a_project(project), digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes or ["upload"])
    return secret


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def upload(
    client: Any,
    token: str,
    *,
    tests: Sequence[tuple[str, bytes]] = (),
    server: Sequence[tuple[str, bytes]] = (),
    key: str = "ci/1",
    **meta: object,
) -> Any:
    """Uploads through Django's test client, as a browser would."""
    form = {
        "meta": json.dumps({"run_key": key, **meta}),
        "tests": [SimpleUploadedFile(name, data) for name, data in tests],
        "server": [SimpleUploadedFile(name, data) for name, data in server],
    }
    return client.post(RUNS, form, headers=bearer(token))


def form(*parts: tuple[str, str | None, bytes], boundary: str = "xYz") -> tuple[bytes, str]:
    """A multipart body written by hand, with its content type: (field, file name or None, bytes) each."""
    body = b""
    for field, name, data in parts:
        disposition = f'form-data; name="{field}"' + ("" if name is None else f'; filename="{name}"')
        body += f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def post(client: Any, token: str, body: bytes, content_type: str, **headers: str) -> Any:
    return client.generic("POST", RUNS, body, content_type, headers={**bearer(token), **headers})


def meta(key: str = "ci/1", **fields: object) -> tuple[str, None, bytes]:
    return "meta", None, json.dumps({"run_key": key, **fields}).encode()
