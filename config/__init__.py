"""How the service is configured, started and wired to its servers."""
