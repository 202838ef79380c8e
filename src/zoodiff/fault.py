"""The errors a user can act on: what is wrong, where, and what to do next."""

from __future__ import annotations

import re
from typing import Final

MOST: Final = (1000, 4000)
"""characters of a message and of a hint; a name in a file may have millions"""
_CONTROL: Final = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


class Refusal(Exception):
    """A usage or input error: one clear message, exit code 2, never a traceback.

    `hint` says the likely cause or the next command to run. Both may repeat what a file says: control characters are
    replaced, and what is very long is cut in the middle.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = _short(plain(message), MOST[0])
        self.hint = _short(plain(hint), MOST[1])
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


def plain(text: str) -> str:
    """A text without what terminals obey and no XML may hold: control characters, and marks that turn its direction."""
    return text if text.isascii() and text.isprintable() else _CONTROL.sub("\ufffd", text)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"
