"""Small named changes of a problem, one file a family.

`variants(problem, "mistake")` and `variants(problem, "convention")` give the changed problems;
`evaluate(v.problem, v.wrap(arithmetic))` gives a changed problem's trace under any arithmetic.
"""

from verifier.rewrites.catalogue import CATALOGUE, again, variants
from verifier.rewrites.model import Rewrite, Variant

__all__ = ["CATALOGUE", "Rewrite", "Variant", "again", "variants"]
