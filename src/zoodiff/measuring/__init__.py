"""What a network costs: operations, parameters and memory, and what it is told by."""
