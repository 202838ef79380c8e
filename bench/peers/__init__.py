"""zoodiff beside its peers: counters on the same networks, comparers on the same pairs, and growing collections.

`make peers` measures all and writes docs/speed.md. A peer is one file in `counters/` or `comparers/`, with a header
that states what it needs as a zoo's does (`src/zoodiff/zoos/__init__.py`), its own version exactly. It runs in an
environment of its own; whatever it imports is imported inside its functions.

- Both: `NAME`; `prove()`, which raises unless the tool works in its environment.
- A counter: `READS` (`onnx`: a path; `torchvision`: a module and its input's shape; `keras`: a model and its input's
  shape), `PER_MAC` (of its unit in one multiply-accumulate), `CONVENTION` (zoodiff's that re-creates it, or None),
  `NOTE` (what it counts besides, or leaves out), and `count(...)`, which returns the number that the tool prints.
- A comparer: `SUFFIX` (of the files that it reads) and `METHODS`, by name: functions of two paths that return whether
  the two `differ`, the `places` where (names in either; None where it tells none), and what was `said`.

What cannot be installed, fails or takes too long is a row with its reason.
"""
