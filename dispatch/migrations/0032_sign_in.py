"""Codes are accepted once, counts have a place, and who changes is signed out everywhere."""

import dispatch.domain.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Upper

UNLOGGED = "ALTER TABLE limit_count SET UNLOGGED"

END_SIGN_INS = """
CREATE FUNCTION end_sign_ins() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.sign_in SET ended_at = clock_timestamp(), ended_because = 'user_changed'
    WHERE user_id = NEW.id AND ended_at IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER user_changed AFTER UPDATE OF password, role, is_active, market_id ON user_account
    FOR EACH ROW WHEN (
        (OLD.password, OLD.role, OLD.is_active, OLD.market_id)
        IS DISTINCT FROM (NEW.password, NEW.role, NEW.is_active, NEW.market_id)
    )
    EXECUTE FUNCTION end_sign_ins();
"""

KEEP_SIGN_INS = """
DROP TRIGGER user_changed ON user_account;
DROP FUNCTION end_sign_ins();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0031_service_accounts'),
    ]

    operations = [
        migrations.CreateModel(
            name='LimitCount',
            fields=[
                ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('times', models.PositiveIntegerField()),
                ('until', models.DateTimeField(db_index=True)),
            ],
            options={
                'db_table': 'limit_count',
            },
        ),
        migrations.CreateModel(
            name='SpentCode',
            fields=[
                ('id', models.UUIDField(default=dispatch.domain.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('authenticator', models.BigIntegerField()),
                ('step', models.BigIntegerField()),
                ('spent_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'spent_code',
                'constraints': [models.UniqueConstraint(fields=('user', 'authenticator', 'step'), name='code_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(Upper('username'), name='user_name_in_any_case'),
        ),
        migrations.RunSQL(UNLOGGED, migrations.RunSQL.noop),
        migrations.RunSQL(END_SIGN_INS, KEEP_SIGN_INS),
    ]
