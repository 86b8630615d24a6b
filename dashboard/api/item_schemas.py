"""The documents of what a team does about a failure, as JSON Schema: items and decisions."""

from __future__ import annotations

from dashboard.api.schema import TIME, Schema, array, count, maybe, one_of, record, ref, text
from triage.core.findings import Mechanism, VerdictKind
from triage.models import Decision, Item
from triage.store.items.actors import NAME
from triage.store.items.changing import TEXT
from triage.store.items.deciding import LINK, MOST_PASSES, PASSES
from triage.store.judgements import REASON

DATE = text("", format="date")
STATUS = one_of(Item.Status.values)
_CHANGED = {
    "type": "object",
    "description": "the fields that changed",
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}

ITEM_SCHEMAS: dict[str, Schema] = {
    "Care": record(
        "What a team does about a failure, in brief.",
        id=count(),
        status=STATUS,
        owner=maybe(text("a person's user name, or a team's name")),
        due=maybe(DATE),
        ticket=maybe(text("its address", format="uri")),
        blocker={"type": "boolean"},
    ),
    "Item": record(
        "A failure in a team's care, from its first sight until it stays away. One that comes back is a new item.",
        ("decisions",),
        id=count(),
        url=text("the page for people", format="uri"),
        group=count("id of the failure group"),
        test=text("node id"),
        verdict=ref("Brief") | {"description": "of the group"},
        status=STATUS,
        owner=maybe(text("a person's user name, or a team's name")),
        due=maybe(DATE),
        ticket=maybe(text("its address", format="uri")),
        blocker={"type": "boolean"},
        watch=maybe(
            record(
                "A fix that is watched; experiments do not count.",
                since=TIME,
                wanted=maybe(count("passes after which the item is resolved")),
                passed=count("ordinary runs since then in which the test passed"),
                failed=count("ordinary runs since then in which the test failed"),
            )
        ),
        earlier=maybe(count("id of the item that it came back from")),
        opened_at=TIME,
        closed_at=maybe(TIME | {"description": "while it is resolved"}),
        touched_at=TIME | {"description": "of the newest decision"},
        version=count("grows with every change"),
        decisions=array(ref("Decision"), "the newest 200, newest first; in the document of one item"),
    ),
    "ItemPage": record(
        "A page of items, the last opened first.",
        items=array(ref("Item"), maxItems=100),
        next_cursor=maybe(text("send it as cursor for the next page; null on the last one")),
    ),
    "Decision": record(
        "What was decided about an item. It is never changed; an undo is a decision too.",
        id=count(),
        item=count("id of the item"),
        what=one_of(Decision.What.values),
        who=text("a person's name, a token's, or Lineup"),
        at=TIME,
        text=text("a note, or why"),
        before=_CHANGED,
        after=_CHANGED | {"description": "the fields that changed, and what else belongs to it, such as the run"},
        meeting=maybe(count("id of the meeting that it was taken in")),
        batch=maybe(text("the same for all that were taken at once", format="uuid")),
        undoes=maybe(count("id of the decision that it takes back")),
        undone={"type": "boolean", "description": "whether it was taken back"},
    ),
    "NewDecision": record(
        "What is decided; at least one of the fields. All of it happens, or nothing.",
        (
            *("status", "owner", "due", "ticket", "blocker", "watch", "note", "accepted", "kind", "mechanism"),
            "reason",
        ),
        status=STATUS,
        owner=maybe(text("a member's user name, or a team's name; null or empty: nobody", maxLength=NAME)),
        due=maybe(DATE),
        ticket=maybe(text("http:// or https://; null or empty: none", maxLength=LINK)),
        blocker={"type": "boolean"},
        watch={
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_PASSES,
            "description": f"observe until so many passes; {PASSES} where only the status is given",
        },
        note=maybe(text("plain text; @name mentions a member", maxLength=TEXT)),
        accepted={"type": "boolean", "description": "whether the group's verdict is right"},
        kind=maybe(one_of(VerdictKind, "what it was instead; needed where it is wrong")),
        mechanism=maybe(one_of(Mechanism, "what it was instead")),
        reason=maybe(text("how you know; needed where it is wrong", maxLength=REASON)),
    ),
    "Decided": record(
        "The decisions that were taken; none where all was so already.",
        decisions=array(ref("Decision")),
        item=ref("Item"),
        remarks=array(text(), "what may not be meant, a sentence each: an owner who is no member, whom nobody tells"),
    ),
    "Undone": record("The decisions that take others back.", decisions=array(ref("Decision"))),
}
