"""One comment on a pull request, kept up to date: edited for as long as it stands, never repeated."""

from __future__ import annotations

from typing import Any

from triage.core.notices import github as words
from triage.core.notices import pull_request
from triage.core.notices.records import Message, Outcome, Sent, Told
from triage.notices.github import Failed, Repository, pull_request_of

EACH, PAGES = 100, 30  # comments that are searched for Lineup's own
SKIPPED_ELSEWHERE = "Nothing to say: the run belongs to another repository."
SKIPPED_NONE = "Nothing to say: no pull request of this run was found."
SKIPPED_FINE = "Nothing to say: no test failed, and no comment stands."
SKIPPED_OLD = "Nothing to say: the comment speaks of a newer run already."


class Known:
    """What Lineup itself remembers of a pull request: where its comment is, and of which run it speaks."""

    def __init__(self, comment: str = "", received_at: str = "") -> None:
        self.comment = comment  # its id, or ""
        self.received_at = received_at  # of the run, RFC 3339 in UTC


def send(repository_name: str, token: str, told: Told, message: Message, marker_of: Any, known_of: Any) -> Outcome:
    """`marker_of` names the comment of a thread, `known_of` says what is known of it: both from the thread's name."""
    if not pull_request.belongs(told, repository_name):
        return Sent(answer=SKIPPED_ELSEWHERE)
    try:
        repository = Repository(repository_name, token)
        number = pull_request_of(repository, told)
        if number is None:
            return Sent(answer=SKIPPED_NONE)
        thread = f"{repository_name.lower()}#{number}"
        known = known_of(thread)
        if known.received_at and told.received_at and known.received_at > told.received_at:
            return Sent(answer=SKIPPED_OLD)
        return _keep(repository, number, thread, marker_of(thread), known, told, message)
    except Failed as failed:
        return failed.outcome


def _keep(
    repository: Repository, number: int, thread: str, marker: str, known: Known, told: Told, message: Message
) -> Outcome:
    body = {"body": words.comment(marker, told, message)}
    if known.comment:
        try:
            repository.patch(f"/issues/comments/{known.comment}", body)
            return Sent(answer=f"comment {known.comment}", thread=thread)
        except Failed as failed:
            if failed.status != 404:  # somebody has deleted it
                raise
    standing = _standing(repository, number, marker)
    if standing is not None:
        repository.patch(f"/issues/comments/{standing}", body)
        return Sent(answer=f"comment {standing}", thread=thread)
    if not told.counts.broken:
        return Sent(answer=SKIPPED_FINE)
    made = repository.post(f"/issues/{number}/comments", body)
    return Sent(answer=f"comment {made.get('id', '')}" if isinstance(made, dict) else "", thread=thread)


def _standing(repository: Repository, number: int, marker: str) -> int | None:
    """The first comment that begins with the marker: nobody can write one before Lineup has."""
    for page in range(1, PAGES + 1):
        found = repository.get(f"/issues/{number}/comments", per_page=EACH, page=page)
        if not isinstance(found, list):
            return None
        for one in found:
            text = one.get("body") if isinstance(one, dict) else None
            if isinstance(text, str) and text.startswith(f"<!-- {marker} -->") and isinstance(one.get("id"), int):
                return int(one["id"])
        if len(found) < EACH:
            return None
    return None
