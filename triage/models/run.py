"""One CI run's evidence and the files it came in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from triage import querysets
from triage.models.project import Project, Token


class Run(models.Model):
    class Status(models.TextChoices):
        QUEUED = "queued"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="runs")
    run_key = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    branch = models.CharField(max_length=300, blank=True)
    commit = models.CharField(max_length=100, blank=True)
    ci_url = models.URLField(max_length=2000, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    client_timezone = models.CharField(max_length=64, blank=True)
    server_timezone = models.CharField(max_length=64, blank=True)
    environment = models.JSONField(default=dict, blank=True)
    experiment = models.CharField(max_length=20, blank=True)  # history.records.ExperimentKind; "" for a normal run
    experiment_note = models.CharField(max_length=300, blank=True)

    received_at = models.DateTimeField()  # first upload
    changed_at = models.DateTimeField()  # newest upload
    received_on = models.DateField()  # UTC day of received_at: the partition its entries live in
    # Who delivered it first: a CI job by its token, or a person who dropped the files. Neither where nobody knows.
    token = models.ForeignKey(Token, models.SET_NULL, null=True, blank=True, related_name="runs", db_index=False)
    dropped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )

    revision = models.PositiveIntegerField(default=1)  # grows with every upload that adds something
    read_revision = models.PositiveIntegerField(default=0)  # the revision whose parts have all been read
    analysed_revision = models.PositiveIntegerField(default=0)  # the revision that the verdicts speak of
    core_version = models.PositiveIntegerField(default=0)

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    error = models.TextField(blank=True)  # a sentence, where status is failed
    stage = models.CharField(max_length=20, blank=True)  # unpacking, parsing, lining up, saving
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)  # tries at the current revision
    touched_at = models.DateTimeField(auto_now_add=True)  # last sign of life of the work on it

    lines_gone_at = models.DateTimeField(null=True, blank=True)  # when retention dropped its entries; verdicts stay
    clocks = models.JSONField(default=list, blank=True)  # findings.Clock, one a host, the busiest first
    remarks = models.JSONField(default=list, blank=True)  # what these logs cannot prove
    gaps = models.JSONField(default=list, blank=True)  # findings.Gap: the same, and what would make them
    tests_total = models.PositiveIntegerField(default=0)
    tests_passed = models.PositiveIntegerField(default=0)
    tests_failed = models.PositiveIntegerField(default=0)
    tests_error = models.PositiveIntegerField(default=0)
    tests_skipped = models.PositiveIntegerField(default=0)

    objects = querysets.RunQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "run_key"], name="one_run_per_key")]
        indexes = [
            models.Index(fields=["project", "-received_at", "-id"]),
            models.Index(fields=["status", "touched_at"]),
            models.Index(fields=["project", "-changed_at"], name="newest_evidence"),
            models.Index(
                fields=["token", "-received_at"], name="runs_of_a_token", condition=models.Q(token__isnull=False)
            ),
            models.Index(
                fields=["project", "dropped_by", "-received_at"],
                name="runs_dropped_by_people",
                condition=models.Q(dropped_by__isnull=False),
            ),
        ]


class Part(models.Model):
    class State(models.TextChoices):
        STORED = "stored"  # durable, not read yet
        READ = "read"
        UNREADABLE = "unreadable"  # `problem` says why
        SPLIT = "split"  # it holds several logs or is an archive: its pieces are parts of their own

    run = models.ForeignKey(Run, models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()  # order of arrival in the run, from 0
    side = models.CharField(max_length=6)  # the slot it was sent in: tests or server
    name = models.CharField(max_length=255)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="pieces")
    piece = models.JSONField(default=dict, blank=True)  # what of the parent it is: ingest's Piece, by its fields
    sha256 = models.CharField(max_length=64)  # of the bytes as uploaded; also names the stored file
    size = models.BigIntegerField()  # bytes as uploaded
    state = models.CharField(max_length=10, choices=State.choices, default=State.STORED)
    format = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)  # why that format
    entries = models.BigIntegerField(default=0)  # lines understood, in the window or not
    kept = models.BigIntegerField(default=0)  # rows written
    skipped_lines = models.BigIntegerField(default=0)
    problem = models.TextField(blank=True)  # a sentence that names what is wrong and what to do
    facts = models.JSONField(default=list, blank=True)  # records.Fact
    redacted = models.JSONField(default=dict, blank=True)  # secrets taken out of what is kept of it: number by kind
    window_low_us = models.BigIntegerField(null=True, blank=True)  # the part's own clock; rows outside were not kept
    window_high_us = models.BigIntegerField(null=True, blank=True)
    reader_version = models.PositiveIntegerField(default=0)  # version of the formats that read it
    read_for = models.CharField(max_length=64, blank=True)  # fingerprint of the tests side that set the window
    attempts = models.PositiveIntegerField(default=0)  # times that reading it began; too many end in giving it up

    objects = querysets.PartQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "side", "name", "sha256"], condition=models.Q(parent=None), name="one_part_each"
            ),
            models.UniqueConstraint(fields=["parent", "name"], name="one_piece_each"),
            models.UniqueConstraint(fields=["run", "position"], name="one_part_a_position"),
        ]
        ordering = ["position"]
