"""Papers: one file each; builds the networks of an origin paper as it states them, and says what it leaves open.

A unit binds `PAPER: zoodiff.reading.paper.Paper`. Its id is the file's name, with dashes; its docstring is what
`explain` prints first. The networks' names (`paper:resnet50-v1`) are canonical names where one paper has the
architecture, and the `architectures` of a network say of which canonical names it is the origin: what belongs to a name
is data in the paper's file. Every fact and every printed number says where it stands in the paper. A quote is only
there where its words were read, and says where; else it is `unquoted`. What the paper does not state is an `Open` point
with the choice made. A printed number that does not fit the paper's own table says so (`misfit`).
docs/how-to-add-a-paper.md shows how.
"""
