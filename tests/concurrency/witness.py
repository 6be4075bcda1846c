"""PostgreSQL itself as the witness: a trigger of the owner writes down, at every attempt that is
begun, the visit as it stands committed at that moment."""

from collections import Counter
from collections.abc import Callable

import psycopg

from tests.databases import Clone

WITNESS = """
    CREATE TABLE seen_at_begin (message_id uuid, status text);
    GRANT INSERT, SELECT ON seen_at_begin TO PUBLIC;
    CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO seen_at_begin
        SELECT m.id, v.status FROM message m JOIN visit v ON v.id = m.visit_id
        WHERE m.id = NEW.message_id AND m.kind <> 'cancelled';
        RETURN NEW;
    END $$;
    CREATE TRIGGER look AFTER INSERT ON message_attempt FOR EACH ROW EXECUTE FUNCTION look();
"""


def watch_begins(database: Clone) -> Callable[[], Counter[str]]:
    """How many messages were begun while their visit had which status; notices of the end apart."""
    with psycopg.connect(database.owner_url) as owner:
        owner.execute(WITNESS)

    def count() -> Counter[str]:
        with psycopg.connect(database.url) as connection:
            rows = connection.execute("SELECT status FROM seen_at_begin").fetchall()
        return Counter(status for (status,) in rows)

    return count
