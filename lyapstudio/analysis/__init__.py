"""Questions asked of a network: what did it end in, how are memories related."""
