"""Every format that Lineup reads, and a place to try one's own lines."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from ingest.formats.line_format import preferred
from ingest.pages.catalogue import QUERY_LIMIT, grouped, own_cards
from ingest.pages.line_formats import described
from ingest.pages.tried import Tried, tried
from triage.models import LineFormat, Project
from triage.people import for_people, project_or_404
from triage.store.text import clean

TEXT_LIMIT = 400_000  # characters of a form's field that are carried at all


@require_safe
@for_people
def formats(request: HttpRequest) -> HttpResponse:
    return _shown(request, _project(request, request.GET.get("project", "")), "formats.html", "_formats.html")


@require_POST
@for_people
def try_lines(request: HttpRequest) -> HttpResponse:
    """Nothing of what is pasted is kept."""
    project = _project(request, request.POST.get("project", ""))
    text = request.POST.get("lines", "")[:TEXT_LIMIT]
    own = [described(row) for row in LineFormat.objects.in_use(project)] if project else []
    result = tried(text, preferred(own, None)) if text.strip() else None
    return _shown(request, project, "formats.html", "_tried.html", text, result)


def _project(request: HttpRequest, slug: str) -> Project | None:
    return project_or_404(request, clean(slug, 80)) if slug else None


def _shown(
    request: HttpRequest, project: Project | None, page: str, fragment: str, text: str = "", result: Tried | None = None
) -> HttpResponse:
    wanted = clean(request.GET.get("q", ""), QUERY_LIMIT)
    context = {"project": project, "q": wanted, "text": text, "tried": result, "asked": request.method == "POST",
               "may_lead": project is not None and Project.objects.is_led_by(request.user, project)}  # fmt: skip
    if request.headers.get("HX-Request") and fragment == "_tried.html":
        return render(request, fragment, context)
    rows = LineFormat.objects.in_use(project) if project else ()
    own = own_cards((described(row), reverse("line-format", args=[project.slug, row.pk])) for row in rows)  # type: ignore[union-attr]
    context["groups"] = grouped(wanted, own)
    return render(request, fragment if request.headers.get("HX-Request") else page, context)
