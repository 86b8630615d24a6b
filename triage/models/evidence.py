"""What the logs said, as rows. Times are microseconds as in `triage.core.records.Stamp`: raw, never corrected."""

from __future__ import annotations

from django.db import models

from triage import querysets
from triage.models.run import Part, Run


class Reading(models.Model):
    """What a tests part said: its records.PartRecords as zstd-compressed msgpack, so that deciding needs no parser."""

    part = models.OneToOneField(Part, models.CASCADE, related_name="reading", primary_key=True)
    blob = models.BinaryField()
    steps = models.PositiveIntegerField(default=0)
    results = models.PositiveIntegerField(default=0)

    objects = querysets.ReadingQuerySet.as_manager()


class Test(models.Model):
    """One test of a run, all reports on it merged."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="tests")
    position = models.PositiveIntegerField()
    nodeid = models.TextField()
    outcome = models.CharField(max_length=10)
    message = models.TextField(blank=True)
    detail = models.TextField(blank=True)
    phase = models.CharField(max_length=10, blank=True)
    started_us = models.BigIntegerField(null=True, blank=True)
    stopped_us = models.BigIntegerField(null=True, blank=True)
    worker = models.CharField(max_length=20, blank=True)
    attempts = models.PositiveIntegerField(default=1)

    objects = querysets.TestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_test_a_position")]
        ordering = ["position"]


class Step(models.Model):
    """A step in its place: findings.PlacedStep as a row."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    test = models.ForeignKey(Test, models.CASCADE, related_name="steps", null=True, blank=True)
    position = models.PositiveIntegerField()  # index in Lineup.steps
    n = models.PositiveIntegerField()  # number in the test, from 1
    part = models.ForeignKey(Part, models.CASCADE, related_name="+")
    line = models.PositiveBigIntegerField()
    text = models.TextField()
    at_us = models.BigIntegerField(null=True, blank=True)  # client time
    until_us = models.BigIntegerField(null=True, blank=True)
    method = models.CharField(max_length=20, null=True, blank=True)
    path = models.TextField(null=True, blank=True)
    status = models.IntegerField(null=True, blank=True)
    mark = models.CharField(max_length=4, blank=True)
    phase = models.CharField(max_length=10, blank=True)
    worker = models.CharField(max_length=20, blank=True)

    objects = querysets.StepQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_step_a_position")]
        ordering = ["position"]


class Entry(models.Model):
    """One server log line in or near the run's window.

    The table is partitioned by `received_on` and made by a migration's SQL; its primary key is
    (received_on, part, line), which is what makes a repeated load harmless.
    """

    pk = models.CompositePrimaryKey("received_on", "part_id", "line")
    received_on = models.DateField()
    part = models.ForeignKey(Part, models.DO_NOTHING, related_name="entry_rows", db_constraint=False)
    line = models.BigIntegerField()
    stamp_us = models.BigIntegerField(null=True)
    zoned = models.BooleanField(default=True)
    tick_us = models.IntegerField(default=1)
    dated = models.BooleanField(default=True)
    inner_us = models.BigIntegerField(null=True)
    inner_zoned = models.BooleanField(null=True)
    inner_tick_us = models.IntegerField(null=True)
    host = models.TextField(default="")
    unit = models.TextField(default="")
    boot = models.TextField(default="")
    pid = models.BigIntegerField(null=True)
    pid_trust = models.CharField(max_length=8, default="unknown")
    level = models.CharField(max_length=10, default="")
    message = models.TextField(default="")
    raw = models.TextField(default="")
    method = models.TextField(null=True)
    path = models.TextField(null=True)
    status = models.IntegerField(null=True)
    request = models.JSONField(null=True)  # records.Request, whole
    life = models.JSONField(null=True)  # records.LifeEvent
    keys = models.JSONField(null=True)  # list of [name, value]

    objects = querysets.EntryQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "triage_entry"
