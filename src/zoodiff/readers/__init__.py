"""Readers: one file per model format; each turns a file into a Graph without reading weights.

A unit binds `sniff(head: bytes, path: Path) -> bool`, which looks at the file's first bytes and leaves no trace, and
`read(path, inputs=None) -> Graph`, which raises Refusal on what it cannot read. `inputs` maps an input's name (or the
empty string: the only input) to the dimensions to use instead of those in the file. The docstring's first line names
the format.
"""
