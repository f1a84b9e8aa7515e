"""Emergency notes under their cover, and channels that are taken out after a cool-off."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("server", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="channel",
            name="leaves",
            field=models.BigIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="Notes",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.CharField(max_length=64)),
                ("number", models.BigIntegerField()),
                ("document", models.TextField()),
                ("covered", models.BinaryField()),
                ("cover", models.CharField(max_length=128)),
                ("made", models.BigIntegerField()),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="server.watch",
                    ),
                ),
            ],
            options={"db_table": "notes"},
        ),
    ]
