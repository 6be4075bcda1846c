"""Measurements: each is run as python -m benchmarks.<name> and prints one JSON line last."""
