"""Let PostgreSQL keep papers as they were signed, and visits whose they are.

Consents and clearances are only withdrawn, and once; a clearance follows from answers that allow
it, or from a prescriber's decision; an order keeps its diagnoses and is signed and confirmed by
those who may. A visit keeps its patient and treatment, holds no other patient's time, and is
complete only after the discharge.
"""

from django.db import migrations

WALLS = """
CREATE FUNCTION refuse_paper(wall text, told text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', told USING ERRCODE = 'check_violation', CONSTRAINT = wall;
END
$$;

CREATE FUNCTION keep_paper() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_jsonb(NEW) - 'withdrawn_at' <> to_jsonb(OLD) - 'withdrawn_at'
        OR OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at
    THEN
        PERFORM public.refuse_paper('paper_is_only_withdrawn',
            'what was signed or given is only withdrawn, and once');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent
    FOR EACH ROW EXECUTE FUNCTION keep_paper();
CREATE TRIGGER clearance_stays BEFORE UPDATE ON clearance
    FOR EACH ROW EXECUTE FUNCTION keep_paper();

CREATE FUNCTION is_one_of(person uuid, roles text[], market uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM public.user_account
        WHERE id = person AND role = ANY (roles) AND market_id = market)
$$;

CREATE FUNCTION check_clearance() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.screening AS judged
        JOIN public.protocol AS p ON p.id = judged.protocol_id
        WHERE judged.id = NEW.screening_id AND judged.patient_id = NEW.patient_id
            AND p.code = NEW.protocol_code
            AND (judged.outcome = 'cleared' OR judged.outcome = 'review'
                AND public.is_one_of(NEW.decided_by_id, ARRAY['prescriber'], NEW.market_id)))
    THEN
        PERFORM public.refuse_paper('clearance_follows_from_answers',
            'the answers do not clear the patient, and no prescriber has');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER clearance_follows BEFORE INSERT ON clearance
    FOR EACH ROW EXECUTE FUNCTION check_clearance();

CREATE FUNCTION check_order_people() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.diagnoses, NEW.market_id) <> (OLD.diagnoses, OLD.market_id) THEN
        PERFORM public.refuse_paper('order_stays_as_signed', 'a signed order keeps its diagnoses');
    END IF;
    IF NOT public.is_one_of(NEW.signed_by_id, ARRAY['prescriber'], NEW.market_id)
        OR NEW.confirmed_by_id IS NOT NULL AND NOT public.is_one_of(
            NEW.confirmed_by_id, ARRAY['prescriber', 'nurse'], NEW.market_id)
    THEN
        PERFORM public.refuse_paper('order_by_those_who_may',
            'a prescriber signs, and a nurse or prescriber confirms');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_people BEFORE INSERT OR UPDATE ON clinical_order
    FOR EACH ROW EXECUTE FUNCTION check_order_people();

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

DROP_WALLS = """
DROP TRIGGER visit_was_discharged ON visit;
DROP TRIGGER visit_stays ON visit;
DROP TRIGGER order_people ON clinical_order;
DROP TRIGGER clearance_follows ON clearance;
DROP TRIGGER clearance_stays ON clearance;
DROP TRIGGER consent_stays ON consent;
DROP FUNCTION check_discharge();
DROP FUNCTION keep_visit();
DROP FUNCTION check_order_people();
DROP FUNCTION check_clearance();
DROP FUNCTION is_one_of(uuid, text[], uuid);
DROP FUNCTION keep_paper();
DROP FUNCTION refuse_paper(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0021_task_kinds")]
    operations = [migrations.RunSQL(WALLS, DROP_WALLS)]
