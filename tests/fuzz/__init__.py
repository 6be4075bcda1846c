"""Whatever the API's document allows, and what it forbids, asked of the running service."""
