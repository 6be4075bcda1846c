"""How requests come in from the network, and answers go out, without a thread that waits."""
