"""The service's own processes killed, frozen and cut off while people book, and what must hold."""
