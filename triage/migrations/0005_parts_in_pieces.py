import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0004_line_formats_and_redaction_patterns"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="part",
            name="one_part_each",
        ),
        migrations.AddField(
            model_name="part",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pieces",
                to="triage.part",
            ),
        ),
        migrations.AddField(
            model_name="part",
            name="piece",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="part",
            name="redacted",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name="part",
            name="state",
            field=models.CharField(
                choices=[("stored", "Stored"), ("read", "Read"), ("unreadable", "Unreadable"), ("split", "Split")],
                default="stored",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent", None)), fields=("run", "side", "name", "sha256"), name="one_part_each"
            ),
        ),
        migrations.AddConstraint(
            model_name="part",
            constraint=models.UniqueConstraint(fields=("parent", "name"), name="one_piece_each"),
        ),
    ]
