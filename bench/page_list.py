"""The pages that are measured: each by name, with an address in the large data set."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import NoReverseMatch, reverse

from triage.models import FailureGroup, Item, Meeting, Project, Run, Verdict

OVERVIEW = (
    "", "branch=main", "branch=feature/basket-17", "status=failing", "status=passing", "verdict=split_state",
    "verdict=server_error&branch=main", "since=2026-09-01&until=2026-09-20", "days=90",
)  # fmt: skip
GROUPS = (
    "", "order=frequent", "order=oldest", "status=new", "status=resolved", "status=all", "owner=me", "owner=nobody",
    "kind=split_state", "level=likely", "q=items", "q=nothing-like-it", "overdue=yes", "status=all&order=frequent",
    "status=came_back", "status=waiting",
)  # fmt: skip
SEARCHES = (
    "b4711", "/api/items", "404 items", "status:500", "pid:1002", "zzzz", "deploy slice 17", "level:error",
    "host:web2 path:/api/items 404", "car count", "since:7d figo", "in:lines rendered", "in:failures proxy",
    "run:4711 items", "ITEMS orders", "Traceb*",
)  # fmt: skip
ANSWERS = {
    "runs": ("", "branch=main", "status=ready", "verdict=split_state", "since=2026-09-01T00:00:00Z"),
    "groups": ("", "kind=split_state", "level=likely", "status=open"),
    "items": ("", "status=new", "status=resolved", "kind=split_state"),
}
OF_A_PROJECT = (
    "accuracy", "meetings", "sources", "members", "notifications", "tokens", "line-formats", "redaction",
    "project-settings", "retention", "fresh", "fresh-sources",
)  # fmt: skip


def pages() -> Iterator[tuple[str, str]]:
    project = Project.objects.order_by("pk")[0]
    base = reverse("overview", args=[project.slug])
    for query in OVERVIEW:
        yield f"overview {query}".strip(), f"{base}?{query}"
    yield from _later(project, base)
    for query in GROUPS:
        yield f"groups {query}".strip(), f"{reverse('groups', args=[project.slug])}?{query}"
    yield from _groups(project)
    yield from _runs(project)
    for text in SEARCHES:
        yield f"search {text}", f"{reverse('search', args=[project.slug])}?{urlencode({'q': text})}"
    for name in OF_A_PROJECT:
        try:
            yield name, reverse(name, args=[project.slug])
        except NoReverseMatch:
            continue
    yield from _meetings(project)
    yield from _answers(project)
    for name in ("home", "formats", "api", "account", "drop"):
        try:
            yield name, reverse(name)
        except NoReverseMatch:
            continue


def _later(project: Project, base: str) -> Iterator[tuple[str, str]]:
    far = Run.objects.of_project(project.pk).order_by("-received_at")[3_000:3_001].first()
    if far is not None:
        yield "overview, 3,000 runs back", f"{base}?cursor={far.received_at:%Y%m%dT%H%M%S.%f}_{far.pk.hex}"


def _groups(project: Project) -> Iterator[tuple[str, str]]:
    rows = FailureGroup.objects.of_project(project)
    counted = rows.annotate(n=Count("occasions")).order_by("-n")
    yield "group, the most frequent", reverse("group", args=[counted[0].pk])
    yield "group, the newest", reverse("group", args=[rows[0].pk])
    yield "group, the rarest", reverse("group", args=[counted.order_by("n")[0].pk])


def _runs(project: Project) -> Iterator[tuple[str, str]]:
    one = Run.objects.get(run_key="the/one")
    page = reverse("run", args=[one.pk])
    passed = one.tests.filter(outcome="passed")[0]
    yield "run of 5,000 requests", page
    yield "run of 5,000 requests, span=run", f"{page}?span=run"
    yield "run of 5,000 requests, view=table", f"{page}?view=table"
    yield "run of 5,000 requests, times=raw", f"{page}?times=raw"
    yield "run of 5,000 requests, a passed test", f"{page}?{urlencode({'test': passed.nodeid})}"
    yield "lines around a step", f"{reverse('lines', args=[one.pk])}?step=2000"
    yield "lines around a request", f"{reverse('lines', args=[one.pk])}?served=2000"
    yield "a line", reverse("line", args=[one.pk, 1, 2_000])
    failing = Verdict.objects.filter(run__project=project).exclude(run=one).order_by("-pk")[0]
    yield "run that failed", reverse("run", args=[failing.run_id])
    quiet = Run.objects.of_project(project.pk).filter(tests_failed=0).order_by("-received_at")[0]
    yield "run that passed", reverse("run", args=[quiet.pk])


def _answers(project: Project) -> Iterator[tuple[str, str]]:
    """What programs ask the API for."""
    for name, queries in ANSWERS.items():
        for query in queries:
            yield f"API: {name} {query}".strip(), f"{reverse(f'api-{name}')}?{query}"
    run = Verdict.objects.filter(run__project=project).order_by("-pk")[0].run_id
    yield "API: one run", reverse("api-run", args=[run])
    yield "API: one group", reverse("api-group", args=[FailureGroup.objects.of_project(project)[0].pk])
    yield "API: one item", reverse("api-item", args=[Item.objects.of_project(project).order_by("-pk")[0].pk])


def _meetings(project: Project) -> Iterator[tuple[str, str]]:
    for name, row in (
        ("running", Meeting.objects.filter(project=project, ended_at=None).order_by("-pk").first()),
        ("ended", Meeting.objects.filter(project=project).exclude(ended_at=None).order_by("-pk").first()),
    ):
        if row is None:
            continue
        yield f"meeting, {name}", reverse("meeting", args=[row.pk])
        yield f"minutes, {name}", reverse("minutes", args=[row.pk])
        yield f"minutes as Markdown, {name}", reverse("minutes-markdown", args=[row.pk])
        yield f"meeting's news, {name}", reverse("meeting-now", args=[row.pk])
