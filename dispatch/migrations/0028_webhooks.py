import dispatch.domain.ids
import dispatch.models.encrypted
import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0027_one_message_a_rule'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('type', models.CharField(max_length=64)),
                ('data', models.JSONField()),
                ('occurred_at', models.DateTimeField()),
                ('state', models.CharField(default='due', max_length=8)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('tried_at', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('fault', models.CharField(blank=True, default='', max_length=64)),
                ('sent_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'webhook_delivery',
            },
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('url', dispatch.models.encrypted.EncryptedText()),
                ('secret', dispatch.models.encrypted.EncryptedText()),
                ('old_secret', dispatch.models.encrypted.EncryptedText(blank=True, default='')),
                ('old_secret_until', models.DateTimeField(null=True)),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), blank=True, default=list, size=None)),
                ('made_at', models.DateTimeField()),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disabled_because', models.CharField(blank=True, default='', max_length=16)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(null=True)),
                ('rests_until', models.DateTimeField(null=True)),
                ('lease_token', models.UUIDField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'webhook_endpoint',
            },
        ),
        migrations.RemoveConstraint(
            model_name='task',
            name='task_kind_known',
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['red_flag', 'review_screening', 'agree_medication', 'visit_suspended', 'record_response', 'confirm_order', 'confirm_order_as_nurse', 'series_not_replanned', 'series_paused', 'adverse_event', 'record_contradicts', 'custody_open', 'arrange_follow_up', 'room_missing', 'companion_unconfirmed', 'visit_on_hold', 'message_undelivered', 'read_reply', 'webhook_off'])), name='task_kind_known'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='event',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='dispatch.outboxevent'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='market',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market'),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='made_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='webhookendpoint',
            name='market',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market'),
        ),
        migrations.AddField(
            model_name='webhookdelivery',
            name='endpoint',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='dispatch.webhookendpoint'),
        ),
        migrations.AddIndex(
            model_name='webhookendpoint',
            index=models.Index(condition=models.Q(('disabled_at__isnull', True)), fields=['market'], name='webhook_listening'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_at__isnull', True), ('disabled_because', '')), models.Q(('disabled_at__isnull', False), ('disabled_because__in', ['asked', 'gone', 'failing'])), _connector='OR'), name='webhook_off_says_why'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['endpoint', 'occurred_at', 'id'], name='webhook_to_send'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['due', 'sent', 'dead'])), name='webhook_state_known'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('endpoint', 'event'), name='one_delivery_an_event'),
        ),
    ]
