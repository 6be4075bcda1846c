"""Let PostgreSQL itself refuse entries, signatures and completions that custody does not bear."""

from django.db import migrations

WALLS = """
CREATE FUNCTION refuse_custody(wall text, told text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', told USING ERRCODE = 'check_violation', CONSTRAINT = wall;
END
$$;

CREATE FUNCTION check_custody_entry() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held public.vial;
    in_stock bigint;
    lies_returned bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(2, hashtext(NEW.vial_id::text));
    SELECT * INTO held FROM public.vial WHERE id = NEW.vial_id;
    IF held.market_id IS DISTINCT FROM NEW.market_id
        OR NOT EXISTS (
            SELECT FROM public.user_account
            WHERE id = NEW.recorded_by_id AND market_id = NEW.market_id)
        OR NEW.visit_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.visit WHERE id = NEW.visit_id AND market_id = NEW.market_id)
        OR NEW.nurse_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.nurse WHERE id = NEW.nurse_id AND market_id = NEW.market_id)
    THEN
        PERFORM public.refuse_custody('custody_in_one_market',
            'vial, visit and people of an entry are of its market');
    END IF;
    IF NEW.kind IN ('received', 'checked_out', 'returned', 'restocked')
        AND NEW.ug <> held.content_ug
    THEN
        PERFORM public.refuse_custody('vial_moves_whole', 'such an entry moves the whole vial');
    END IF;
    IF NEW.kind = 'restocked' AND NOT EXISTS (
        SELECT FROM public.custody_entry AS back
        JOIN public.custody_signature AS signature ON signature.entry_id = back.id
        WHERE back.id = NEW.restocks_id AND back.kind = 'returned' AND back.vial_id = NEW.vial_id)
    THEN
        PERFORM public.refuse_custody('restocked_was_returned',
            'only a vial that was returned, and that signed, is put into stock');
    END IF;
    SELECT coalesce(sum(ug) FILTER (WHERE target = 'stock'), 0)
            - coalesce(sum(ug) FILTER (WHERE source = 'stock'), 0),
           coalesce(sum(ug) FILTER (WHERE target = 'returned'), 0)
            - coalesce(sum(ug) FILTER (WHERE source = 'returned'), 0)
        INTO in_stock, lies_returned
        FROM public.custody_entry WHERE vial_id = NEW.vial_id;
    IF in_stock NOT BETWEEN 0 AND held.content_ug OR lies_returned < 0 THEN
        PERFORM public.refuse_custody('stock_is_never_overdrawn',
            'stock holds no less than nothing and no more than the vial');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER custody_entry_holds AFTER INSERT OR UPDATE ON custody_entry
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_custody_entry();

CREATE FUNCTION check_custody_signature() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen public.custody_entry;
BEGIN
    SELECT * INTO seen FROM public.custody_entry WHERE id = NEW.entry_id;
    IF seen.kind IS NULL OR seen.kind NOT IN ('wasted', 'returned', 'discrepancy') THEN
        PERFORM public.refuse_custody('signed_is_witnessed', 'nobody signs such an entry');
    END IF;
    IF NEW.signed_by_id = seen.recorded_by_id OR EXISTS (
        SELECT FROM public.nurse WHERE id = seen.nurse_id AND user_id = NEW.signed_by_id)
    THEN
        PERFORM public.refuse_custody('two_people_sign',
            'another person signs than who recorded the entry or had the vial');
    END IF;
    IF seen.market_id <> NEW.market_id OR NOT EXISTS (
        SELECT FROM public.user_account
        WHERE id = NEW.signed_by_id AND market_id = NEW.market_id
            AND role IN ('nurse', 'prescriber') AND is_active)
    THEN
        PERFORM public.refuse_custody('witness_is_licensed',
            'a nurse or prescriber of the market signs');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER custody_signature_holds BEFORE INSERT OR UPDATE ON custody_signature
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_custody_signature();

CREATE FUNCTION check_custody_of_visit() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.custody_entry WHERE visit_id = NEW.id GROUP BY vial_id
        HAVING sum(CASE WHEN target = 'nurse' THEN ug::bigint ELSE -ug::bigint END) <> 0
    ) OR EXISTS (
        SELECT FROM public.custody_entry AS entry
        WHERE visit_id = NEW.id AND kind IN ('wasted', 'returned', 'discrepancy')
            AND NOT EXISTS (
                SELECT FROM public.custody_signature WHERE entry_id = entry.id)
    ) THEN
        PERFORM public.refuse_custody('completed_with_custody_settled',
            'a visit is completed when its vials balance and a second person has signed');
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER visit_custody BEFORE UPDATE OF status ON visit
    FOR EACH ROW WHEN (NEW.status = 'completed' AND OLD.status <> 'completed')
    EXECUTE FUNCTION check_custody_of_visit();
"""

DROP_WALLS = """
DROP TRIGGER visit_custody ON visit;
DROP TRIGGER custody_signature_holds ON custody_signature;
DROP TRIGGER custody_entry_holds ON custody_entry;
DROP FUNCTION check_custody_of_visit();
DROP FUNCTION check_custody_signature();
DROP FUNCTION check_custody_entry();
DROP FUNCTION refuse_custody(text, text);
"""


class Migration(migrations.Migration):
    replaces = [
        ("dispatch", "0011_custody_walls"),
    ]
    dependencies = [("dispatch", "0004_papers")]
    operations = [
        migrations.RunSQL(WALLS, DROP_WALLS),
    ]
