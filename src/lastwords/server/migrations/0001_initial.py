"""The tables as they began."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("window", models.BigIntegerField()),
                ("count", models.IntegerField(default=0)),
            ],
            options={
                "db_table": "attempts",
            },
        ),
        migrations.CreateModel(
            name="DemoClock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wall", models.BigIntegerField(default=0)),
                ("boot_time", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "demo_clock",
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("at", models.BigIntegerField()),
            ],
            options={
                "db_table": "heartbeat",
            },
        ),
        migrations.CreateModel(
            name="HostRow",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("body", models.BinaryField(null=True)),
                ("salt", models.BinaryField(max_length=16, null=True)),
                ("commitment", models.BinaryField(max_length=32)),
                ("link", models.BinaryField(max_length=32)),
            ],
            options={
                "db_table": "host_row",
            },
        ),
        migrations.CreateModel(
            name="JoinCode",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("made", models.BigIntegerField()),
                ("expires", models.BigIntegerField()),
                ("used", models.BigIntegerField(null=True)),
                ("used_by", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "db_table": "join_code",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("handle", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("zone", models.CharField(default="UTC", max_length=64)),
                ("public_key", models.TextField(blank=True)),
                ("signing_key", models.TextField(blank=True)),
                ("sign_in_key", models.TextField(blank=True)),
                ("is_host", models.BooleanField(default=False)),
                ("joined", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "person",
            },
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wall", models.BigIntegerField()),
                ("boot_time", models.BigIntegerField()),
                ("boot_id", models.CharField(max_length=64)),
                ("credit", models.BigIntegerField(default=0)),
                ("stalled", models.BigIntegerField(default=0)),
                ("stall_told", models.BooleanField(default=False)),
                ("why", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "db_table": "pulse",
            },
        ),
        migrations.CreateModel(
            name="SealedFile",
            fields=[
                ("hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("uploader", models.CharField(db_index=True, max_length=64)),
                ("complete", models.BooleanField(default=False)),
                ("made", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "sealed_file",
            },
        ),
        migrations.CreateModel(
            name="UsedChallenge",
            fields=[
                ("challenge", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("expires", models.BigIntegerField(db_index=True)),
            ],
            options={
                "db_table": "used_challenge",
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("author", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("state", models.TextField()),
                ("revision", models.BigIntegerField(default=1)),
                ("look_at", models.BigIntegerField(db_index=True, null=True)),
                ("set_aside", models.TextField(blank=True)),
                ("set_aside_at", models.BigIntegerField(null=True)),
                ("head_number", models.BigIntegerField(default=0)),
                ("head_link", models.BinaryField(max_length=32)),
                ("checkpoint", models.BigIntegerField(default=0)),
                ("begun", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "watch",
            },
        ),
        migrations.CreateModel(
            name="PaperCode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sheet", models.CharField(max_length=128)),
                ("salt", models.BinaryField(max_length=16)),
                ("hash", models.BinaryField(max_length=64)),
                ("used", models.BigIntegerField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paper_codes",
                        to="server.person",
                    ),
                ),
            ],
            options={
                "db_table": "paper_code",
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("token", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("begun", models.BigIntegerField()),
                ("expires", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="server.person",
                    ),
                ),
            ],
            options={
                "db_table": "session",
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("ident", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("row", models.BigIntegerField(default=0)),
                ("kind", models.CharField(max_length=40)),
                ("to", models.CharField(db_index=True, max_length=64)),
                ("round", models.IntegerField(default=0)),
                ("case", models.IntegerField(default=0)),
                ("facts", models.TextField(default="{}")),
                ("stage", models.CharField(default="written", max_length=16)),
                ("attempts", models.IntegerField(default=0)),
                ("next_try", models.BigIntegerField(db_index=True, null=True)),
                ("lease", models.BigIntegerField(default=0)),
                ("written", models.BigIntegerField()),
                ("written_credit", models.BigIntegerField()),
                ("taken", models.IntegerField(default=0)),
                ("reported", models.CharField(blank=True, max_length=24)),
                (
                    "watch",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="server.watch",
                    ),
                ),
            ],
            options={
                "db_table": "letter",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("ident", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("role", models.CharField(max_length=16)),
                ("order", models.IntegerField(default=0)),
                ("name", models.CharField(max_length=200)),
                ("stage", models.CharField(default="offered", max_length=16)),
                ("answer", models.BinaryField(null=True)),
                ("made", models.BigIntegerField()),
                ("expires", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="server.person",
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="server.watch",
                    ),
                ),
            ],
            options={
                "db_table": "invitation",
            },
        ),
        migrations.CreateModel(
            name="Inbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(max_length=64)),
                ("silent", models.BooleanField()),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="inbox", to="server.watch"
                    ),
                ),
            ],
            options={
                "db_table": "inbox",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=340)),
                ("state", models.CharField(max_length=16)),
                ("reply", models.TextField(blank=True)),
                ("at", models.BigIntegerField()),
                (
                    "letter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="server.letter",
                    ),
                ),
            ],
            options={
                "db_table": "delivery",
                "constraints": [
                    models.UniqueConstraint(fields=("letter", "channel"), name="one_delivery_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("credential", models.CharField(max_length=128)),
                ("last", models.BigIntegerField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counters",
                        to="server.person",
                    ),
                ),
            ],
            options={
                "db_table": "counter",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "credential"), name="one_counter_each")
                ],
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(default="mail", max_length=16)),
                ("address", models.CharField(max_length=320)),
                ("proven_at", models.BigIntegerField(null=True)),
                ("proof", models.CharField(blank=True, max_length=64)),
                ("failing_since", models.BigIntegerField(null=True)),
                ("added", models.BigIntegerField(default=0)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="channels",
                        to="server.person",
                    ),
                ),
            ],
            options={
                "db_table": "channel",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "kind", "address"), name="one_channel_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("person", models.CharField(db_index=True, max_length=64)),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="server.watch"
                    ),
                ),
            ],
            options={
                "db_table": "part",
                "constraints": [models.UniqueConstraint(fields=("watch", "person"), name="one_part_each")],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=64)),
                ("body", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("row", models.BigIntegerField()),
                ("made", models.BigIntegerField()),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="server.watch"
                    ),
                ),
            ],
            options={
                "db_table": "paper",
                "indexes": [models.Index(fields=["watch", "kind", "name"], name="paper_by_name")],
            },
        ),
        migrations.CreateModel(
            name="LogRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.BigIntegerField()),
                ("body", models.BinaryField(null=True)),
                ("salt", models.BinaryField(max_length=16, null=True)),
                ("commitment", models.BinaryField(max_length=32)),
                ("link", models.BinaryField(max_length=32)),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="log", to="server.watch"
                    ),
                ),
            ],
            options={
                "db_table": "log_row",
                "constraints": [
                    models.UniqueConstraint(fields=("watch", "number"), name="one_row_per_number")
                ],
            },
        ),
        migrations.CreateModel(
            name="FileUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=200)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="server.sealedfile",
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="server.watch"
                    ),
                ),
            ],
            options={
                "db_table": "file_use",
                "constraints": [
                    models.UniqueConstraint(fields=("watch", "kind", "name", "file"), name="one_use_each")
                ],
            },
        ),
    ]
