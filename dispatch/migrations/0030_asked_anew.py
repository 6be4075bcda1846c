from django.db import migrations

ABOUT_THE_REQUEST = """
    UPDATE message SET about_id = companion_request.id FROM companion_request
    WHERE companion_request.visit_id = message.visit_id
        AND companion_request.companion_id = message.person_id
        AND message.audience = 'companion' AND message.about_id = message.visit_id
        AND message.kind NOT IN ('running_late', 'earlier_again')
"""
"""What companions were told is about what they were asked: nobody is asked a second time."""


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0029_inbound"),
    ]

    operations = [migrations.RunSQL(ABOUT_THE_REQUEST, migrations.RunSQL.noop)]
