"""Let PostgreSQL refuse every change of a visit that the state table, what was told of the visit,
or its own papers do not bear.

A visit keeps its patient and treatment, holds no other patient's time, is under way only by what
was told of it, and is complete only after the discharge.
"""

from django.db import migrations

from dispatch.domain.visit import TRANSITIONS

STATES = """
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

DROP_STATES = """
DROP TRIGGER visit_status ON visit;
DROP FUNCTION refuse_wrong_status();
"""

TOLD = """
CREATE FUNCTION refuse_untold_status() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.status <> OLD.status
        AND NEW.status IN ('en_route', 'arrived', 'in_treatment', 'recovering', 'completed',
                           'no_show', 'aborted')
        AND NOT EXISTS (
            SELECT FROM public.field_event
            WHERE visit_id = NEW.id AND assignment_id IS NOT NULL AND type = ANY (
                CASE NEW.status
                    WHEN 'en_route' THEN ARRAY['depart']
                    WHEN 'arrived' THEN ARRAY['arrive']
                    WHEN 'in_treatment' THEN ARRAY['start-infusion']
                    WHEN 'recovering' THEN ARRAY['end-infusion']
                    WHEN 'completed' THEN ARRAY['complete']
                    WHEN 'no_show' THEN ARRAY['no-show']
                    ELSE ARRAY['abort', 'no-show']
                END
            )
        )
    THEN
        RAISE EXCEPTION 'nobody has told what makes the visit %', NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'visit_status_is_told';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER visit_told BEFORE UPDATE OF status ON visit
    FOR EACH ROW EXECUTE FUNCTION refuse_untold_status();
"""

DROP_TOLD = """
DROP TRIGGER visit_told ON visit;
DROP FUNCTION refuse_untold_status();
"""

KEPT = """
CREATE FUNCTION refuse_paper(wall text, told text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', told USING ERRCODE = 'check_violation', CONSTRAINT = wall;
END
$$;

CREATE FUNCTION keep_visit() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.patient_id, NEW.protocol_id, NEW.market_id, NEW.booked_at)
        <> (OLD.patient_id, OLD.protocol_id, OLD.market_id, OLD.booked_at)
    THEN
        PERFORM public.refuse_paper('visit_stays_whose_it_is',
            'a visit keeps its patient and its treatment');
    END IF;
    IF NEW.reservation_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.reservation
        WHERE id = NEW.reservation_id AND patient_id = NEW.patient_id)
    THEN
        PERFORM public.refuse_paper('visit_has_its_own_time',
            'a visit holds the time that was reserved for its patient');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER visit_stays BEFORE INSERT OR UPDATE OF
    patient_id, protocol_id, market_id, booked_at, reservation_id ON visit
    FOR EACH ROW EXECUTE FUNCTION keep_visit();

CREATE FUNCTION check_discharge() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.field_event
        WHERE visit_id = NEW.id AND assignment_id IS NOT NULL AND type = 'discharge')
    THEN
        PERFORM public.refuse_paper('completed_after_discharge',
            'a visit is completed when the patient was discharged');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER visit_was_discharged BEFORE UPDATE OF status ON visit
    FOR EACH ROW WHEN (NEW.status = 'completed' AND OLD.status <> 'completed')
    EXECUTE FUNCTION check_discharge();
"""

DROP_KEPT = """
DROP TRIGGER visit_was_discharged ON visit;
DROP TRIGGER visit_stays ON visit;
DROP FUNCTION check_discharge();
DROP FUNCTION keep_visit();
DROP FUNCTION refuse_paper(text, text);
"""


def copy_table(apps, schema_editor):
    transition = apps.get_model("dispatch", "VisitTransition")
    transition.objects.bulk_create(
        transition(from_status=before.value, action=action.value, to_status=after.value)
        for (before, action), after in TRANSITIONS.items()
    )


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0002_state_machine"),
        ("dispatch", "0020_status_is_told"),
    ]
    dependencies = [("dispatch", "0001_initial")]
    operations = [
        migrations.RunPython(copy_table, migrations.RunPython.noop),
        migrations.RunSQL(STATES, DROP_STATES),
        migrations.RunSQL(TOLD, DROP_TOLD),
        migrations.RunSQL(KEPT, DROP_KEPT),
    ]
