"""The dispatchers' board: a day of the market, and everything that is done to it."""
