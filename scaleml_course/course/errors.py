"""The one kind of error that a user can mend, told without a traceback."""


class UserError(Exception):
    """Something the user asked for cannot be done; says what, where, and what to do next.

    Parameters
    ----------
    message : str
        What is wrong, naming the file, cell or option.
    remedy : str
        The next thing to do.
    exit_status : int
        What the command returns to the shell: 1 when work failed, 2 when the request itself was wrong.
    """

    def __init__(self, message: str, *, remedy: str = "", exit_status: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.exit_status = exit_status

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message
