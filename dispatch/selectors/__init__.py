"""Reads; each returns frozen dataclasses or plain values, never querysets."""
