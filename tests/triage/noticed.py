"""Rules, runs and things to tell, as the tests of notifications begin with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from triage.models import Delivery, Notice, NoticeRule, Project
from triage.notices import sending
from triage.store import deliveries, notice_rules
from triage.store.notices import tell

TEST = "tests/test_api_example.py::test_api_example"
SUMMARY = "POST /cars/add was served by gunicorn[51463], GET /cars by gunicorn[51465], which never saw it."
ALL = ["opened", "came_back", "failed_again", "run", "minutes"]


def a_rule(project: Project, channel: str = "slack", **told: Any) -> NoticeRule:
    fields = {
        "name": "the channel", "channel": channel, "target": "", "events": ALL, "kinds": [], "level": "",
        "branches": "", "batch_minutes": 0,
    } | told  # fmt: skip
    rule = notice_rules.add(project, None, datetime.now(UTC), **fields)
    NoticeRule.objects.filter(pk=rule.pk).update(created_at=datetime.now(UTC) - timedelta(days=1))
    rule.refresh_from_db()
    return rule


def a_failure(**more: Any) -> dict[str, Any]:
    """As the store of items tells it."""
    return {
        "item": 12, "group": 7, "test": TEST, "kind": "split_state", "level": "likely", "confidence": 0.93,
        "summary": SUMMARY, "run": "7b6d3a52-6f6e-4a55-9d3b-0c7b3e1d0001", "run_name": "nightly #4001",
        "branch": "main",
    } | more  # fmt: skip


def told(project: Project, key: str = "item:12:opened", event: str = "opened", **more: Any) -> None:
    data = a_failure(**more)
    tell(project.pk, event, key, data, kind=data["kind"], level=data["level"], branch=data["branch"])


def sent(*, after: timedelta = timedelta()) -> int:
    """Lets time pass for everything that waits, and sends what is due."""
    Notice.objects.filter(delivery=None).update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    if after:
        for row in Delivery.objects.filter(sent_at=None, given_up_at=None):
            Delivery.objects.filter(pk=row.pk).update(due_at=row.due_at - after)
    return sending.send_due(10.0)


__all__ = ["ALL", "SUMMARY", "TEST", "a_failure", "a_rule", "deliveries", "sent", "told"]
