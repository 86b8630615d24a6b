"""`GET /api/v1/groups`, `/groups/{id}`, and `POST /runs/{id}/judgements`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard.api.answers import answer
from dashboard.api.body import json_object, text_in
from dashboard.api.history import change_document, group_document, group_url, judgement_document, occurrence_document
from dashboard.api.query import HIGHEST_KEY, cursor_of, key_of, one_of, place_of
from triage.access import Scope, authenticate
from triage.api import ApiError, api_view, json_response, run_url
from triage.core.findings import Level, Mechanism, VerdictKind
from triage.models import FailureGroup, Item, Judgement, Occasion, Run, VerdictChange
from triage.store.judgements import REASON, NoVerdict, SaysTheSame, judge

PAGE = 100
BODY = 64 * 1024  # bytes of a judgement


@api_view(["GET"])
def list_groups(request: HttpRequest) -> HttpResponse:
    token = authenticate(request, Scope.READ)
    given = {name: value for name, value in request.GET.items() if value}
    test = given.get("test", "")
    if "\0" in test:
        raise ApiError(400, "bad_parameter", "'test' holds a NUL character.", "test")
    groups = FailureGroup.objects.of_project(token.project_id).asked(
        kind=one_of(given, "kind", [kind.value for kind in VerdictKind]) or "",
        level=one_of(given, "level", [level.value for level in Level]) or "",
        status=one_of(given, "status", [status.value for status in FailureGroup.Status]) or "",
        test=test,
    )
    found = groups.page_after(place_of(given.get("cursor"), key_of), PAGE)
    page = found[:PAGE]
    items = Item.objects.current_of(page)
    document = {
        "groups": [group_document(group, group_url(request, group.pk), items.get(group.pk)) for group in page],
        "next_cursor": _cursor_of(page[-1]) if len(found) > PAGE else None,
    }
    return answer(request, document)


@api_view(["GET"])
def show_group(request: HttpRequest, pk: int) -> HttpResponse:
    token = authenticate(request, Scope.READ)
    group = FailureGroup.objects.by_key(token.project_id, pk) if pk <= HIGHEST_KEY else None
    if group is None:  # also where it is another project's
        raise ApiError(404, "unknown_group", "This project has no failure group of that id.")
    item = Item.objects.current_of([group]).get(group.pk)
    document = group_document(group, group_url(request, group.pk), item) | {
        "runs": [occurrence_document(row, run_url(request, row.run_id)) for row in Occasion.objects.of_group(group)],
        "changes": [
            change_document(change) | {"run": str(change.run_id)} for change in VerdictChange.objects.of_group(group)
        ],
        "judgements": [judgement_document(one) for one in Judgement.objects.of_group(group)[:PAGE]],
    }
    return answer(request, document)


@api_view(["POST"])
def judge_verdict(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    token = authenticate(request, Scope.TRIAGE)
    run = Run.objects.of_project(token.project_id).by_id(run_id).first()
    if run is None:
        raise ApiError(404, "unknown_run", "This project has no run of that id.")
    said = _said(request)
    try:
        judgement = judge(None, run, who=f"token {token.name or token.prefix}", **said)
    except NoVerdict:
        message = "This run has no failing test of that name with a verdict."
        raise ApiError(404, "unknown_test", message, "test") from None
    except SaysTheSame:
        message = "That is what the verdict says already: accept it, or say what it is instead."
        raise ApiError(400, "bad_field", message, "kind") from None
    return json_response(judgement_document(judgement), 201)


def _said(request: HttpRequest) -> dict[str, Any]:
    """The body's fields, checked. Raises ApiError 400 or 413."""
    sent = json_object(request, BODY, "A judgement", '{"test": "…", "accepted": true}')
    texts = {name: text_in(sent, name) for name in ("test", "kind", "mechanism")}
    texts["reason"] = text_in(sent, "reason", REASON)
    if not texts["test"]:
        raise ApiError(400, "missing_field", "Name the test whose verdict it is about.", "test")
    if not isinstance(sent.get("accepted"), bool):
        message = "Say true where the verdict is right, false where it is wrong."
        raise ApiError(400, "missing_field", message, "accepted")
    one_of(texts, "mechanism", [each.value for each in Mechanism])
    kind = one_of(texts, "kind", [each.value for each in VerdictKind])
    if not sent["accepted"] and kind is None:
        raise ApiError(400, "missing_field", "Say which kind it was instead.", "kind")
    if not sent["accepted"] and not (texts["reason"] or "").strip():
        raise ApiError(400, "missing_field", "Overruling a verdict needs a reason: how do you know?", "reason")
    if sent["accepted"] and (other := next((name for name in ("kind", "mechanism") if texts[name]), None)):
        message = f"An accepted verdict stays as it is: leave '{other}' out, or overrule it with accepted false."
        raise ApiError(400, "bad_field", message, other)
    return {**{name: text or "" for name, text in texts.items()}, "accepted": sent["accepted"]}


def _cursor_of(group: FailureGroup) -> str:
    assert group.last_seen is not None, "only groups that have happened are listed"  # noqa: S101
    return cursor_of(group.last_seen, str(group.pk))
