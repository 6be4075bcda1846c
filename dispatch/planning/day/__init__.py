"""Whole days planned at once: which nurse serves which visits, in which order."""
