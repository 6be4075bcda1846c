"""Let the database note in which transaction a shift, or what its nurse holds, was last changed."""

from django.db import migrations

NOTES = """
CREATE FUNCTION note_transaction() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id()::text::bigint;
    RETURN NEW;
END
$$;
CREATE TRIGGER shift_changed BEFORE INSERT OR UPDATE ON shift
    FOR EACH ROW EXECUTE FUNCTION note_transaction();
CREATE TRIGGER nurse_changed BEFORE INSERT OR UPDATE ON nurse
    FOR EACH ROW EXECUTE FUNCTION note_transaction();

CREATE FUNCTION note_nurse() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.nurse SET changed_in = 0 WHERE id IN (OLD.nurse_id, NEW.nurse_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER licence_changed AFTER INSERT OR UPDATE OR DELETE ON licence
    FOR EACH ROW EXECUTE FUNCTION note_nurse();
CREATE TRIGGER certificate_changed AFTER INSERT OR UPDATE OR DELETE ON certificate
    FOR EACH ROW EXECUTE FUNCTION note_nurse();
CREATE TRIGGER shift_gone AFTER DELETE ON shift
    FOR EACH ROW EXECUTE FUNCTION note_nurse();

CREATE FUNCTION note_shift() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.shift SET changed_in = 0 FROM public.reservation
    WHERE shift.id = reservation.shift_id AND reservation.id = NEW.reservation_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_changed
    AFTER UPDATE OF status, window_start, window_end, location_id, reservation_id ON visit
    FOR EACH ROW WHEN (
        (OLD.status, OLD.window_start, OLD.window_end, OLD.location_id, OLD.reservation_id)
        IS DISTINCT FROM
        (NEW.status, NEW.window_start, NEW.window_end, NEW.location_id, NEW.reservation_id)
    )
    EXECUTE FUNCTION note_shift();
"""

DROP_NOTES = """
DROP TRIGGER visit_changed ON visit;
DROP TRIGGER shift_gone ON shift;
DROP TRIGGER certificate_changed ON certificate;
DROP TRIGGER licence_changed ON licence;
DROP TRIGGER nurse_changed ON nurse;
DROP TRIGGER shift_changed ON shift;
DROP FUNCTION note_shift();
DROP FUNCTION note_nurse();
DROP FUNCTION note_transaction();
"""


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0003_change_marks"),
    ]
    dependencies = [("dispatch", "0002_visits")]
    operations = [
        migrations.RunSQL(NOTES, DROP_NOTES),
    ]
