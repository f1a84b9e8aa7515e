"""Which of several hosts on one database keeps time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("server", "0002_notes_and_leaving_channels")]

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=32, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=64)),
                ("until", models.BigIntegerField()),
            ],
            options={"db_table": "lease"},
        ),
    ]
