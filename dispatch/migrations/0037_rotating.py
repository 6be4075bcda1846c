"""Let the owner re-encrypt what was signed: its words stay, only the key under them changes.

Under the application's role nothing changes: to it, what was signed stays to the letter.
"""

from django.db import migrations

LET_THROUGH = """
CREATE FUNCTION is_rotating() RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(current_setting('dispatch.rotating', true), '') = 'on'
        AND current_user = (SELECT tableowner FROM pg_tables
                            WHERE schemaname = 'public' AND tablename = 'consent')
$$;
DROP TRIGGER consent_stays ON consent;
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION keep_paper();
DROP TRIGGER order_people ON clinical_order;
CREATE TRIGGER order_people BEFORE INSERT OR UPDATE ON clinical_order
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_order_people();
DROP TRIGGER custody_signature_holds ON custody_signature;
CREATE TRIGGER custody_signature_holds BEFORE INSERT OR UPDATE ON custody_signature
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_custody_signature();
DROP TRIGGER custody_entry_holds ON custody_entry;
CREATE TRIGGER custody_entry_holds AFTER INSERT OR UPDATE ON custody_entry
    FOR EACH ROW WHEN (NOT is_rotating()) EXECUTE FUNCTION check_custody_entry();
"""

AS_BEFORE = """
DROP TRIGGER consent_stays ON consent;
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent
    FOR EACH ROW EXECUTE FUNCTION keep_paper();
DROP TRIGGER order_people ON clinical_order;
CREATE TRIGGER order_people BEFORE INSERT OR UPDATE ON clinical_order
    FOR EACH ROW EXECUTE FUNCTION check_order_people();
DROP TRIGGER custody_signature_holds ON custody_signature;
CREATE TRIGGER custody_signature_holds BEFORE INSERT OR UPDATE ON custody_signature
    FOR EACH ROW EXECUTE FUNCTION check_custody_signature();
DROP TRIGGER custody_entry_holds ON custody_entry;
CREATE TRIGGER custody_entry_holds AFTER INSERT OR UPDATE ON custody_entry
    FOR EACH ROW EXECUTE FUNCTION check_custody_entry();
DROP FUNCTION is_rotating();
"""


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0036_calendars")]
    operations = [migrations.RunSQL(LET_THROUGH, AS_BEFORE)]
