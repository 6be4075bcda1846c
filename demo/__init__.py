"""A market of invented people on real ground, and the walk from booking to completion."""
