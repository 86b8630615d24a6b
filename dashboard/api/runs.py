"""`GET /api/v1/runs`, `/runs/{id}` and `/runs/{id}/steps`."""

from __future__ import annotations

import hashlib
import uuid

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from dashboard.api.query import cursor_of, run_query
from dashboard.api.rows import AT_WORK, FAILURES, run_document, shown_step, summary_document
from triage.access import Scope, authenticate
from triage.api import ApiError, api_view, json_response, run_url
from triage.core.document import Document, steps_document
from triage.models import Part, Run, Step, Test, Verdict

PAGE = 100
STEPS = 5_000  # of one test that one document holds
SHAPE = "2"  # of the documents: a new release with other fields must not be answered from old ETags


@api_view(["GET"], elsewhere=["POST"])
def list_runs(request: HttpRequest) -> HttpResponse:
    token = authenticate(request, Scope.READ)
    query = run_query(request)
    runs = list(
        Run.objects.of_project(token.project_id)
        .asked(branch=query.branch, status=query.status, verdict=query.verdict, since=query.since)
        .newest_after(query.after)[: PAGE + 1]
    )
    page = runs[:PAGE]
    verdicts = Verdict.objects.counted([run.pk for run in page])
    document = {
        "runs": [summary_document(run, run_url(request, run.pk), verdicts.get(run.pk, {})) for run in page],
        "next_cursor": cursor_of(page[-1]) if len(runs) > PAGE else None,
    }
    return _answer(request, document)


@api_view(["GET"])
def show_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _run(request, run_id)
    url = run_url(request, run.pk)
    etag = None
    if run.status not in AT_WORK:
        # Nothing of the document changes any more without one of these, so a poller costs two look-ups.
        etag = _etag(f"{SHAPE} {url} {run.status} {run.revision} {run.analysed_revision} {run.touched_at.timestamp()}")
        unchanged = _conditional(request, json_response(None), etag)
        if unchanged.status_code == 304:
            return unchanged
    parts = Part.objects.of_run_in_order(run.pk)
    verdicts = Verdict.objects.of_run_with_tests(run.pk)[:FAILURES]
    return _answer(request, run_document(run, url, parts, verdicts), etag)


@api_view(["GET"])
def show_steps(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _run(request, run_id)
    nodeid = request.GET.get("test", "")
    if not nodeid:
        raise ApiError(400, "missing_parameter", "Name the test: ?test=tests/test_cars.py::test_count.", "test")
    test = None if "\0" in nodeid else Test.objects.named(run.pk, nodeid)
    if test is None:
        yet = " yet: it is still being read" if run.status in AT_WORK else ""
        raise ApiError(404, "unknown_test", f"This run has no test of that name{yet}.", "test")
    steps = list(Step.objects.of_test_with_servers(test.pk)[: STEPS + 1])
    document = steps_document(nodeid, map(shown_step, steps[:STEPS]))
    return _answer(request, document | {"more": len(steps) > STEPS})


def _run(request: HttpRequest, run_id: uuid.UUID) -> Run:
    token = authenticate(request, Scope.READ)
    run: Run | None = Run.objects.of_project(token.project_id).by_id(run_id).first()
    if run is None:  # also where it is another project's: saying more would tell that it exists
        raise ApiError(404, "unknown_run", "This project has no run of that id.")
    return run


def _answer(request: HttpRequest, document: Document, etag: str | None = None) -> HttpResponse:
    response = json_response(document)
    return _conditional(request, response, etag or _etag(response.content))


def _conditional(request: HttpRequest, response: HttpResponse, etag: str) -> HttpResponse:
    """The answer under its ETag, or a 304 where the caller has it already."""
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response) or response


def _etag(of: str | bytes) -> str:
    return f'"{hashlib.sha256(of.encode() if isinstance(of, str) else of).hexdigest()[:32]}"'
