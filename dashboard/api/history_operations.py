"""The operations on failure groups and judgements."""

from __future__ import annotations

from dashboard.api.operation import UNCHANGED, answer, errors, operation, query
from dashboard.api.schema import Schema, ref, text
from dashboard.api.schemas import KIND, LEVEL, SCHEMAS

GROUP_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}


def list_groups() -> Schema:
    return operation(
        "listGroups",
        "List failure groups",
        "Scope: read or triage. The one that happened last first, at most 100 a page; conditions are joined by and.",
        {200: answer("A page.", ref("GroupPage")), **UNCHANGED, **errors(400)},
        parameters=[
            query("kind", "groups with that verdict", KIND),
            query("level", "groups whose verdict is that sure", LEVEL),
            query("status", "open or fixed", SCHEMAS["Group"]["properties"]["status"]),
            query("test", "groups of that test, by its node id", text()),
            query("cursor", "next_cursor of the page before", text()),
        ],
    )


def show_group() -> Schema:
    return operation(
        "readGroup",
        "Read a failure group",
        "Scope: read or triage. With its newest runs, the changes of its verdicts and what people said of them.",
        {200: answer("The group.", ref("Group")), **UNCHANGED, **errors(404)},
    )


def judge() -> Schema:
    return operation(
        "judgeVerdict",
        "Judge a verdict",
        "Scope: triage. Says that a verdict is right, or what it should have been. Judgements are only ever added; the "
        "newest one counts. The same one again changes nothing.",
        {201: answer("It is kept.", ref("Judgement")), **errors(400, 404, 413)},
        requestBody={"required": True, "content": {"application/json": {"schema": ref("NewJudgement")}}},
    )
