"""How often Lineup was right, as its people say."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.pages.accuracy import accuracy_page
from triage.people import for_people, project_or_404


@require_safe
@for_people
def accuracy(request: HttpRequest, slug: str) -> HttpResponse:
    project = project_or_404(request, slug)
    return render(request, "accuracy.html", {"page": accuracy_page(project, timezone.now()), "project": project})
