"""Let a visit be under way only by what was told of it; say so of those that are under way.

The rows of ``visit_transition`` for corrections are copied here where an older database lacks
them: 0002 copies the table as it stands in the code.
"""

import json

from django.db import migrations

GUARD = """
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

DROP_GUARD = "DROP TRIGGER visit_told ON visit; DROP FUNCTION refuse_untold_status();"

CORRECTIONS = [
    ("completed", "correct", "aborted"),
    ("no_show", "correct", "aborted"),
    ("completed", "reopen", "recovering"),
]
STEPS = {
    "departed_at": "depart",
    "arrived_at": "arrive",
    "infusion_started_at": "start-infusion",
    "infusion_ended_at": "end-infusion",
    "discharged_at": "discharge",
    "completed_at": "complete",
}
BREAKS = {"no_show": "no-show", "aborted": "abort"}


def copy_corrections(apps, schema_editor):
    transition = apps.get_model("dispatch", "VisitTransition")
    rows = [
        transition(from_status=before, action=action, to_status=after)
        for before, action, after in CORRECTIONS
    ]
    transition.objects.bulk_create(rows, ignore_conflicts=True)


def tell_of_steps_taken(apps, schema_editor):
    visit, event, assignment = (
        apps.get_model("dispatch", name) for name in ("Visit", "FieldEvent", "Assignment")
    )
    for row in visit.objects.filter(departed_at__isnull=False):
        had = assignment.objects.filter(visit=row).order_by("-since").first()
        if had is None or had.nurse.user_id is None:
            continue
        told = [(kind, getattr(row, name)) for name, kind in STEPS.items() if getattr(row, name)]
        if row.status in BREAKS:
            told.append((BREAKS[row.status], max(at for _, at in told)))
        event.objects.bulk_create(
            event(
                market_id=row.market_id, visit=row, assignment=had, type=kind, device_time=at,
                received_at=at, recorded_by_id=had.nurse.user_id, data=json.dumps({}),
            )
            for kind, at in told
        )


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0019_field_events")]
    operations = [
        migrations.RunSQL(GUARD, DROP_GUARD),
        migrations.RunPython(copy_corrections, migrations.RunPython.noop),
        migrations.RunPython(tell_of_steps_taken, migrations.RunPython.noop),
    ]
