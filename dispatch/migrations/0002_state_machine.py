"""Copy the state table into the database and let a trigger refuse every other change of status."""

from django.db import migrations

from dispatch.domain.visit import TRANSITIONS

GUARD = """
CREATE FUNCTION refuse_wrong_status() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'requested' THEN
            RAISE EXCEPTION 'a visit begins as requested, not as %', NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_begins_requested';
        END IF;
    ELSIF NEW.status <> OLD.status AND NOT EXISTS (
        SELECT FROM public.visit_transition
        WHERE from_status = OLD.status AND to_status = NEW.status
    ) THEN
        RAISE EXCEPTION 'no action leads from % to %', OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_follows_the_table';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER visit_status BEFORE INSERT OR UPDATE ON visit
    FOR EACH ROW EXECUTE FUNCTION refuse_wrong_status();
"""

DROP_GUARD = "DROP TRIGGER visit_status ON visit; DROP FUNCTION refuse_wrong_status();"


def copy_table(apps, schema_editor):
    transition = apps.get_model("dispatch", "VisitTransition")
    transition.objects.bulk_create(
        transition(from_status=before.value, action=action.value, to_status=after.value)
        for (before, action), after in TRANSITIONS.items()
    )


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_tables")]
    operations = [
        migrations.RunPython(copy_table, migrations.RunPython.noop),
        migrations.RunSQL(GUARD, DROP_GUARD),
    ]
