"""Number operators by kind: what repeats, within a network and from one network to the next, is looked at once."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import count
from typing import Any, Final, Generic, TypeVar

MOST: Final = 1 << 14
"""Entries after which all is forgotten: networks of a few families have some hundreds of kinds each."""

_Key = TypeVar("_Key", bound=Hashable)
_Found = TypeVar("_Found")


class Memo(dict[_Key, _Found], Generic[_Key, _Found]):
    """What has been found out by kind; it forgets all before it grows without bound."""

    def opened(self) -> Memo[_Key, _Found]:
        """The same, with room for what a network adds."""
        if len(self) > MOST:
            self.clear()
        return self


numbers: Final = count()
"""Numbers that nothing else has, in any thread."""
new = numbers.__next__

types: Final[Memo[Hashable, int]] = Memo()
"""The number of a tensor's type, dimensions and known values."""
kinds: Final[Memo[Hashable, tuple[int, Any]]] = Memo()
"""The number of an operator's kind, with its attributes: they are told by identity, so none may go before its entry."""
