"""Failures that were known before items were: what was seen lately is new to the team, what is fixed is resolved."""

from datetime import timedelta

from django.db import migrations, transaction
from django.db.models import Q
from django.utils import timezone

LATELY = timedelta(days=90)
BATCH = 1_000  # groups in one transaction


def open_items(apps, schema_editor):
    """Groups that have an item already are left alone, so it may be stopped and begun again."""
    groups = apps.get_model("triage", "FailureGroup").objects.using(schema_editor.connection.alias)
    now = timezone.now()
    waiting = groups.filter(Q(status="fixed") | Q(last_seen__gte=now - LATELY), occurrences__gt=0, items=None)
    last = 0
    while True:
        batch = list(waiting.filter(pk__gt=last).order_by("pk")[:BATCH])
        if not batch:
            return
        with transaction.atomic(using=schema_editor.connection.alias):
            open_batch(apps, schema_editor.connection.alias, batch, now)
        last = batch[-1].pk


def open_batch(apps, alias, groups, now):
    items = apps.get_model("triage", "Item").objects.using(alias)
    decisions = apps.get_model("triage", "Decision").objects.using(alias)
    made = items.bulk_create(item_of(items.model, group, now) for group in groups)
    decisions.bulk_create(
        decisions.model(
            project_id=item.project_id, item=item, who="Lineup", what="opened", at=now,
            text=f"Known already; last seen on {group.last_seen:%-d %B %Y}." if group.last_seen else "Known already.",
        )
        for item, group in zip(made, groups, strict=True)
    )  # fmt: skip


def item_of(model, group, now):
    fixed = group.status == "fixed"
    return model(
        project_id=group.project_id,
        group=group,
        status="resolved" if fixed else "new",
        closed_at=(group.weighed_at or now) if fixed else None,
        opened_at=group.first_seen or now,
        opened_by_id=group.newest_run_id,
        touched_at=now,
    )


class Migration(migrations.Migration):
    atomic = False  # a batch is a transaction

    dependencies = [("triage", "0007_items_and_meetings")]

    operations = [migrations.RunPython(open_items, migrations.RunPython.noop)]
