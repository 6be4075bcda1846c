"""PostgreSQL as Django speaks to it, told with every transaction whose rows may be seen."""
