"""What many runs say together: failures that come back, occasions of tests, changes of verdicts, judgements."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from triage import querysets
from triage.models.project import Project
from triage.models.run import Run


class FailureGroup(models.Model):
    """The same test failing in the same way, run after run."""

    class Status(models.TextChoices):
        OPEN = "open"
        FIXED = "fixed"  # enough runs with the fix passed that chance is excluded

    project = models.ForeignKey(Project, models.CASCADE, related_name="groups", db_index=False)
    key = models.CharField(max_length=40)  # Fingerprint.key
    version = models.PositiveIntegerField()  # of the fingerprint
    test = models.TextField()  # node id
    test_key = models.BigIntegerField()  # as in Occasion
    normal = models.TextField()  # the failure as compared
    rules = models.JSONField(default=list)  # names of the normalisations that changed something
    message = models.TextField(blank=True)  # of the newest occurrence, one line
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)

    occurrences = models.PositiveIntegerField(default=0)  # runs in which it happened, forgotten ones too
    forgotten = models.PositiveIntegerField(default=0)  # of them, those whose occasions are no longer kept
    first_seen = models.DateTimeField(null=True)
    last_seen = models.DateTimeField(null=True)
    newest_run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+", db_index=False)

    kind = models.CharField(max_length=20, blank=True)  # the verdict of the newest occurrence, in the light of all runs
    level = models.CharField(max_length=10, blank=True)
    confidence = models.FloatField(default=0.0)
    side = models.CharField(max_length=6, null=True, blank=True)
    mechanism = models.CharField(max_length=20, null=True, blank=True)
    summary = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why history says otherwise than the run alone; "" where it does not
    pair_write = models.CharField(max_length=300, blank=True)  # history.records.Pair
    pair_read = models.CharField(max_length=300, blank=True)
    table = models.JSONField(default=dict)  # history.records.Table: write and read on different processes
    lives = models.JSONField(default=dict)  # the same: the holder of the state was replaced in between
    rates = models.JSONField(default=dict)  # history.records.Rates
    conclusions = models.JSONField(default=list)  # history.experiments.Conclusion, one for each kind of experiment
    weighed_at = models.DateTimeField(null=True)

    objects = querysets.FailureGroupQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="one_group_a_failure")]
        indexes = [
            models.Index(fields=["project", "test_key"], name="groups_of_a_test"),
            models.Index(fields=["project", "-last_seen", "-id"], name="groups_by_last_seen"),
            models.Index(fields=["project", "-occurrences", "-id"], name="groups_by_frequency"),
        ]

    def __str__(self) -> str:
        return f"{self.test}: {self.normal[:80]}"


class Occasion(models.Model):
    """One test in one run, passed or failed. It holds no line of any log, so it outlives the lines."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(Run, models.CASCADE, related_name="occasions", db_index=False)
    test_key = models.BigIntegerField()  # 63 bits of the node id's SHA-256
    test = models.TextField()  # node id
    at = models.DateTimeField()  # when the run ran: as declared, else when it was received
    failed = models.BooleanField()
    group = models.ForeignKey(FailureGroup, models.SET_NULL, null=True, related_name="occasions", db_index=False)
    kind = models.CharField(max_length=20, blank=True)  # of the verdict that this run alone gave, as all that follow
    confidence = models.FloatField(default=0.0)
    side = models.CharField(max_length=6, blank=True)
    mechanism = models.CharField(max_length=20, blank=True)
    pair_write = models.CharField(max_length=300, blank=True)
    pair_read = models.CharField(max_length=300, blank=True)
    trace = models.BinaryField(null=True)  # findings.Trace as store.traces packs it

    objects = querysets.OccasionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "test_key"], name="one_occasion_a_run")]
        indexes = [
            models.Index(fields=["project", "test_key", "-at"], name="occasions_of_a_test"),
            models.Index(fields=["group", "-at"], name="occasions_of_a_group", condition=models.Q(group__isnull=False)),
        ]


class VerdictChange(models.Model):
    """A verdict that became another one. Never changed, so that every verdict that was ever shown can be read."""

    class Cause(models.TextChoices):
        HISTORY = "history"  # other runs decided it
        CORE = "core"  # the same evidence, another version of the analysis
        EVIDENCE = "evidence"  # the same version, more or other evidence

    run = models.ForeignKey(Run, models.CASCADE, related_name="verdict_changes", db_index=False)
    test = models.TextField()  # node id: the row of the test is replaced by each analysis
    test_key = models.BigIntegerField()
    group = models.ForeignKey(FailureGroup, models.SET_NULL, null=True, related_name="verdict_changes")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    before = models.JSONField()  # findings.Verdict, whole
    after = models.JSONField()
    reason = models.TextField()  # a sentence
    core_version = models.PositiveIntegerField()  # that gave `after`
    at = models.DateTimeField(auto_now_add=True)

    objects = querysets.VerdictChangeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["run", "test_key", "id"], name="changes_of_a_verdict")]
        ordering = ["pk"]


class Judgement(models.Model):
    """What a person said of a verdict: right, or what it should have been. Only ever added; the newest one counts.

    What was taken back, and the row that takes it back, count no more: the one before them does.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="judgements", db_index=False)
    target = models.CharField(max_length=80)  # what it is about: a test of a run, or a group as a whole
    group = models.ForeignKey(FailureGroup, models.SET_NULL, null=True, related_name="judgements")
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="judgements")
    test = models.TextField()  # node id
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=150)  # the person's or the token's name: it outlives the account
    accepted = models.BooleanField()
    kind = models.CharField(max_length=20)  # what it is, as the person says
    mechanism = models.CharField(max_length=20, blank=True)
    reason = models.TextField(blank=True)
    verdict = models.JSONField()  # findings.Verdict as it was shown
    was_kind = models.CharField(max_length=20)  # of that verdict, so that counting needs no look inside
    was_level = models.CharField(max_length=10)
    was_confidence = models.FloatField()
    was_mechanism = models.CharField(max_length=20, blank=True)
    core_version = models.PositiveIntegerField()  # that gave the verdict
    withdraws = models.OneToOneField(
        "self", models.CASCADE, null=True, related_name="withdrawn_by"
    )  # the judgement that somebody took back with this one; neither counts
    at = models.DateTimeField(auto_now_add=True)

    objects = querysets.JudgementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "target", "-id"], name="newest_judgement")]
        ordering = ["-pk"]


class Reanalysis(models.Model):
    """How far a bulk re-analysis is, so that one that was killed goes on where it was."""

    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")  # None: all
    since = models.DateField(null=True)
    most = models.PositiveIntegerField(null=True)  # runs at most
    applies = models.BooleanField()  # False: it only shows
    core_version = models.PositiveIntegerField()
    cursor_at = models.DateTimeField(null=True)  # received_at and id of the last run that is done
    cursor_run = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)  # runs by how they ended: looked_at, gone, busy, reread, failed
    changes = models.JSONField(default=dict)  # "old kind -> new kind": number of verdicts
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = querysets.ReanalysisQuerySet.as_manager()
