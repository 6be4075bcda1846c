"""Let a changed account end its sign-ins, and the audit trail only grow.

A trigger puts down that an entry waits for its seal, in the transaction that writes the entry, by
whatever way it is written.
"""

from django.db import migrations

SIGN_INS = """
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

DROP_SIGN_INS = """
DROP TRIGGER user_changed ON user_account;
DROP FUNCTION end_sign_ins();
"""

TRAIL = """
CREATE FUNCTION keep_trail() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'what stands in the audit trail stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'trail_is_only_added_to';
END
$$;
CREATE TRIGGER trail_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep_trail();
CREATE TRIGGER seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION keep_trail();

CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_unsealed (number) VALUES (NEW.number);
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_awaits_seal AFTER INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION await_seal();
"""

DROP_TRAIL = """
DROP TRIGGER entry_awaits_seal ON audit_entry;
DROP TRIGGER seals_stay ON audit_seal;
DROP TRIGGER trail_stays ON audit_entry;
DROP FUNCTION await_seal();
DROP FUNCTION keep_trail();
"""


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0032_sign_in"),
        ("dispatch", "0035_audit_walls"),
    ]
    dependencies = [("dispatch", "0005_custody")]
    operations = [
        migrations.RunSQL(SIGN_INS, DROP_SIGN_INS),
        migrations.RunSQL(TRAIL, DROP_TRAIL),
    ]
