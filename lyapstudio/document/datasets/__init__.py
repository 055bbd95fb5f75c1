"""Data sets to learn from: where they come from, how they are read, what is kept aside."""
