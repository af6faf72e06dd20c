"""The one error that is shown to a person as a line, not as a traceback."""


class UserError(Exception):
    """Something the person running the command can mend; says what, where and what to do now."""
