import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0005_parts_in_pieces"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="experiment",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="run",
            name="experiment_note",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="run",
            name="gaps",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="verdict",
            name="own",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="verdict",
            name="weighed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="FailureGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40)),
                ("version", models.PositiveIntegerField()),
                ("test", models.TextField()),
                ("test_key", models.BigIntegerField()),
                ("normal", models.TextField()),
                ("rules", models.JSONField(default=list)),
                ("message", models.TextField(blank=True)),
                (
                    "status",
                    models.CharField(choices=[("open", "Open"), ("fixed", "Fixed")], default="open", max_length=10),
                ),
                ("occurrences", models.PositiveIntegerField(default=0)),
                ("forgotten", models.PositiveIntegerField(default=0)),
                ("first_seen", models.DateTimeField(null=True)),
                ("last_seen", models.DateTimeField(null=True)),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("level", models.CharField(blank=True, max_length=10)),
                ("confidence", models.FloatField(default=0.0)),
                ("side", models.CharField(blank=True, max_length=6, null=True)),
                ("mechanism", models.CharField(blank=True, max_length=20, null=True)),
                ("summary", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("pair_write", models.CharField(blank=True, max_length=300)),
                ("pair_read", models.CharField(blank=True, max_length=300)),
                ("table", models.JSONField(default=dict)),
                ("lives", models.JSONField(default=dict)),
                ("rates", models.JSONField(default=dict)),
                ("conclusions", models.JSONField(default=list)),
                ("weighed_at", models.DateTimeField(null=True)),
                (
                    "newest_run",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="triage.run",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="triage.project",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Judgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("target", models.CharField(max_length=80)),
                ("test", models.TextField()),
                ("who", models.CharField(max_length=150)),
                ("accepted", models.BooleanField()),
                ("kind", models.CharField(max_length=20)),
                ("mechanism", models.CharField(blank=True, max_length=20)),
                ("reason", models.TextField(blank=True)),
                ("verdict", models.JSONField()),
                ("was_kind", models.CharField(max_length=20)),
                ("was_level", models.CharField(max_length=10)),
                ("was_confidence", models.FloatField()),
                ("was_mechanism", models.CharField(blank=True, max_length=20)),
                ("core_version", models.PositiveIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="judgements",
                        to="triage.failuregroup",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="judgements",
                        to="triage.project",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="judgements",
                        to="triage.run",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Occasion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("test_key", models.BigIntegerField()),
                ("test", models.TextField()),
                ("at", models.DateTimeField()),
                ("failed", models.BooleanField()),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("confidence", models.FloatField(default=0.0)),
                ("side", models.CharField(blank=True, max_length=6)),
                ("mechanism", models.CharField(blank=True, max_length=20)),
                ("pair_write", models.CharField(blank=True, max_length=300)),
                ("pair_read", models.CharField(blank=True, max_length=300)),
                ("trace", models.BinaryField(null=True)),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="occasions",
                        to="triage.failuregroup",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="triage.project",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="occasions",
                        to="triage.run",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reanalysis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(null=True)),
                ("most", models.PositiveIntegerField(null=True)),
                ("applies", models.BooleanField()),
                ("core_version", models.PositiveIntegerField()),
                ("cursor_at", models.DateTimeField(null=True)),
                ("cursor_run", models.UUIDField(null=True)),
                ("counts", models.JSONField(default=dict)),
                ("changes", models.JSONField(default=dict)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "project",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="triage.project"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VerdictChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("test", models.TextField()),
                ("test_key", models.BigIntegerField()),
                (
                    "cause",
                    models.CharField(
                        choices=[("history", "History"), ("core", "Core"), ("evidence", "Evidence")], max_length=10
                    ),
                ),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("reason", models.TextField()),
                ("core_version", models.PositiveIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="verdict_changes",
                        to="triage.failuregroup",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="verdict_changes",
                        to="triage.run",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AddIndex(
            model_name="failuregroup",
            index=models.Index(fields=["project", "test_key"], name="groups_of_a_test"),
        ),
        migrations.AddIndex(
            model_name="failuregroup",
            index=models.Index(fields=["project", "-last_seen", "-id"], name="groups_by_last_seen"),
        ),
        migrations.AddConstraint(
            model_name="failuregroup",
            constraint=models.UniqueConstraint(fields=("project", "key"), name="one_group_a_failure"),
        ),
        migrations.AddIndex(
            model_name="judgement",
            index=models.Index(fields=["project", "target", "-id"], name="newest_judgement"),
        ),
        migrations.AddIndex(
            model_name="occasion",
            index=models.Index(fields=["project", "test_key", "-at"], name="occasions_of_a_test"),
        ),
        migrations.AddIndex(
            model_name="occasion",
            index=models.Index(
                condition=models.Q(("group__isnull", False)), fields=["group", "-at"], name="occasions_of_a_group"
            ),
        ),
        migrations.AddConstraint(
            model_name="occasion",
            constraint=models.UniqueConstraint(fields=("run", "test_key"), name="one_occasion_a_run"),
        ),
        migrations.AddIndex(
            model_name="verdictchange",
            index=models.Index(fields=["run", "test_key", "id"], name="changes_of_a_verdict"),
        ),
    ]
