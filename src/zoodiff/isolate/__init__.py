"""A zoo's own code in an environment of its own: what it needs, locked, installed, proven, confined."""
