"""From a reference to a network: files, snapshots, names, and the shape of every tensor."""
