"""The windows beside the window: each asks for one thing, in the same frame."""
