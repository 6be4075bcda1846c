"""What waits for a prescriber: clearances, orders, responses and tasks."""
