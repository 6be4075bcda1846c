"""Messages that are due, in a database of their own; and the same statements by pgbench."""
