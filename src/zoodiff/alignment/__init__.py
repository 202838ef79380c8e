"""Which step of one network is which of another, by structure alone, in stages."""
