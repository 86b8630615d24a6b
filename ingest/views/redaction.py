"""What a project has redacted: everyone in it sees that, its admins change it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ingest.pages.redaction import Draft, draft_from, redacted, rules, services, wrong_with
from triage.models import Part, Project, RedactionPattern
from triage.people import for_people, led_project, project_or_404
from triage.store import settings as store

HIGHEST_KEY = 2**63 - 1


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def redaction(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    if request.method != "POST":
        return _page(request, project, Draft())
    draft = draft_from(request.POST)
    if request.POST.get("act") != "save":
        return _page(request, project, draft)
    led_project(request, slug)
    wrong = wrong_with(draft)
    if not wrong:
        try:
            store.add_redaction_pattern(project, request.user, timezone.now(), name=draft.name, pattern=draft.pattern)
            messages.info(request, f"“{draft.name}” is redacted from now on; what was read before stays as it is.")
            return redirect("redaction", slug=slug)
        except store.Refused as refused:
            wrong = str(refused)
    return _page(request, project, draft, wrong, status=422)


@require_POST
@for_people
def try_redaction(request: HttpRequest, slug: str) -> HttpResponse:
    """The try-out alone, while somebody writes; nothing is kept."""
    project = project_or_404(request, slug)
    draft = draft_from(request.POST)
    if not request.headers.get("HX-Request"):
        return _page(request, project, draft)
    return render(request, "_redacted.html", {"tried": redacted(draft, RedactionPattern.objects.in_use(project))})


@require_POST
@for_people
def delete_redaction(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    row = store.delete_redaction_pattern(project, key, timezone.now()) if key <= HIGHEST_KEY else None
    return redirect(reverse("redaction", args=[slug]) + (f"?deleted={row.pk}" if row else ""))


@require_POST
@for_people
def restore_redaction(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    try:
        if key <= HIGHEST_KEY:
            store.restore_redaction_pattern(project, key)
    except store.Refused as refused:
        messages.warning(request, str(refused))
    return redirect("redaction", slug=slug)


def _page(request: HttpRequest, project: Project, draft: Draft, wrong: str = "", status: int = 200) -> HttpResponse:
    rows = list(RedactionPattern.objects.in_use(project))
    return render(request, "settings_redaction.html", {
        "project": project,
        "may_lead": Project.objects.is_led_by(request.user, project),
        "rules": rules(),
        "services": services(),
        "rows": rows,
        "full": len(rows) >= store.REDACTION_PATTERNS,
        "limit": store.REDACTION_PATTERNS,
        "counts": Part.objects.redacted_in(project),
        "deleted": RedactionPattern.objects.just_deleted(project, request.GET.get("deleted", "")),
        "draft": draft,
        "wrong": wrong,
        "tried": redacted(draft, rows),
    }, status=status)  # fmt: skip
