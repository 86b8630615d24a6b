"""What was last said in a pull request through a rule."""

from __future__ import annotations

from triage.models import Delivery, Notice, NoticeRule


def known_in(rule: NoticeRule, thread: str) -> tuple[str, str]:
    """The id of the comment that stands there, and when the run came in that it speaks of; "" for what is not known."""
    last: Delivery | None = Delivery.objects.last_in(rule, thread)
    if last is None:
        return "", ""
    comment = last.answer.removeprefix("comment ")
    told = Notice.objects.in_delivery(last, 1)
    received = str(told[0].data.get("received_at", "")) if told else ""
    return (comment if comment.isdigit() else ""), received
