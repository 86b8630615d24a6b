"""A project's notifications: rules, a test of each, and the log. Its admins only, because messages leave the house."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.pages.notice_forms import (
    CHANNEL_OPTIONS,
    CHANNELS,
    Draft,
    FormView,
    draft_from,
    draft_of,
    form_view,
    hint_of,
    wrong_with,
)
from dashboard.pages.notices import NoticesPage, log_line, log_lines, rule_lines
from dashboard.pages.words import age
from dashboard.sent import HIGHEST_KEY
from triage.models import Delivery, NoticeRule, Project, Run
from triage.notices import sending
from triage.people import for_people, led_project
from triage.querysets.notices import RULES
from triage.store import deliveries
from triage.store import notice_rules as store
from triage.store.refused import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def notifications(request: HttpRequest, slug: str) -> HttpResponse:
    project = led_project(request, slug)
    channel = (request.POST if request.method == "POST" else request.GET).get("channel", "slack")
    channel = channel if channel in CHANNELS else "slack"
    if request.method != "POST":
        return _page(request, project, form_view(Draft(channel=channel)))
    draft = draft_from(request.POST, channel)
    wrong = wrong_with(draft, has_secret=False)
    if not wrong:
        try:
            rule = store.add(
                project, request.user, timezone.now(), secret=draft.secret, hint=hint_of(draft), **draft.fields
            )
            messages.info(request, f"“{rule.name}” is there. Send a test to see that it arrives.")
            return redirect("notifications", slug=slug)
        except Refused as refused:
            wrong = str(refused)
    return _page(request, project, form_view(draft, wrong=wrong), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def notice_rule(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    rule = _rule_or_404(project, key)
    if request.method != "POST":
        return _page(request, project, form_view(draft_of(rule), key=key, hint=rule.hint))
    draft = draft_from(request.POST, rule.channel)
    wrong = wrong_with(draft, has_secret=rule.secret is not None)
    if not wrong:
        try:
            store.change(project, key, secret=draft.secret, hint=hint_of(draft), **draft.fields)
            messages.info(request, f"“{draft.name}” is changed.")
            return redirect("notifications", slug=slug)
        except Refused as refused:
            wrong = str(refused)
    return _page(request, project, form_view(draft, key=key, hint=rule.hint, wrong=wrong), status=422)


@require_POST
@for_people
def change_notice_rule(request: HttpRequest, slug: str, key: int, act: str) -> HttpResponse:
    """Pauses, resumes, deletes or restores a rule, or sends a test through it."""
    project = led_project(request, slug)
    if key > HIGHEST_KEY or act not in ("pause", "resume", "delete", "restore", "test"):
        raise Http404
    query = ""
    try:
        if act == "test":
            query = f"?tried={_test(_rule_or_404(project, key))}#tried"
        elif act == "delete":
            query = f"?deleted={key}" if store.delete(project, key, timezone.now()) else ""
        elif act == "restore":
            store.restore(project, key)
        else:
            store.set_active(project, key, act == "resume", timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(reverse("notifications", args=[slug]) + query)


@require_POST
@for_people
def send_again(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    project = led_project(request, slug)
    if key <= HIGHEST_KEY and deliveries.send_again(project, key, timezone.now()):
        messages.info(request, "It is tried again within seconds.")
    return redirect(reverse("notifications", args=[slug]) + "#log")


def _test(rule: NoticeRule) -> int:
    """Sends a test now, while its person waits, and returns the message's key."""
    key = store.try_out(rule, uuid4().hex, timezone.now())
    taken = deliveries.take_this(key, timezone.now())
    if taken is not None:
        sending.send(taken)
    return key


def _rule_or_404(project: Project, key: int) -> NoticeRule:
    rule = NoticeRule.objects.in_use_by_key(project, key) if key <= HIGHEST_KEY else None
    if rule is None:
        raise Http404
    return rule


def _page(request: HttpRequest, project: Project, form: FormView, status: int = 200) -> HttpResponse:
    now = timezone.now()
    rules = list(NoticeRule.objects.in_use(project))
    rows = Delivery.objects.newest_of(project)
    tried = request.GET.get("tried", "")
    found = next((row for row in rows if str(row.pk) == tried), None)
    newest = Run.objects.newest_evidence(project)
    page = NoticesPage(
        rules=rule_lines(rules, rows, now),
        log=log_lines(rows, now),
        form=form,
        channels=CHANNEL_OPTIONS,
        mail=settings.MAIL,
        site="" if settings.BASE_URL else sending.site(),
        full=len(rules) >= RULES,
        limit=RULES,
        deleted=NoticeRule.objects.just_deleted(project, request.GET.get("deleted", "")),
        tried=log_line(found, now) if found is not None else None,
        evidence_age=age(newest, now) if newest else "",
    )
    return render(request, "notifications.html", {"page": page, "project": project, "may_lead": True}, status=status)
