"""The verbs of the command line, by what one is after; each imports what it needs when it runs."""
