"""The workers' application without its poll: it sees what it is told to look at, and no more."""

from workers.bootsteps import Poll
from workers.celery import app

app.steps["worker"].discard(Poll)
