"""Fills the demo market: rows for its people, and services for everything that happens to them."""
