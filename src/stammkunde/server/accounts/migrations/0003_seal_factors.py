"""Second factors that stand open in the database are sealed; those that are sealed already stay as they are."""

from typing import Any

from django.db import migrations

from stammkunde.server.lib.seal import seal, unseal


def sealed(text: str) -> str:
    """The text, sealed where it is not."""
    try:
        return text if "secret" in unseal(text) else seal({"secret": text})
    except ValueError:  # sealed texts have a form of their own, which nothing else has; with a lost key they stay
        return text if text.startswith("gAAAA") else seal({"secret": text})


def seal_all(apps: Any, _: Any) -> None:
    """Secrets of the codes on the phone, seeds of the codes for a lost phone."""
    for each in apps.get_model("mfa", "Authenticator").objects.all():
        for name in ("secret", "seed"):
            if each.data.get(name):
                each.data[name] = sealed(each.data[name])
        if each.data.get("migrated_codes"):
            each.data["migrated_codes"] = [sealed(code) for code in each.data["migrated_codes"]]
        each.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_limits_and_log"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(seal_all, migrations.RunPython.noop)]
