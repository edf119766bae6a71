"""Problems: a cell, exact numbers and a rounding rule, and the readers of their files."""

from verifier.problem.keyed import KeyedError
from verifier.problem.model import Problem
from verifier.problem.read import filled, from_data, load, loads
from verifier.problem.settings import Detail, Notation, Scoring, Texts

__all__ = [
    "Detail",
    "KeyedError",
    "Notation",
    "Problem",
    "Scoring",
    "Texts",
    "filled",
    "from_data",
    "load",
    "loads",
]
