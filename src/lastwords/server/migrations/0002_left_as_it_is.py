import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("server", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LeftAsItIs",
            fields=[
                (
                    "manifest",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="left",
                        serialize=False,
                        to="server.paper",
                    ),
                ),
                ("at", models.BigIntegerField()),
            ],
            options={"db_table": "left_as_it_is"},
        ),
    ]
