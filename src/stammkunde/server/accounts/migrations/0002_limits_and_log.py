"""What logins are counted in, and an encoder for days and amounts in the log."""

import django.core.serializers.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.CharField(max_length=250, primary_key=True, serialize=False)),
                ("value", models.JSONField(null=True)),
                ("until", models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.AlterField(
            model_name="entry",
            name="change",
            field=models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
        ),
    ]
