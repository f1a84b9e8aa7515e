"""Phones that can check in, private calendars, and what the host writes down about keeping the light on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("server", "0003_locked_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="feed",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("token", models.CharField(max_length=64, unique=True)),
                ("made", models.BigIntegerField()),
            ],
            options={
                "db_table": "feed",
            },
        ),
        migrations.CreateModel(
            name="HostCode",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires", models.BigIntegerField()),
            ],
            options={
                "db_table": "host_code",
            },
        ),
        migrations.CreateModel(
            name="HostNote",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("text", models.CharField(blank=True, max_length=200)),
                ("until", models.DateField(null=True)),
            ],
            options={
                "db_table": "host_note",
            },
        ),
        migrations.CreateModel(
            name="Phone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("credential", models.CharField(max_length=64)),
                ("public_key", models.CharField(max_length=88)),
                ("name", models.CharField(max_length=60)),
                ("made", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="phones",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "phone",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "credential"), name="one_phone_each")
                ],
            },
        ),
    ]
