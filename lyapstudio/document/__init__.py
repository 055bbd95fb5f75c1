"""What is saved, and pure functions that change it; undo; files; importers."""
