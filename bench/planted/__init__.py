"""Planted pairs: networks with known differences under disguises that are none, and the judge of who looks for them.

`draw(seed)` gives a pair with its truth, `score` judges a `diff` document about it. One kind of change is one generator
in a file of `mutations/`, one disguise one function in a file of `disguises/`; both are found by their decorators.
"""

from planted.drawing import Pair, bases, draw
from planted.scoring import Score, score
from planted.truth import Change, Truth

__all__ = ["Change", "Pair", "Score", "Truth", "bases", "draw", "score"]
