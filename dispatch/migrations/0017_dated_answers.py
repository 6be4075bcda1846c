"""Keep every answer with its date, and what was agreed about medication; screenings are dated."""

import json

import dispatch.domain.ids
import dispatch.models.encrypted
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def date_answers(apps, schema_editor):
    """The answers of every screening so far were given when it was taken."""
    answer = apps.get_model("dispatch", "Answer")
    for one in apps.get_model("dispatch", "Screening").objects.order_by("taken_at", "id"):
        answer.objects.bulk_create(
            answer(
                market_id=one.market_id,
                patient_id=one.patient_id,
                question=question,
                value=json.dumps(value),
                answered_at=one.taken_at,
                answered_by_id=one.taken_by_id,
            )
            for question, value in json.loads(one.answers).items()
        )


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', "0016_course"),
    ]

    operations = [
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('question', models.CharField(max_length=64)),
                ('value', dispatch.models.encrypted.EncryptedText()),
                ('answered_at', models.DateTimeField()),
                ('answered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('market', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='dispatch.patient')),
            ],
            options={
                'db_table': 'answer',
                'indexes': [models.Index(fields=['patient', 'question', '-answered_at'], name='answer_newest')],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('question', dispatch.models.encrypted.EncryptedText()),
                ('last_dose_on', dispatch.models.encrypted.EncryptedText()),
                ('agreed_with', dispatch.models.encrypted.EncryptedText()),
                ('agreed_at', models.DateTimeField()),
                ('agreed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('market', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='dispatch.patient')),
                ('screening', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='dispatch.screening')),
            ],
            options={
                'db_table': 'medication_agreement',
            },
        ),
        migrations.RunPython(date_answers, migrations.RunPython.noop),
    ]
