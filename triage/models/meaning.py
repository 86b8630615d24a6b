"""What the evidence means: processes, who served which step, and one verdict per failing test."""

from __future__ import annotations

from django.db import models

from triage import querysets
from triage.models.evidence import Step, Test
from triage.models.run import Part, Run


class Process(models.Model):
    """findings.Process as a row: (host, boot, PID, life span)."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="processes")
    position = models.PositiveIntegerField()  # index in Lineup.processes
    host = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    pid = models.BigIntegerField(null=True, blank=True)
    boot = models.TextField(blank=True)
    trust = models.CharField(max_length=8)
    born_us = models.BigIntegerField(null=True, blank=True)
    died_us = models.BigIntegerField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, blank=True)
    ended_reason = models.TextField(blank=True)
    first_us = models.BigIntegerField(null=True, blank=True)
    last_us = models.BigIntegerField(null=True, blank=True)
    requests = models.PositiveIntegerField(default=0)

    objects = querysets.ProcessQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_process_a_position")]
        ordering = ["position"]


class Served(models.Model):
    """findings.Served as a row: one request on the server side, the run's own or background."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="served")
    process = models.ForeignKey(Process, models.CASCADE, related_name="served")
    position = models.PositiveIntegerField()  # index in Lineup.served
    part = models.ForeignKey(Part, models.CASCADE, related_name="+")
    line = models.BigIntegerField()  # of the entry that tells most
    lines = models.JSONField(default=list)  # [[part position, line], …] of all its entries
    low_us = models.BigIntegerField()  # server time
    high_us = models.BigIntegerField()
    method = models.TextField(null=True, blank=True)
    path = models.TextField(null=True, blank=True)
    status = models.IntegerField(null=True, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    error = models.BooleanField(default=False)

    objects = querysets.ServedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_served_a_position")]
        ordering = ["position"]


class Match(models.Model):
    """A candidate for who served a step; rank 0 is the best."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="matches")
    served = models.ForeignKey(Served, models.CASCADE, related_name="matches")
    rank = models.PositiveSmallIntegerField()
    confidence = models.FloatField()
    basis = models.JSONField(default=list)

    objects = querysets.MatchQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "rank"], name="one_match_a_rank")]
        ordering = ["rank"]


class Verdict(models.Model):
    """findings.Verdict as a row: the one to show."""

    test = models.OneToOneField(Test, models.CASCADE, related_name="verdict")
    run = models.ForeignKey(Run, models.CASCADE, related_name="verdicts")
    kind = models.CharField(max_length=20)
    level = models.CharField(max_length=10)
    confidence = models.FloatField()
    side = models.CharField(max_length=6, null=True, blank=True)
    mechanism = models.CharField(max_length=20, null=True, blank=True)
    summary = models.TextField()
    write = models.JSONField(null=True, blank=True)  # findings.End
    read = models.JSONField(null=True, blank=True)
    evidence = models.JSONField(default=list)  # findings.Evidence
    advice = models.TextField(blank=True)
    confirm = models.TextField(blank=True)
    missing = models.TextField(blank=True)
    own = models.JSONField(null=True, blank=True)  # findings.Verdict that the run alone gave, where history changed it
    weighed_at = models.DateTimeField(null=True, blank=True)  # when other runs were last asked about it
    core_version = models.PositiveIntegerField(default=1)
    decided_at = models.DateTimeField(auto_now_add=True)

    objects = querysets.VerdictQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "kind"])]
