"""What goes out to people: by day, and by kind with its texts."""
