"""zoodiff beside its peers: counters on the same networks, comparers on the same pairs, and growing collections."""
