"""How long networks take on this machine, in rounds of processes."""
