"""The HTTP API: each door parses, calls one function, and answers."""
