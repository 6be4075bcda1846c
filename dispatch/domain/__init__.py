"""Plain Python: ids, errors, time, the visit's states, protocols, gates and events."""
