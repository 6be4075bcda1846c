"""Real PostgreSQL and Valkey from wheels, under `var/`, for one's own machine and tests."""
