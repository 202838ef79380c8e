"""What is fuzzed: one file per reader or stage.

Each binds `seeds() -> list[bytes]`, good inputs; `change(data, random, others) -> bytes`, a bad input from a good one;
`run(data) -> None`, which may raise Refusal and nothing else, and must be quick and frugal.
"""
