"""Number and sign the entries of the audit trail, and seal them one after another."""

import dispatch.domain.ids
import dispatch.models.clock
import dispatch.models.records
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0033_screen_sessions_and_broken_glass'),
    ]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE audit_number", "DROP SEQUENCE audit_number"),
        migrations.CreateModel(
            name='AuditCheck',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('first_seal', models.BigIntegerField()),
                ('last_seal', models.BigIntegerField()),
                ('rows', models.BigIntegerField()),
                ('faults', models.PositiveIntegerField()),
            ],
            options={
                'db_table': 'audit_check',
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('sealed_at', models.DateTimeField()),
                ('rows', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('macs', models.BinaryField()),
                ('previous', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'db_table': 'audit_seal',
            },
        ),
        migrations.CreateModel(
            name='AuditUnsealed',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('since', models.DateTimeField(db_default=dispatch.models.clock.ClockTimestamp())),
            ],
            options={
                'db_table': 'audit_unsealed',
            },
        ),
        migrations.AddField(
            model_name='auditentry',
            name='mac',
            field=models.BinaryField(default=bytes),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='number',
            field=models.BigIntegerField(db_default=dispatch.models.records.NextNumber(), editable=False, unique=True),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='operation',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='shown',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='subject_id',
            field=models.UUIDField(null=True),
        ),
    ]
