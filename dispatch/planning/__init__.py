"""Plain Python and numpy over whole seconds: which nurse can reach which visit, and why not."""
