"""Commands that act as a worker does."""
