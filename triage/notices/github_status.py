"""A commit status: the one line that stands among the checks of a pull request.

A check run would say more, but GitHub takes check runs from GitHub Apps only; a status does with a fine-grained token.
"""

from __future__ import annotations

from triage.core.notices import github as words
from triage.core.notices import pull_request
from triage.core.notices.records import Message, Outcome, Sent, Told
from triage.notices.github import Failed, Repository
from triage.notices.github_comment import SKIPPED_ELSEWHERE

WHOLE = 40  # digits of a commit's name
SKIPPED_NONE = "Nothing to say: the run names no commit."


def send(repository_name: str, token: str, told: Told, message: Message) -> Outcome:
    if not pull_request.belongs(told, repository_name):
        return Sent(answer=SKIPPED_ELSEWHERE)
    commit = pull_request.commit(told)
    if not commit:
        return Sent(answer=SKIPPED_NONE)
    try:
        repository = Repository(repository_name, token)
        if len(commit) < WHOLE:
            found = repository.get(f"/commits/{commit}")
            commit = str(found.get("sha", commit)) if isinstance(found, dict) else commit
            if not pull_request.commit(Told(event=told.event, commit=commit)):
                return Sent(answer=SKIPPED_NONE)
        repository.post(f"/statuses/{commit}", words.status(told, message.url))
    except Failed as failed:
        return failed.outcome
    return Sent(answer=f"status of {commit[:9]}")
