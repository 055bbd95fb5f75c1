"""The one exception whose text is meant for the person at the window."""


class UserError(Exception):
    """Something the user can mend. The text is a whole sentence that says what to do."""
