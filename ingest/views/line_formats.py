"""A project's own line formats: everyone in it sees them, its admins change them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ingest.formats.line_format import name_of
from ingest.pages.catalogue import own_cards
from ingest.pages.line_formats import (
    Draft,
    described,
    draft_from,
    draft_of,
    field_lines,
    preview,
    with_guess,
    wrong_with,
)
from ingest.reading.own_rules import redactor_of
from triage.core.records import Side
from triage.models import LineFormat, Project
from triage.people import for_people, led_project, project_or_404
from triage.store import settings as store

HIGHEST_KEY = 2**63 - 1
APPLIES = "It applies to what comes from now on; runs that were read before stay as they are."


@require_safe
@for_people
def line_formats(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    rows = list(LineFormat.objects.in_use(project))
    return render(request, "settings_formats.html", {
        "project": project,
        "may_lead": Project.objects.is_led_by(request.user, project),
        "cards": own_cards((described(row), reverse("line-format", args=[slug, row.pk])) for row in rows),
        "full": len(rows) >= store.LINE_FORMATS,
        "limit": store.LINE_FORMATS,
        "deleted": LineFormat.objects.just_deleted(project, request.GET.get("deleted", "")),
    })  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def new_line_format(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method != "POST":
        return _form(request, led_project(request, slug), Draft())
    return _posted(request, led_project(request, slug), None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def line_format(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug) if request.method == "POST" else project_or_404(request, slug)
    row = LineFormat.objects.in_use_by_key(project, key) if key <= HIGHEST_KEY else None
    if row is None:
        raise Http404
    if request.method != "POST":
        return _form(request, project, draft_of(row), row)
    return _posted(request, project, row)


@require_POST
@for_people
def try_line_format(request: HttpRequest, slug: str) -> HttpResponse:
    """The preview alone, while somebody writes; nothing is kept."""
    project = project_or_404(request, slug)
    draft = draft_from(request.POST)
    if not request.headers.get("HX-Request"):
        return _form(request, project, draft)
    return render(request, "_line_preview.html", {"project": project, "preview": preview(draft), "draft": draft})


@require_POST
@for_people
def delete_line_format(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    row = store.delete_line_format(project, key, timezone.now()) if key <= HIGHEST_KEY else None
    return redirect(_list(slug) + (f"?deleted={row.pk}" if row else ""))


@require_POST
@for_people
def restore_line_format(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    try:
        if key <= HIGHEST_KEY:
            store.restore_line_format(project, key)
    except store.Refused as refused:
        messages.warning(request, str(refused))
    return redirect(_list(slug))


def _posted(request: HttpRequest, project: Project, row: LineFormat | None) -> HttpResponse:
    draft = draft_from(request.POST)
    if request.POST.get("act") == "guess":
        draft = with_guess(draft)
    if request.POST.get("act") != "save":
        return _form(request, project, draft, row)
    wrong = wrong_with(draft)
    if not wrong:
        told = {name: getattr(draft, name) for name in Draft.__struct_fields__} | {"slug": name_of(draft.name)}
        told["sample"] = redactor_of(project).text(draft.sample)  # it is kept, and everyone in the project sees it
        try:
            if row is None:
                store.add_line_format(project, request.user, timezone.now(), **told)
            elif store.change_line_format(project, row.pk, timezone.now(), **told) is None:
                raise Http404
            messages.info(request, f"“{draft.name}” is saved. {APPLIES}")
            return redirect(_list(project.slug))
        except store.Refused as refused:
            wrong["name"] = str(refused)
    return _form(request, project, draft, row, wrong, status=422)


def _form(
    request: HttpRequest, project: Project, draft: Draft, row: LineFormat | None = None,
    wrong: dict[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    return render(request, "settings_line_format.html", {
        "project": project,
        "may_lead": Project.objects.is_led_by(request.user, project),
        "row": row,
        "draft": draft,
        "wrong": wrong or {},
        "preview": preview(draft),
        "fields": field_lines(Side(draft.side)),
    }, status=status)  # fmt: skip


def _list(slug: str) -> str:
    return reverse("line-formats", args=[slug])
