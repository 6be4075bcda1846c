"""Writes: one verb, one function, one transaction. Services do not call each other."""
