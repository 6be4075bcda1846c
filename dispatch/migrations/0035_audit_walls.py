"""Sign the entries that are there already; from then on entries and seals are added and stay.

A trigger puts down that an entry waits for its seal, in the transaction that writes the entry, by
whatever way it is written.
"""

from django.conf import settings
from django.db import migrations, transaction

from dispatch import tenancy
from dispatch.domain.trail import FIRST_KEY, Entry, mac_of

AT_ONCE = 1000

WALLS = """
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

DROP_WALLS = """
DROP TRIGGER entry_awaits_seal ON audit_entry;
DROP TRIGGER seals_stay ON audit_seal;
DROP TRIGGER trail_stays ON audit_entry;
DROP FUNCTION await_seal();
DROP FUNCTION keep_trail();
"""

SIGNED = "UPDATE audit_entry SET mac = %s WHERE id = %s"
WAITING = "INSERT INTO audit_unsealed (number) SELECT number FROM audit_entry WHERE id = ANY(%s)"


def sign_what_is_there(apps, schema_editor) -> None:
    """A thousand at a time, so that it may be broken off and begun again."""
    rows = apps.get_model("dispatch", "AuditEntry").objects.filter(mac=b"").order_by("id")
    with tenancy.everywhere():
        while batch := list(rows.values_list(*Entry.__dataclass_fields__)[:AT_ONCE]):
            with transaction.atomic(), schema_editor.connection.cursor() as cursor:
                entries = [Entry(*row) for row in batch]
                signed = [(mac_of(one, settings.AUDIT_KEYS[FIRST_KEY]), one.id) for one in entries]
                cursor.executemany(SIGNED, signed)
                cursor.execute(WAITING, [[one.id for one in entries]])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("dispatch", "0034_audit_chain")]
    operations = [
        migrations.RunPython(sign_what_is_there, migrations.RunPython.noop),
        migrations.RunSQL(WALLS, DROP_WALLS),
    ]
