"""GitHub's REST API, as far as a comment and a status need it; never beyond the one repository that a rule names."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

from django.conf import settings

from triage.core.notices import pull_request
from triage.core.notices.records import Later, Never, Outcome, Sent, Told
from triage.notices.outgoing import Answer, Refused, Unreachable, ask, pause_of

VERSION = "2022-11-28"
WHOLE_S = 60.0  # for all requests of one message
MESSAGE = 160  # characters of GitHub's own words


class Failed(Exception):
    """A request that did not do what it should; carries how the message's sending ends."""

    def __init__(self, outcome: Later | Never, status: int = 0) -> None:
        super().__init__(outcome.problem)
        self.outcome = outcome
        self.status = status


class Repository:
    """One repository, seen with one token."""

    def __init__(self, name: str, token: str) -> None:
        if not pull_request.REPOSITORY.fullmatch(name) or name.split("/")[1] in (".", ".."):
            raise Failed(Never(problem="The rule names no repository: it has to be owner/name."))
        self.name = name
        self.owner = name.split("/")[0]
        self._token = token
        self._until = time.monotonic() + WHOLE_S

    def get(self, path: str, **query: str | int) -> Any:
        told = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
        return self._call("GET", path + (f"?{told}" if told else "")).json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("POST", path, body).json()

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        return self._call("PATCH", path, body).json()

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        if time.monotonic() > self._until:
            raise Failed(Later(problem="GitHub answered too slowly."))
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": VERSION,
        }
        try:
            answer = ask(
                method, f"{settings.LINEUP_GITHUB_API}/repos/{self.name}{path}", json=body, headers=headers
            )  # fmt: skip
        except Refused as refused:
            raise Failed(Never(problem=f"Not sent. {refused}")) from None
        except Unreachable as how:
            raise Failed(Later(problem=f"GitHub could not be reached: {how}.")) from None
        if 200 <= answer.status < 300:
            return answer
        raise Failed(_failure(answer, self.name), answer.status)


def pull_request_of(repository: Repository, told: Told) -> int | None:
    """The pull request of a run: as the run says, else the open one of its commit, else of its branch."""
    number = pull_request.number(told)
    if number is not None:
        try:
            repository.get(f"/pulls/{number}")  # an issue has numbers too, and comments
        except Failed as failed:
            if failed.status != 404:
                raise
            raise Failed(
                Never(problem=f"The repository has no pull request {number} that the token may see.")
            ) from None
        return number
    commit = pull_request.commit(told)
    if commit:
        try:
            found = _first_open(repository.get(f"/commits/{commit}/pulls"))
        except Failed as failed:
            if failed.status not in (404, 422):  # a commit that was never pushed
                raise
            found = None
        if found is not None:
            return found
    branch = pull_request.branch(told)
    if branch:
        return _first_open(repository.get("/pulls", head=f"{repository.owner}:{branch}", state="open", per_page=1))
    return None


def test(name: str, token: str, *, pushes: bool) -> Outcome:
    """Asks for the repository and says nothing there. `pushes`: without the right to push, nothing ever arrives."""
    try:
        found = Repository(name, token).get("")
    except Failed as failed:
        return failed.outcome
    rights = found.get("permissions") if isinstance(found, dict) else None
    if isinstance(rights, dict) and not rights.get("push"):
        if pushes:
            return Never(problem="The token can read the repository and may not write to it.")
        return Sent(answer="The token reaches the repository and may not push to it: comments may be refused.")
    return Sent(answer="The token reaches the repository. Nothing was written there.")


def _first_open(found: Any) -> int | None:
    numbers = [
        one.get("number") for one in found if isinstance(one, dict) and one.get("state") == "open"
    ] if isinstance(found, list) else []  # fmt: skip
    return next((number for number in numbers if isinstance(number, int)), None)


def _failure(answer: Answer, name: str) -> Later | Never:
    said = _said(answer)
    asked = pause_of(answer)
    match answer.status:
        case 401:
            return Never(problem="GitHub does not take the token: it is wrong, was withdrawn or has run out.")
        case 403 | 429 if asked is not None or answer.status == 429 or "rate limit" in said.lower():
            return Later(
                problem="GitHub asks to wait: too many requests.", after_s=asked if asked is not None else 60.0
            )
        case 403:
            return Never(problem=f"The token may not do this in {name}. GitHub says: {said}")
        case 404:
            return Never(problem=f"GitHub shows this token no {name}, or not what was asked there.")
        case 408 | 425:
            return Later(problem=f"GitHub answered {answer.status}.", after_s=asked)
        case status if status >= 500:
            return Later(problem=f"GitHub answered {status}.", after_s=asked)
        case status if 300 <= status < 400:
            return Never(problem=f"GitHub answered {status}: the repository has moved. Enter its new name.")
    return Never(problem=f"GitHub answered {answer.status}: {said}")


def _said(answer: Answer) -> str:
    told = answer.json()
    message = told.get("message") if isinstance(told, dict) else None
    return str(message)[:MESSAGE] if message else "nothing more"
