"""`python -m tests.filling`: an empty database becomes one that a service can begin with.

What `make run` does in three processes is done in one. Migrating makes classes by the ten thousand,
all of which live to the end: nobody looks for garbage among them.
"""

import gc
import os
from io import StringIO

COMMANDS = (
    ("migrate", "--no-input", "--verbosity=0"),
    ("grant_application_role",),
    ("publish_protocols",),
)


def main() -> None:
    gc.disable()
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", AS_OWNER="true")
    import django

    django.setup()
    from django.core.management import call_command

    from dispatch import tenancy

    with tenancy.everywhere():
        for name, *options in COMMANDS:
            call_command(name, *options, stdout=StringIO())


if __name__ == "__main__":
    main()
