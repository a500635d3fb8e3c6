"""Work is counted by kind and state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["state", "kind", "finished_at"], name="job_kind"),
        ),
    ]
