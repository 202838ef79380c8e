"""Runners: one file per kind of model file; each loads a model and answers a batch of inputs, in a process of its own.

A unit binds `sniff(head: bytes, path: Path) -> bool`, which looks at a file's first bytes, and `load(path: Path,
threads: int, name: str) -> Session`, which is called only in that process; `name` is the model's in its zoo, or empty.
A unit that needs a package of this Python binds `NEEDS`, the module that must be there, and `EXTRA`, what to install
for it; one that runs in a zoo's own environment binds `ZOOS`, the ids of the zoos whose models it loads, and gets
`ZOO:MODEL/WEIGHTS` as the name. It imports numpy and the standard library, and what runs the model inside its functions
only. A session has these attributes:

    shape          of the only input, the batch first; None is a free dimension
    dtype          of the input, as numpy calls it
    quantisation   scale and zero point of an integer input, or None
    classes        how many scores there are for an image
    runtime        what runs it, `PACKAGE==VERSION`
    run(batch)     scores of a batch: an array, images x classes; whatever it raises is told to the user

A worked example, a file of weights for a linear classifier:

    def sniff(head, path):
        return head.startswith(b"LINEAR")

    def load(path, threads, name):
        return Linear(numpy.load(path))
"""
