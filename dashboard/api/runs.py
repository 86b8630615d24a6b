"""`GET /api/v1/runs`, `/runs/{id}` and `/runs/{id}/steps`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard.api.answers import answer, conditional, etag_of
from dashboard.api.history import besides
from dashboard.api.query import cursor_of, run_query
from dashboard.api.rows import AT_WORK, FAILURES, run_document, shown_step, summary_document
from triage.access import Scope, authenticate
from triage.api import ApiError, api_view, json_response, run_url
from triage.core.document import steps_document
from triage.models import Part, Run, Step, Test, Verdict

PAGE = 100
STEPS = 5_000  # of one test that one document holds
SHAPE = "3"  # of the documents: a new release with other fields must not be answered from old ETags


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
        "next_cursor": cursor_of(page[-1].received_at, page[-1].pk.hex) if len(runs) > PAGE else None,
    }
    return answer(request, document)


@api_view(["GET"])
def show_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    run = _run(request, run_id)
    url = run_url(request, run.pk)
    etag = None
    if run.status not in AT_WORK:
        # Nothing of the document changes any more without one of these, so a poller costs two look-ups.
        told = (SHAPE, url, run.status, run.revision, run.analysed_revision, run.touched_at, run.weighed_at)
        etag = etag_of(" ".join(map(str, told)))
        unchanged = conditional(request, json_response(None), etag)
        if unchanged.status_code == 304:
            return unchanged
    parts = Part.objects.of_run_in_order(run.pk)
    verdicts = Verdict.objects.of_run_with_tests(run.pk)[:FAILURES]
    return answer(request, run_document(run, url, parts, verdicts, besides(request, run)), etag)


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
    return answer(request, document | {"more": len(steps) > STEPS})


def _run(request: HttpRequest, run_id: uuid.UUID) -> Any:
    """The run, with `weighed_at`."""
    token = authenticate(request, Scope.READ)
    run: Any = Run.objects.of_project(token.project_id).by_id(run_id).with_weighing().first()
    if run is None:  # also where it is another project's: saying more would tell that it exists
        raise ApiError(404, "unknown_run", "This project has no run of that id.")
    return run
