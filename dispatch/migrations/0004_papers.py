"""Let PostgreSQL keep papers as they were signed.

Consents and clearances are only withdrawn, and once; a clearance follows from answers that allow
it, or from a prescriber's decision; an order is signed and confirmed by those who may, another
dose by two of them; versions of protocols stay as they were written. The owner of the tables may
re-encrypt what was signed: its words stay, only the key under them changes.
"""

from django.db import migrations

ROTATING = """
CREATE FUNCTION is_rotating() RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(current_setting('dispatch.rotating', true), '') = 'on'
        AND current_user = (SELECT tableowner FROM pg_tables
                            WHERE schemaname = 'public' AND tablename = 'consent')
$$;
"""

DROP_ROTATING = """
DROP FUNCTION is_rotating();
"""

PAPERS = """
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
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION keep_paper();
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
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_order_people();
"""

DROP_PAPERS = """
DROP TRIGGER order_people ON clinical_order;
DROP TRIGGER clearance_follows ON clearance;
DROP TRIGGER clearance_stays ON clearance;
DROP TRIGGER consent_stays ON consent;
DROP FUNCTION check_order_people();
DROP FUNCTION check_clearance();
DROP FUNCTION is_one_of(uuid, text[], uuid);
DROP FUNCTION keep_paper();
"""

ORDERS = """
CREATE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_dose integer;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_by_id IS NOT NULL THEN
            RAISE EXCEPTION 'an order is confirmed after it was signed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_second_person';
        END IF;
        SELECT dose_ug_per_kg INTO last_dose FROM public.clinical_order
        WHERE patient_id = NEW.patient_id AND protocol_code = NEW.protocol_code
            AND (NOT to_confirm OR confirmed_at IS NOT NULL)
        ORDER BY since DESC, id DESC LIMIT 1;
        IF FOUND AND NOT NEW.to_confirm AND last_dose IS DISTINCT FROM NEW.dose_ug_per_kg THEN
            RAISE EXCEPTION 'another dose is confirmed by a second person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_second_person';
        END IF;
    ELSIF ROW(NEW.id, NEW.patient_id, NEW.protocol_code, NEW.infusions, NEW.dose_ug_per_kg,
              NEW.since, NEW.until, NEW.signed_by_id, NEW.to_confirm)
          IS DISTINCT FROM
          ROW(OLD.id, OLD.patient_id, OLD.protocol_code, OLD.infusions, OLD.dose_ug_per_kg,
              OLD.since, OLD.until, OLD.signed_by_id, OLD.to_confirm)
          OR (OLD.confirmed_by_id IS NOT NULL
              AND ROW(NEW.confirmed_by_id, NEW.confirmed_at)
                  IS DISTINCT FROM ROW(OLD.confirmed_by_id, OLD.confirmed_at))
          OR (OLD.withdrawn_at IS NOT NULL
              AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) THEN
        RAISE EXCEPTION 'a signed order is only confirmed and withdrawn, each once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_stays_as_signed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_guard BEFORE INSERT OR UPDATE ON clinical_order
    FOR EACH ROW EXECUTE FUNCTION guard_order();
"""

DROP_ORDERS = """
DROP TRIGGER order_guard ON clinical_order;
DROP FUNCTION guard_order();
"""

VERSIONS = """
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

DROP_VERSIONS = """
DROP TRIGGER protocol_stays ON protocol;
DROP TRIGGER questionnaire_stays ON questionnaire;
DROP FUNCTION refuse_rewriting();
"""


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0015_order_second_person"),
        ("dispatch", "0018_protocol_versions"),
        ("dispatch", "0022_papers_stay"),
        ("dispatch", "0037_rotating"),
    ]
    dependencies = [("dispatch", "0003_marks_of_change")]
    operations = [
        migrations.RunSQL(ROTATING, DROP_ROTATING),
        migrations.RunSQL(PAPERS, DROP_PAPERS),
        migrations.RunSQL(ORDERS, DROP_ORDERS),
        migrations.RunSQL(VERSIONS, DROP_VERSIONS),
    ]
