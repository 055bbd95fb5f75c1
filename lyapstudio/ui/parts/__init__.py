"""The small widgets: values in, past-tense signals out. They know roles, not models."""
