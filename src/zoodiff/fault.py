"""The errors a user can act on: what is wrong, where, and what to do next."""


class Refusal(Exception):
    """A usage or input error: one clear message, exit code 2, never a traceback.

    `hint` says the likely cause or the next command to run.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message
