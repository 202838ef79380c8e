"""Datasets: one file per layout of labelled images; each finds the images in a folder or file and unpacks nothing.

A unit binds `sniff(path: Path) -> bool`, which looks at names and first bytes and leaves no trace, and
`find(path: Path) -> Dataset`, which lists the images without reading them, in an order that its docstring states, and
raises Refusal where labels are missing or a member leads out of its folder. `dataset.open` has checked that the path
exists, checks what `find` returns, and limits what is read. The docstring's first line names the layout.

A worked example, pictures named like `7_dog.png` whose label is the leading number:

    from zoodiff.validation.dataset import Dataset, images_in, read_file

    def sniff(path):
        return any(name.split("_")[0].isdecimal() for name in images_in(path))

    def find(path):
        names = images_in(path)
        labels = [int(name.split("_")[0]) for name in names]
        return Dataset("numbered", path, names, labels, lambda at: read_file(path / names[at]))
"""
