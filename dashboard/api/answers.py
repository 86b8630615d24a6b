"""A document as an answer that its reader need not fetch twice."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from triage.api import json_response
from triage.core.document import Document


def answer(request: HttpRequest, document: Document, etag: str | None = None) -> HttpResponse:
    response = json_response(document)
    return conditional(request, response, etag or etag_of(response.content))


def conditional(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """The answer under its ETag, or a 304 where the caller has it already."""
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def etag_of(of: str | bytes) -> str:
    return f'"{hashlib.sha256(of.encode() if isinstance(of, str) else of).hexdigest()[:32]}"'
