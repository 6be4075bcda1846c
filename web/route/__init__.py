"""The nurse's day on the phone, with or without a connection."""
