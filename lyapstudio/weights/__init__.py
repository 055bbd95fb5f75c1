"""Learning rules, and how weights are represented: dense or low rank, both exact."""
