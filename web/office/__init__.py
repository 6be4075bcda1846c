"""What administrators keep: nurses, shifts, credentials, protocols and their market."""
