"""What a search asks of failures beside words, as conditions: the same readings as the list of failures has."""

from __future__ import annotations

from typing import Any

from triage.querysets.item_pages import WAITING

# The newest item of a group: the one that did not come back as another.
_CURRENT = """ AND {no}EXISTS (
    SELECT 1 FROM triage_item i WHERE i.group_id = g.id{condition}
        AND NOT EXISTS (SELECT 1 FROM triage_item l WHERE l.earlier_id = i.id)
)"""
_OPEN = """ AND (
    EXISTS (SELECT 1 FROM triage_item i WHERE i.group_id = g.id AND i.closed_at IS NULL)
    OR NOT EXISTS (SELECT 1 FROM triage_item i WHERE i.group_id = g.id)
)"""
_OF_STATE = {
    "came_back": " AND i.status = 'new' AND i.earlier_id IS NOT NULL",
    "waiting": " AND i.status = ANY(%(waiting)s)",
}
_NAMED = """ AND (i.owner_name ILIKE %(owner)s OR i.owner_id IN (
    SELECT u.id FROM auth_user u WHERE lower(u.username) = lower(%(username)s)
))"""


def of_care(*, test: str, verdict: str, owner: str, state: str, user: Any) -> tuple[str, dict[str, Any]]:
    """(conditions on a group `g`, what they are given). `owner`: a name or part of it, "me" for `user`, or "nobody"."""
    given: dict[str, Any] = {}
    told = ""
    if test:
        given["test"], told = f"%{escaped(test)}%", told + " AND g.test ILIKE %(test)s"
    if verdict:
        given["verdict"], told = verdict, told + " AND g.kind = %(verdict)s"
    if state:
        given |= {"state": state, "waiting": list(WAITING)}
        condition = _OF_STATE.get(state, " AND i.status = %(state)s")
        told += _OPEN if state == "open" else _CURRENT.format(no="", condition=condition)
    if owner == "nobody":
        told += _CURRENT.format(no="NOT ", condition=" AND (i.owner_id IS NOT NULL OR i.owner_name > '')")
    elif owner == "me":
        given["user"], told = user.pk, told + _CURRENT.format(no="", condition=" AND i.owner_id = %(user)s")
    elif owner:
        given |= {"owner": f"%{escaped(owner)}%", "username": owner}
        told += _CURRENT.format(no="", condition=_NAMED)
    return told, given


def escaped(text: str) -> str:
    """Text that stands for itself in a LIKE pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
