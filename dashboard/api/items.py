"""`GET /api/v1/items`, `/items/{id}`, `POST /items/{id}/decisions` and `/decisions/{id}/undo`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from dashboard.api.answers import answer
from dashboard.api.history import BRIEF, care_document, group_url
from dashboard.api.item_operations import STATUSES
from dashboard.api.new_decision import decide, new_decision
from dashboard.api.query import HIGHEST_KEY, cursor_of, key_of, one_of, place_of
from dashboard.strangers import stranger
from triage.access import Scope, authenticate
from triage.api import ApiError, api_view, json_response
from triage.core.document import Document
from triage.core.findings import VerdictKind
from triage.models import Decision, Item
from triage.store.items import Actor, Overtaken, Passes, passes_of, undo

PAGE = 100
DECISIONS = 200  # that the document of one item holds


@api_view(["GET"])
def list_items(request: HttpRequest) -> HttpResponse:
    token = authenticate(request, Scope.READ)
    given = {name: value for name, value in request.GET.items() if value}
    owner, status = given.get("owner", ""), one_of(given, "status", list(STATUSES)) or ""
    if "\0" in owner:
        raise ApiError(400, "bad_parameter", "'owner' holds a NUL character.", "owner")
    rows = Item.objects.of_project(token.project_id).narrowed(
        status="" if status == "open" else status,
        owner=owner,
        kind=one_of(given, "kind", [kind.value for kind in VerdictKind]) or "",
    )
    rows = rows.open() if status == "open" else rows
    found = rows.opened_after(place_of(given.get("cursor"), key_of), PAGE)
    page, passes = found[:PAGE], passes_of(found[:PAGE])
    document = {
        "items": [_item(request, item, passes) for item in page],
        "next_cursor": cursor_of(page[-1].opened_at, str(page[-1].pk)) if len(found) > PAGE else None,
    }
    return answer(request, document)


@api_view(["GET"])
def show_item(request: HttpRequest, pk: int) -> HttpResponse:
    item = _known(authenticate(request, Scope.READ), pk)
    told = [decision_document(each) for each in Decision.objects.of_item(item)[:DECISIONS]]
    return answer(request, _item(request, item, passes_of([item])) | {"decisions": told})


@api_view(["POST"])
def decide_on_item(request: HttpRequest, pk: int) -> HttpResponse:
    token = authenticate(request, Scope.TRIAGE)
    item = _known(token, pk)
    new = new_decision(request)
    made = decide(item, _actor(token), new)
    item = _known(token, pk)
    alone = "owner" in new.given and item.owner_name and item.owner_id is None
    document = {
        "decisions": [decision_document(each) for each in made],
        "item": _item(request, item, passes_of([item])),
        "remarks": [stranger(item.owner_name, item.project_id)] if alone else [],
    }
    return json_response(document, 201 if made else 200)


@api_view(["POST"])
def undo_decision(request: HttpRequest, pk: int) -> HttpResponse:
    token = authenticate(request, Scope.TRIAGE)
    decision = Decision.objects.by_key(token.project_id, pk) if pk <= HIGHEST_KEY else None
    if decision is None:  # also where it is another project's
        raise ApiError(404, "unknown_decision", "This project has no decision of that id.")
    try:
        made = undo(decision, _actor(token))
    except Overtaken as error:
        raise ApiError(409, "overtaken", str(error)) from error
    except ValueError as error:
        raise ApiError(400, "cannot_be_undone", str(error)) from error
    return json_response({"decisions": [decision_document(each) for each in made]})


def decision_document(decision: Decision) -> Document:
    return {
        "id": decision.pk,
        "item": decision.item_id,
        "what": decision.what,
        "who": decision.who,
        "at": decision.at.isoformat(),
        "text": decision.text,
        "before": _named(decision.before),
        "after": _named(decision.after),
        "meeting": decision.meeting_id,
        "batch": str(decision.batch) if decision.batch is not None else None,
        "undoes": decision.undoes_id,
        "undone": getattr(decision, "undone_by", None) is not None,
    }


def _known(token: Any, pk: int) -> Item:
    item: Item | None = Item.objects.by_key(token.project_id, pk) if pk <= HIGHEST_KEY else None
    if item is None:  # also where it is another project's
        raise ApiError(404, "unknown_item", "This project has no item of that id.")
    return item


def _actor(token: Any) -> Actor:
    return Actor(None, f"token {token.name or token.prefix}")


def _item(request: HttpRequest, item: Item, passes: dict[int, Passes]) -> Document:
    group, told = item.group, passes.get(item.pk)
    return care_document(item) | {
        "url": group_url(request, group.pk),
        "group": group.pk,
        "test": group.test,
        "verdict": {name: getattr(group, name) for name in BRIEF},
        "watch": None
        if told is None or item.observing_since is None
        else {"since": item.observing_since.isoformat(), "wanted": item.passes_wanted, **told._asdict()},
        "earlier": item.earlier_id,
        "opened_at": item.opened_at.isoformat(),
        "closed_at": item.closed_at.isoformat() if item.closed_at is not None else None,
        "touched_at": item.touched_at.isoformat(),
        "version": item.version,
    }


def _named(fields: dict[str, Any]) -> Document:
    """An owner is known by name; accounts have no place outside."""
    kept = {name: value for name, value in fields.items() if name != "owner"}
    if "owner_name" in kept:
        kept["owner"] = kept.pop("owner_name") or None
    return kept
