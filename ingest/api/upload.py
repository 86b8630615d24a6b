"""`POST /api/v1/runs`: a CI job hands in what its tests printed and what the servers logged."""

from __future__ import annotations

import logging
from contextlib import ExitStack

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ingest.api.body import Body
from ingest.api.meta import read_meta
from ingest.api.parcel import ReceivedPart, unpack
from ingest.api.redacted import redacted
from ingest.reading.own_rules import redactor_of
from ingest.redaction.redactor import Redactor
from ingest.tasks import enqueue
from triage.access import Scope, authenticate
from triage.api import ApiError, api_view, json_response, run_url
from triage.store.uploads import NewPart, TooManyParts, store_upload

log = logging.getLogger(__name__)
NAME_LIMIT = 255  # characters of a part's name


@api_view(["POST"], elsewhere=["GET", "HEAD"])
def receive_run(request: HttpRequest) -> HttpResponse:
    """Everything is on the disk and in the database before the answer is sent; reading it comes later."""
    token = authenticate(request, Scope.UPLOAD)  # before a byte of the body is looked at
    with ExitStack() as incoming:
        try:
            with Body(request) as body:
                parcel = unpack(body, request.headers.get("Content-Type", ""), incoming)
            redactor = redactor_of(token.project)
            meta = redacted(read_meta(parcel.meta), redactor)
            parts = [_kept(part, redactor) for part in parcel.parts]
        except OSError as error:
            log.error("a part could not be stored: %s", error)
            raise ApiError(507, "storage_failed", "Lineup cannot store the parts; its operator must look.") from error
        try:
            received = store_upload(token.project, meta, parts, timezone.now(), token=token)
        except TooManyParts as error:
            message = "This run has as many parts as a run may have; use another run_key."
            raise ApiError(413, "too_many_parts", message, "run_key") from error
    run = received.run
    if received.changed:
        enqueue(run)  # a broker that is away costs nothing but time: the sweep finds what is queued
    answer = {"id": str(run.pk), "url": run_url(request, run.pk), "status": run.status}
    if parcel.ignored:
        answer["ignored"] = parcel.ignored
    return json_response(answer, 202 if received.created else 200, {"Location": f"/api/v1/runs/{run.pk}"})


def _kept(part: ReceivedPart, redactor: Redactor) -> NewPart:
    sha256 = part.incoming.keep()
    return NewPart(side=part.side, name=redactor.text(part.name)[:NAME_LIMIT], sha256=sha256, size=part.incoming.size)
