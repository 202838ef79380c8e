"""What differs between two networks: as a document, in words, side by side."""
