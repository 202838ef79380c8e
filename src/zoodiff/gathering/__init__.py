"""From a zoo's own release to a snapshot, and what was gathered checked again."""
