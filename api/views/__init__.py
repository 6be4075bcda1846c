"""The doors, one resource a file."""
