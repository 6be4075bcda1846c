"""A seal says with which key it was signed; those that are there, with the first."""

from django.db import migrations, models

from dispatch.domain.trail import FIRST_KEY


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0007_office")]
    operations = [
        migrations.AddField(
            "auditseal",
            "key",
            models.PositiveSmallIntegerField(db_default=FIRST_KEY, default=FIRST_KEY),
        )
    ]
