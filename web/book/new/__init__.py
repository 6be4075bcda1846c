"""A booking from the first question to done, one thing at a screen, each at its own address."""
