"""The columns of the window: panels edit the document through the session."""
