"""The operations on items and decisions, and their examples."""

from __future__ import annotations

from dashboard.api.operation import UNCHANGED, answer, errors, operation, query
from dashboard.api.schema import Schema, one_of, ref, text
from dashboard.api.schemas import KIND
from triage.models import Item

ITEM_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
STATUSES = ("open", *Item.Status.values)


def list_items() -> Schema:
    return operation(
        "listItems",
        "List items",
        "Scope: read or triage. What the team has in its care, the last opened first, at most 100 a page; conditions "
        "are joined by and.",
        {200: answer("A page.", ref("ItemPage")), **UNCHANGED, **errors(400)},
        parameters=[
            query("status", "items of that status, or all that are open", one_of(STATUSES)),
            query("owner", "items of that person or team; - for those of nobody", text()),
            query("kind", "items whose failure has that verdict", KIND),
            query("cursor", "next_cursor of the page before", text()),
        ],
    )


def show_item() -> Schema:
    return operation(
        "readItem",
        "Read an item",
        "Scope: read or triage. With every decision on it, the newest first.",
        {200: answer("The item.", ref("Item")), **UNCHANGED, **errors(404)},
    )


def decide() -> Schema:
    return operation(
        "decide",
        "Decide on an item",
        "Scope: triage. Changes its status, owner, due date, ticket or blocker mark, has a fix watched, adds a note, "
        "accepts or overrules the verdict of its group. All fields of one request happen together or not at all; what "
        "is so already changes nothing. A resolved item that came back cannot be opened again.",
        {
            200: answer("All of that was so already.", ref("Decided")),
            201: answer("It is decided.", ref("Decided")),
            **errors(400, 404, 413),
        },
        requestBody={"required": True, "content": {"application/json": {"schema": ref("NewDecision")}}},
    )


def undo() -> Schema:
    return operation(
        "undoDecision",
        "Undo a decision",
        "Scope: triage. Takes a decision back, with all that were taken at once with it. Undoing twice is undoing "
        "once; undoing an undo decides again. Where somebody changed the same since, nothing happens.",
        {200: answer("It is undone.", ref("Undone")), **errors(400, 404, 409)},
    )


ITEM_EXAMPLES = {
    "listItems": """\
curl "SERVER/api/v1/items?status=open&owner=-" \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "readItem": """\
curl SERVER/api/v1/items/$ITEM_ID \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
    "decide": """\
curl --fail-with-body SERVER/api/v1/items/$ITEM_ID/decisions \\
  -H "Authorization: Bearer $LINEUP_TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{"status": "fix_claimed", "owner": "API team", "due": "2027-01-15",
       "ticket": "https://tickets.example/71", "note": "one SECRET_KEY for all workers"}'""",
    "undoDecision": """\
curl --fail-with-body -X POST SERVER/api/v1/decisions/$DECISION_ID/undo \\
  -H "Authorization: Bearer $LINEUP_TOKEN\"""",
}
