#!/usr/bin/env python
"""Runs a management command under the database role, and with the secrets, that it needs."""

import os
import sys

import config.started  # noqa: F401 - it reads the clock as it is imported

AS_OWNER = {"migrate", "sqlmigrate", "grant_application_role", "rotate_index", "rotate_keys"}
WITHOUT_SERVERS = {"help", "makemigrations", "plan", "spectacular"}


def choose_environment(command: str) -> None:
    """Tables change under the owner's role; what touches no data needs neither server nor key."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if command in AS_OWNER:
        os.environ["AS_OWNER"] = "true"
    if command in WITHOUT_SERVERS:
        from config.standalone import environment

        for name, value in environment().items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    choose_environment(sys.argv[1] if len(sys.argv) > 1 else "help")

    from django.core.management import execute_from_command_line

    from dispatch import tenancy

    with tenancy.everywhere():  # whoever may run commands looks after all markets
        execute_from_command_line(sys.argv)
