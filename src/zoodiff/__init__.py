"""Same name, same network? Measures and compares pre-trained neural networks across model zoos."""
