"""Two networks run on the same random weights: whether they are one."""
