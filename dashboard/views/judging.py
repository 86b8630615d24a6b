"""Person over machine: judging a verdict, and saying what a run was made for. Triagers and admins only."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from dashboard.pages.addresses import address
from dashboard.pages.experiments import read_kind
from dashboard.pages.judging import SAYS_THE_SAME, read_answer
from triage.models import Run, Verdict
from triage.people import for_people, triaged_run
from triage.store.history import NOTE, mark_experiment
from triage.store.judgements import SaysTheSame, judge
from triage.store.text import clean

LONGEST_NODEID = 4_000


@require_POST
@for_people
def judgement(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = triaged_run(request, run_id)
    verdict = Verdict.objects.on(run.pk, _test(request))
    if verdict is None:
        raise Http404
    answer = read_answer(request.POST, verdict)
    if answer.problem:
        messages.error(request, answer.problem)
        return _back(run, verdict.test.nodeid, "judgement")
    try:
        judge(request.user, run, verdict.test.nodeid, answer.accepted, answer.kind, answer.mechanism, answer.reason)
        messages.info(request, "Noted, with your name and the time." if answer.accepted else "Overruled, and noted.")
    except SaysTheSame:  # it has become that since the form was read
        messages.error(request, SAYS_THE_SAME)
    return _back(run, verdict.test.nodeid, "judgement")


@require_POST
@for_people
def experiment(request: HttpRequest, run_id: UUID) -> HttpResponse:
    run = triaged_run(request, run_id)
    kind, problem = read_kind(request.POST)
    if problem:
        messages.error(request, problem)
    else:
        mark_experiment(run, kind, clean(request.POST.get("note", ""), NOTE))
        messages.info(request, "This run is now a control run." if kind else "This run is an ordinary one again.")
    return _back(run, _test(request), "experiment")


def _test(request: HttpRequest) -> str:
    return clean(request.GET.get("test", ""), LONGEST_NODEID)


def _back(run: Run, test: str, place: str) -> HttpResponse:
    return redirect(f"{address('run', run, test)}#{place}")
