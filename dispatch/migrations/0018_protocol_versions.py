"""Let the versions of protocols stay as they were written, and markets sign them off."""

import dispatch.domain.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a version that was written stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'version_stays';
END
$$;
CREATE TRIGGER questionnaire_stays BEFORE UPDATE ON questionnaire
    FOR EACH ROW WHEN ((OLD.code, OLD.version, OLD.data)
        IS DISTINCT FROM (NEW.code, NEW.version, NEW.data))
    EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER protocol_stays BEFORE UPDATE ON protocol
    FOR EACH ROW WHEN (
        (OLD.code, OLD.version, OLD.name, OLD.data, OLD.questionnaire_id, OLD.market_id)
        IS DISTINCT FROM
        (NEW.code, NEW.version, NEW.name, NEW.data, NEW.questionnaire_id, NEW.market_id)
    )
    EXECUTE FUNCTION refuse_rewriting();
"""

DROP_GUARD = """
DROP TRIGGER protocol_stays ON protocol;
DROP TRIGGER questionnaire_stays ON questionnaire;
DROP FUNCTION refuse_rewriting();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', "0017_dated_answers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='protocol',
            name='one_protocol_version',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='approved_at',
        ),
        migrations.RemoveField(
            model_name='protocol',
            name='approved_by',
        ),
        migrations.AddField(
            model_name='protocol',
            name='drafted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='protocol',
            name='market',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market'),
        ),
        migrations.AddConstraint(
            model_name='protocol',
            constraint=models.UniqueConstraint(condition=models.Q(('market__isnull', True)), fields=('code', 'version'), name='one_protocol_version'),
        ),
        migrations.AddConstraint(
            model_name='protocol',
            constraint=models.UniqueConstraint(condition=models.Q(('market__isnull', False)), fields=('market', 'code', 'version'), name='one_drafted_version'),
        ),
        migrations.AddConstraint(
            model_name='protocol',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('drafted_by__isnull', True), ('market__isnull', True)), models.Q(('drafted_by__isnull', False), ('is_current', False), ('market__isnull', False)), _connector='OR'), name='draft_is_not_everywhere'),
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('rules', models.JSONField()),
                ('signed_at', models.DateTimeField()),
                ('market', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dispatch.market')),
                ('protocol', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='dispatch.protocol')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'sign_off',
                'indexes': [models.Index(fields=['market', 'protocol'], name='sign_off_of_market')],
            },
        ),
        migrations.RunSQL(GUARD, DROP_GUARD),
    ]
