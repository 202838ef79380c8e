"""Why two networks differ: root causes, each with its share of the gap in cost."""
