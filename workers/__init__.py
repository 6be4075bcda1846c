"""Celery: its tasks carry pokes, never truth; what is to be done is read from PostgreSQL."""
