"""Where the user's own data and caches lie."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def home() -> Path:
    """The user's own folder of snapshots and locks: `$ZOODIFF_HOME`, or where the system keeps a user's data."""
    chosen = os.environ.get("ZOODIFF_HOME")
    if chosen:
        return _path(chosen)
    from platformdirs import user_data_dir

    return _path(user_data_dir("zoodiff", appauthor=False))


def caches() -> Path:
    """Where environments, half-done work and measurements are: `$ZOODIFF_CACHE`, or the system's folder for caches."""
    chosen = os.environ.get("ZOODIFF_CACHE")
    if chosen:
        return _path(chosen)
    from platformdirs import user_cache_dir

    return _path(user_cache_dir("zoodiff", appauthor=False))


@cache
def _path(text: str) -> Path:
    """One object for one folder: it is asked for once a model."""
    return Path(text)
