"""Check: every fault of every row at once."""
