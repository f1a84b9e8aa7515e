"""Copies of a person's secret key that only the person can open, for signing in by browser."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("server", "0002_notes_and_leaving_channels")]

    operations = [
        migrations.CreateModel(
            name="LockedKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("credential", models.CharField(blank=True, max_length=1400)),
                ("sealed", models.BinaryField()),
                ("made", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="locked_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "locked_key"},
        ),
        migrations.AddConstraint(
            model_name="lockedkey",
            constraint=models.UniqueConstraint(
                fields=("person", "kind", "credential"), name="one_locked_key_each"
            ),
        ),
    ]
