"""Two files dropped on a page become a run, without anything set up."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from uuid import UUID

import msgspec
import orjson
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ingest.api.body import Body
from ingest.api.meta import read_meta
from ingest.api.parcel import stream
from ingest.api.redacted import redacted
from ingest.dropped import Admit, Dropped, Dropping, Look, key_of, looked_at, title_of
from ingest.formats.registry import FORMATS
from ingest.pages.drop import SIDES, Trouble, drop_page, missing_side, unreadable
from ingest.reading.own_rules import formats_of, redactor_of
from ingest.tasks import enqueue
from triage.api import ApiError
from triage.core.records import Side
from triage.models import Project, Run
from triage.people import for_people, project_or_404
from triage.refused_bodies import LOGS, read_out
from triage.store.sandboxes import sandbox_of
from triage.store.uploads import NewPart, Received, TooManyParts, store_upload

log = logging.getLogger(__name__)
NAME_LIMIT = 255


class Refused(Exception):
    """The form does not carry the token of this person's session; the answer is Django's own."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__("CSRF")
        self.answer = answer


@csrf_exempt  # the token is checked while the form is read, so that no part of it is held in memory: see _admit
@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def drop(request: HttpRequest) -> HttpResponse:
    """For everybody who is signed in: the files go into their own sandbox."""
    return _answer(request, None)


@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def drop_files(request: HttpRequest, slug: str) -> HttpResponse:
    """For those who may change the project: the files become a run of it, or are added to one."""
    project = project_or_404(request, slug)
    if not Project.objects.is_triaged_by(request.user, project):
        raise PermissionDenied
    return _answer(request, project)


def _answer(request: HttpRequest, project: Project | None) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, project)
    try:
        with ExitStack() as incoming:
            dropping = Dropping(incoming, _admit(request))
            with Body(request) as body:
                stream(body, request.headers.get("Content-Type", ""), dropping)
            dropping.admitted()
            return _taken(request, project, dropping.dropped)
    except Refused as refused:
        read_out(request, LOGS)
        return refused.answer
    except ApiError as error:
        read_out(request, LOGS)
        return _trouble(request, project, Trouble(error.message), error.status)
    except OSError as error:
        log.error("a dropped file could not be stored: %s", error)
        return _trouble(request, project, Trouble("Lineup cannot store the files; its operator must look."), 507)


def _admit(request: HttpRequest) -> Admit:
    """Django's own check, with the form's first field as the token where no header carries one.

    The body is being read by then, so Django takes nothing more from it.
    """

    def admit(token: str) -> None:
        request.META.setdefault("HTTP_X_CSRFTOKEN", token)
        answer = CsrfViewMiddleware(_shown).process_view(request, _answer, (), {})
        if answer is not None:
            raise Refused(answer)

    return admit


def _taken(request: HttpRequest, project: Project | None, dropped: Dropped) -> HttpResponse:
    if not dropped.files:
        return _trouble(
            request, project, Trouble("There was no file in it: choose at least one, or paste some lines."), 400
        )
    looks = looked_at(dropped.files, formats_of(project, None) if project is not None else FORMATS)
    if not any(look.readable for look in looks):
        return _trouble(request, project, unreadable(looks), 422)
    run = _run(request, project)
    try:
        received = _stored(request, project or sandbox_of(request.user), dropped, looks, run)
    except TooManyParts:
        return _trouble(request, project, Trouble("This run has as many files as a run may have."), 413)
    if received.changed:
        enqueue(received.run)
    _say(request, received, missing_side(looks) if run is None else None)
    address = reverse("run", args=[received.run.pk])
    return JsonResponse({"url": address}, status=201) if _by_script(request) else redirect(address)


def _stored(
    request: HttpRequest, project: Project, dropped: Dropped, looks: tuple[Look, ...], run: Run | None
) -> Received:
    redactor = redactor_of(project)
    names = [redactor.text(one.name)[:NAME_LIMIT] for one in dropped.files]
    said = {name: dropped.fields.get(name) for name in ("client_timezone", "server_timezone")}
    if run is None:
        said |= {"run_key": key_of(dropped), "name": title_of(names)}
    else:
        said |= {"run_key": run.run_key}
    meta = redacted(read_meta(orjson.dumps(said)), redactor)
    parts = [
        NewPart(side=(look.side or Side.TESTS).value, name=name, sha256=one.incoming.keep(), size=one.incoming.size)
        for one, name, look in zip(dropped.files, names, looks, strict=True)
    ]
    return store_upload(project, meta, parts, timezone.now(), dropped_by=request.user)


def _say(request: HttpRequest, received: Received, missing: Side | None) -> None:
    if missing is not None:
        where = reverse("drop-files", args=[received.run.project.slug])
        sentence = (
            'There is only one side here. <a href="{}?run={}">Drop {} too</a>, and the run is read again with both.'
        )
        messages.info(request, format_html(sentence, where, received.run.pk, SIDES[missing]))
    elif not received.changed:
        messages.info(request, "The same files were dropped before: this is their run.")


def _run(request: HttpRequest, project: Project | None) -> Run | None:
    """The run of this project that files are to be added to; None where the address names none."""
    text = request.GET.get("run", "")
    if not text or project is None:
        return None
    try:
        run = Run.objects.seen_as(request.user, UUID(text))
    except ValueError:
        raise Http404 from None
    if run is None or run.project_id != project.pk:
        raise Http404
    return run


def _trouble(request: HttpRequest, project: Project | None, trouble: Trouble, status: int) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"error": msgspec.to_builtins(trouble)}, status=status)
    return _shown(request, project, trouble, status)


def _by_script(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _shown(
    request: HttpRequest, project: Project | None, trouble: Trouble | None = None, status: int = 200
) -> HttpResponse:
    page = drop_page(project, _run(request, project), trouble)
    return render(request, "drop.html", {"page": page, "project": project}, status=status)
