"""Which known architecture a network is, whatever it is called."""
