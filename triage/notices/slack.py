"""An incoming webhook of Slack or of a chat that speaks like it."""

from __future__ import annotations

from typing import Any

from triage.core.notices import slack
from triage.core.notices.records import Later, Message, Never, Outcome, Sent
from triage.notices.outgoing import Answer, Refused, Unreachable, ask, pause_of

SAID = 40  # characters of an answer that are repeated: enough for a code, too few to read a foreign page by
# What Slack answers, and what it means.
_MEANS = {
    "no_service": "the webhook is switched off or was deleted",
    "no_service_id": "the address lacks a part",
    "no_team": "the workspace is unknown",
    "invalid_token": "the address is wrong or was withdrawn",
    "channel_not_found": "the channel is gone",
    "channel_is_archived": "the channel is archived",
    "action_prohibited": "an admin of the workspace forbids it",
    "posting_to_general_channel_denied": "nobody may post into that channel",
    "user_not_found": "its owner is gone",
}


def send(webhook: str, message: Message) -> Outcome:
    return post(webhook, slack.payload(message))


def post(url: str, payload: dict[str, Any]) -> Outcome:
    try:
        answer = ask("POST", url, json=payload)
    except Refused as refused:
        return Never(problem=f"Not sent. {refused}")
    except Unreachable as how:
        return Later(problem=f"The webhook could not be reached: {how}.")
    return _outcome(answer)


def _outcome(answer: Answer) -> Outcome:
    said = answer.said(SAID)
    if 200 <= answer.status < 300:
        return Sent(answer=f"{answer.status} {said}".strip())
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Later(problem=f"The webhook answered {_status(answer)}.", after_s=pause_of(answer))
    if 300 <= answer.status < 400:
        return Never(problem=f"The webhook answered {answer.status}, a redirect, and none is followed.")
    means = _MEANS.get(said)
    return Never(problem=f"The webhook answered {_status(answer)}" + (f": {means}." if means else "."))


def _status(answer: Answer) -> str:
    said = answer.said(SAID)
    words = said if said.isprintable() and not said.startswith("<") else ""
    return f"{answer.status}" + (f" “{words}”" if words else "")
